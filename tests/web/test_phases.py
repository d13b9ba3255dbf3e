"""Enrolments dated before their phase, from anybody, and the reports that follow."""

from typing import Any

import pytest

from chalicelib.domain.instant import DAY, HOUR, MINUTE, SECOND, iso_at
from chalicelib.domain.visitors.visitor import Enrollment
from chalicelib.web.http.token import sign
from tests.django_lean.steps import HUMAN, night, operate
from tests.web.client import NOW, SERVER, TOKENS, Site

TELLERS = [pytest.param(None, id="browser"), pytest.param(SERVER, id="server")]
PEOPLE = 40


@pytest.fixture
def running(site: Site) -> Site:
    """Enabled for days; its weights are changed an hour before noon."""
    start = iso_at(NOW - 4 * DAY)
    site.load({"name": "on", "state": "enabled", "started_at": start, "goals": ["buy"]})
    site.now = NOW - HOUR
    assert operate(site, "PATCH", "/admin/experiments/on", {"weights": [0.4, 0.6]}).status == 200
    site.now = NOW
    return site


def attack(
    site: Site, key: str | None, name: str = "on", age: int = 82_000_000, phase: int | None = 2
) -> None:
    """A confirmation, an enrolment and a goal of many, each dated before the phase that it names."""
    for number in range(PEOPLE):
        enroll = {"type": "enroll", "id": "e", "experiment": name, "age": age}
        events = [
            {"type": "confirm", "id": "c", "age": age},
            enroll if phase is None else {**enroll, "phase": phase},
            {"type": "goal", "id": "g1", "goal": "buy", "age": age - MINUTE},
            {"type": "goal", "id": "g2", "goal": "buy", "age": 1000},
        ]
        visitor = sign(f"visitor-{number:08d}", [TOKENS])
        site.post("/e/collect", {"visitor": visitor, "events": events}, key, **HUMAN)


def whole_report(site: Site, name: str, day: str) -> Any:
    """With its tallies, as it is stored."""
    found = site.store.load_report(name, day)
    assert found is not None
    assert "error" not in found
    return found


def totals(report: Any, phase: int) -> dict[str, tuple[int, int]]:
    """By variation how many took part and how many of them converted, up to the report's day."""
    return {
        arm["variation"]: (
            sum(arm["enrolled"].values()),
            sum(row[0] for row in arm["goals"].get("buy", {}).values()),
        )
        for arm in report["tallies"]
        if arm["phase"] == phase
    }


@pytest.mark.parametrize("key", TELLERS)
def test_an_enrolment_dated_before_its_phase_counts_from_its_start(running: Site, key: str | None) -> None:
    attack(running, key)
    job = night(running)
    found = whole_report(running, "on", "2026-03-10")

    assert job["state"] == "succeeded"
    assert sum(n for n, _ in totals(found, 2).values()) == PEOPLE
    assert all(n == reached for n, reached in totals(found, 2).values())
    assert totals(found, 1) == {}


@pytest.mark.parametrize("key", TELLERS)
def test_one_that_names_no_phase_is_of_the_phase_of_its_day(running: Site, key: str | None) -> None:
    attack(running, key, phase=None)
    job = night(running)

    assert job["state"] == "succeeded"
    assert sum(n for n, _ in totals(whole_report(running, "on", "2026-03-10"), 1).values()) == PEOPLE


def test_what_was_stored_before_this_was_known_harms_no_night(running: Site) -> None:
    attack(running, None)
    for number in range(PEOPLE):
        visitor, version = running.store.load_visitor(f"visitor-{number:08d}", running.now)
        place = visitor.enrollments["on"]
        old = Enrollment(place.variation, place.phase, NOW - DAY, place.event)
        running.store.save_visitor(visitor._replace(enrollments={"on": old}), version)
    job = night(running)

    assert job["state"] == "succeeded"
    assert sum(n for n, _ in totals(whole_report(running, "on", "2026-03-10"), 2).values()) == PEOPLE


@pytest.mark.parametrize("key", TELLERS)
@pytest.mark.parametrize("phase", [None, 1])
def test_nobody_enrols_before_a_start_that_lies_ahead(site: Site, key: str | None, phase: int | None) -> None:
    start = NOW + 2 * DAY
    entry = {"name": "soon", "started_at": iso_at(start), "goals": ["buy"]}
    assert operate(site, "POST", "/admin/experiments", entry).status == 201
    assert operate(site, "POST", "/admin/experiments/soon/enable").body["enabled"] == [[iso_at(start), None]]
    for at in (NOW, start - SECOND):
        site.now = at
        attack(site, key, "soon", age=HOUR, phase=phase)
        shown = site.send("GET", "/e/assign?experiments=soon", **HUMAN).body["assignments"]["soon"]
        asked = {"user_id": "7", "experiments": ["soon"]}
        told = site.post("/v1/assign", asked).body["assignments"]["soon"]
        assert [(each["variation"], each["in_experiment"]) for each in (shown, told)] == [
            ("control", False)
        ] * 2
        enrolled = [site.store.load_visitor(each, site.now)[0].enrollments for each in site.store.visitors]
        assert not any(enrolled)
    site.now = start
    attack(site, key, "soon", age=0, phase=phase)
    job = night(site)

    assert job["state"] == "succeeded"
    assert sum(n for n, _ in totals(whole_report(site, "soon", "2026-03-12"), 1).values()) == PEOPLE


def test_after_an_end_that_was_set_ahead_all_see_control_and_nobody_enrols(site: Site) -> None:
    dates = {"started_at": iso_at(NOW - DAY), "ended_at": iso_at(NOW + DAY)}
    site.load({"name": "on", "state": "enabled", **dates, "goals": ["buy"]})
    attack(site, None, age=HOUR, phase=1)
    before = dict(site.store.visitors)
    site.now = NOW + DAY
    asked = {"user_id": "7", "experiments": ["on"]}
    told = site.post("/v1/assign", asked).body["assignments"]["on"]

    assert len(before) == PEOPLE
    assert (told["variation"], told["in_experiment"], told["reason"]) == ("control", False, "ended")
    assert site.store.visitors == before
    assert night(site)["state"] == "succeeded"


def test_plans_of_every_kind_harm_no_night(site: Site) -> None:
    ahead = {"started_at": iso_at(NOW + 2 * DAY), "ended_at": iso_at(NOW + 4 * DAY), "goals": ["buy"]}
    site.load({"name": "running", "state": "enabled", "started_at": iso_at(NOW - DAY), "goals": ["buy"]})
    for name in ("planned", "stopped", "promoted", "reweighed", "again"):
        assert operate(site, "POST", "/admin/experiments", {"name": name, **ahead}).status == 201
        assert operate(site, "POST", f"/admin/experiments/{name}/enable").status == 200
    operate(site, "POST", "/admin/experiments/promoted/promote", {"variation": "test"})
    for name in ("stopped", "again"):
        operate(site, "POST", f"/admin/experiments/{name}/disable")
    operate(site, "POST", "/admin/experiments/again/enable")
    assert (
        len(operate(site, "PATCH", "/admin/experiments/reweighed", {"weights": [1, 3]}).body["phases"]) == 1
    )
    shown = {}
    for _ in range(14):
        attack(site, None, "running", phase=None, age=0)
        assert night(site)["state"] == "succeeded"
        path = "/e/assign?experiments=planned,stopped,promoted,reweighed,again"
        answers = site.send("GET", path, **HUMAN).body["assignments"]
        for name, answer in answers.items():
            shown.setdefault(name, []).append(answer["reason"])

    running = ["scheduled"] * 2 + ["split"] * 2 + ["ended"] * 10
    assert shown["stopped"] == ["disabled"] * 14
    assert shown["promoted"] == ["promoted"] * 14
    assert [shown[name] for name in ("planned", "reweighed", "again")] == [running] * 3
