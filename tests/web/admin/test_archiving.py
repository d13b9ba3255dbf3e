"""Archive, restore and delete experiments, goals and trackers."""

from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.domain.instant import DAY, HOUR, MINUTE, iso_day
from chalicelib.services.experiments import archive
from chalicelib.services.experiments.publish import config_of
from tests.django_lean.steps import HUMAN, goal, night, operate, report_of, row, see
from tests.web.client import NOW, Answer, Site

KINDS = ["experiments", "goals", "trackers"]
ENTRIES: dict[str, dict[str, Any]] = {
    "experiments": {"name": "x"},
    "goals": {"name": "x"},
    "trackers": {"name": "x", "kind": "page", "fields": ["views"]},
}


def make(site: Site, kind: str) -> None:
    assert operate(site, "POST", f"/admin/{kind}", ENTRIES[kind]).status == 201


def names(site: Site, kind: str, query: str = "") -> list[str]:
    listed = operate(site, "GET", f"/admin/{kind}{query}").body[kind]
    return [each["name"] for each in listed if each["name"] == "x"]


def act(site: Site, kind: str, verb: str, name: str = "x") -> Answer:
    return operate(site, "POST", f"/admin/{kind}/{name}/{verb}", {})


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_archived_leaves_the_list_and_comes_back(site: Site, kind: str) -> None:
    make(site, kind)
    before = operate(site, "GET", f"/admin/{kind}/x").body
    assert act(site, kind, "archive").body["archived_at"] == "2026-03-10T12:00:00.000Z"
    assert act(site, kind, "archive").status == 200
    assert (names(site, kind), names(site, kind, "?archived=true")) == ([], ["x"])
    assert operate(site, "GET", f"/admin/{kind}/x").status == 200
    assert operate(site, "PATCH", f"/admin/{kind}/x", {}).status == 409

    assert act(site, kind, "restore").body["archived_at"] is None
    assert act(site, kind, "restore").status == 200
    assert (names(site, kind), names(site, kind, "?archived=true")) == (["x"], [])
    assert operate(site, "GET", f"/admin/{kind}/x").body == before


@pytest.mark.parametrize("kind", KINDS)
def test_an_archived_name_is_not_used_again(site: Site, kind: str) -> None:
    make(site, kind)
    act(site, kind, "archive")
    again = operate(site, "POST", f"/admin/{kind}", ENTRIES[kind])
    loaded = operate(site, "POST", "/admin/definitions", {kind: [ENTRIES[kind]]}).body

    assert (again.status, again.body["field"]) == (400, "name")
    assert "archived" in loaded["warnings"][0]
    assert names(site, kind) == []


@pytest.mark.parametrize("kind", KINDS)
def test_what_counted_nothing_is_deleted(site: Site, kind: str) -> None:
    make(site, kind)

    assert operate(site, "DELETE", f"/admin/{kind}/x").status == 204
    assert operate(site, "GET", f"/admin/{kind}/x").status == 404
    assert operate(site, "DELETE", f"/admin/{kind}/x").status == 404
    make(site, kind)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("verb", ["archive", "restore"])
def test_what_is_not_there_is_not_found(site: Site, kind: str, verb: str) -> None:
    assert act(site, kind, verb).status == 404


@pytest.mark.parametrize("kind", KINDS)
def test_a_list_is_of_what_is_archived_or_is_not(site: Site, kind: str) -> None:
    assert operate(site, "GET", f"/admin/{kind}?archived=yes").body["field"] == "archived"


def test_an_enabled_experiment_is_neither_archived_nor_deleted(site: Site) -> None:
    make(site, "experiments")
    act(site, "experiments", "enable")

    assert act(site, "experiments", "archive").status == 409
    assert operate(site, "DELETE", "/admin/experiments/x").status == 409
    assert names(site, "experiments") == ["x"]


def test_an_experiment_that_nobody_took_part_in_is_deleted_and_another_is_not(site: Site) -> None:
    make(site, "experiments")
    act(site, "experiments", "enable")
    act(site, "experiments", "disable")
    assert operate(site, "DELETE", "/admin/experiments/x").status == 204
    make(site, "experiments")
    act(site, "experiments", "enable")
    site.now += MINUTE
    see(site, {"type": "enroll", "id": "e", "experiment": "x"})
    act(site, "experiments", "disable")

    assert operate(site, "DELETE", "/admin/experiments/x").status == 409


def test_an_experiment_with_reports_is_not_deleted(site: Site) -> None:
    make(site, "experiments")
    act(site, "experiments", "enable")
    night(site)
    act(site, "experiments", "disable")

    assert operate(site, "DELETE", "/admin/experiments/x").status == 409


def test_a_goal_that_somebody_reached_is_not_deleted(site: Site) -> None:
    make(site, "goals")
    site.now += MINUTE
    see(site, goal("x"))

    assert operate(site, "DELETE", "/admin/goals/x").status == 409


def test_with_too_many_documents_to_look_at_nothing_is_deleted(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(site, "goals")
    see(site, {"type": "confirm", "id": "c"})
    monkeypatch.setattr(archive, "MOST_BYTES", 1)

    assert operate(site, "DELETE", "/admin/goals/x").status == 409


@pytest.mark.parametrize(
    "use",
    [
        lambda site: emit(site),
        lambda site: operate(
            site,
            "POST",
            "/admin/trackers/x/import",
            {"id": "old", "rows": [{"object": "page:1", "field": "views", "at": "2024-01-01T00:00:00Z"}]},
        ),
    ],
)
def test_a_tracker_that_counted_is_not_deleted(site: Site, use: Callable[[Site], Answer]) -> None:
    make(site, "trackers")
    assert use(site).status < 300

    assert operate(site, "DELETE", "/admin/trackers/x").status == 409


def emit(site: Site) -> Answer:
    return site.post("/e/track", {"events": [{"tracker": "x", "object": "page:1", "field": "views"}]})


def test_an_archived_tracker_takes_nothing_and_its_counters_can_be_read(site: Site) -> None:
    make(site, "trackers")
    assert emit(site).body["accepted"] == 1
    act(site, "trackers", "archive")

    assert emit(site).body["results"][0]["reason"] == "unknown_tracker"
    assert operate(site, "GET", "/admin/trackers/x").body["tracker"]["name"] == "x"
    assert [each.name for each in site.store.definitions().trackers_to_fold(site.now)][-1] == "x"
    assert "x" not in [each.name for each in site.store.definitions().trackers_to_fold(NOW + 9 * DAY)]


def test_a_built_in_tracker_is_not_archived(site: Site) -> None:
    assert act(site, "trackers", "archive", "refused").status == 400
    assert operate(site, "DELETE", "/admin/trackers/refused").status == 400


def test_an_archived_experiment_is_in_no_script_takes_nobody_and_keeps_its_reports(site: Site) -> None:
    site.load({"name": "x", "state": "enabled", "goals": ["buy"]})
    site.now += MINUTE
    see(site, {"type": "confirm", "id": "c"}, {"type": "enroll", "id": "e", "experiment": "x"})
    night(site)
    act(site, "experiments", "disable")
    before = report_of(site, "x", iso_day(NOW // DAY))
    act(site, "experiments", "archive")
    written = night(site, 3)["written"]

    assert (written, config_of(site.store.definitions(), site.now)) == (0, {})
    assert report_of(site, "x", iso_day(NOW // DAY)) == before
    shown = site.send("GET", "/e/assign?experiments=x", **HUMAN).body["assignments"]["x"]
    assert shown == {"variation": "control", "in_experiment": False, "reason": "unknown", "phase": None}
    act(site, "experiments", "restore")
    enabled = act(site, "experiments", "enable").body
    assert [each["number"] for each in enabled["phases"]] == [1, 2]


def test_an_archived_goal_leaves_later_reports_and_stays_in_earlier_ones(site: Site) -> None:
    site.load({"name": "on", "state": "enabled"})
    for name in ("buy", "typo"):
        operate(site, "POST", "/admin/goals", {"name": name})
    site.now += MINUTE
    see(site, {"type": "confirm", "id": "c"}, {"type": "enroll", "id": "e", "experiment": "on"})
    see(site, goal("buy"), goal("typo"))
    night(site)
    first = report_of(site, "on", iso_day(NOW // DAY))
    assert row(first, "typo")["arms"]
    act(site, "goals", "archive", "typo")
    see(site, goal("typo", 2))
    night(site, 2)

    assert report_of(site, "on", iso_day(NOW // DAY)) == first
    assert [each["key"] for each in report_of(site, "on", iso_day(NOW // DAY + 1))["goals"]] == ["buy", "any"]


@pytest.mark.parametrize("verb", ["archive", "DELETE"])
def test_a_goal_that_is_needed_stays(site: Site, verb: str) -> None:
    site.load({"name": "on", "state": "enabled", "goals": ["buy", "visit"]})
    for name in ("a", "b"):
        operate(site, "POST", "/admin/goals", {"name": name})
    ratio = {"name": "ratio", "type": "ratio", "numerator": "a", "denominator": "b"}
    assert operate(site, "POST", "/admin/goals", ratio).status == 201

    for name in ("buy", "a"):
        method, path = ("DELETE", "") if verb == "DELETE" else ("POST", f"/{verb}")
        answer = operate(site, method, f"/admin/goals/{name}{path}")
        assert answer.status == 409, name


def test_earlier_reports_stay_when_a_goal_is_archived_and_restored(site: Site) -> None:
    site.load({"name": "on", "state": "enabled"})
    make(site, "goals")
    site.now += MINUTE
    see(site, {"type": "confirm", "id": "c"}, {"type": "enroll", "id": "e", "experiment": "on"}, goal("x"))
    night(site)
    first = report_of(site, "on", iso_day(NOW // DAY))
    act(site, "goals", "archive")
    night(site)
    act(site, "goals", "restore")
    night(site)

    assert report_of(site, "on", iso_day(NOW // DAY)) == first
    assert row(report_of(site, "on"), "x")


def test_an_experiment_comes_back_with_the_goals_that_it_names(site: Site) -> None:
    site.load({"name": "on", "state": "enabled", "goals": ["x"]})
    site.now += HOUR
    act(site, "experiments", "disable", "on")
    act(site, "experiments", "archive", "on")
    assert act(site, "goals", "archive").status == 200
    assert act(site, "experiments", "restore", "on").status == 409
    assert operate(site, "DELETE", "/admin/goals/x").status == 409
    act(site, "goals", "restore")

    assert act(site, "experiments", "restore", "on").status == 200


def test_a_ratio_comes_back_with_the_goals_that_it_divides(site: Site) -> None:
    for name in ("a", "b"):
        operate(site, "POST", "/admin/goals", {"name": name})
    ratio = {"name": "x", "type": "ratio", "numerator": "a", "denominator": "b"}
    operate(site, "POST", "/admin/goals", ratio)
    act(site, "goals", "archive")
    act(site, "goals", "archive", "a")

    assert act(site, "goals", "restore").status == 409
    assert operate(site, "PATCH", "/admin/goals/b", {"type": "ratio", "numerator": "b"}).status == 400


def test_a_goal_that_a_report_has_counted_is_not_deleted(site: Site) -> None:
    site.load({"name": "on", "state": "enabled"})
    make(site, "goals")
    site.now += MINUTE
    see(site, {"type": "confirm", "id": "c"}, {"type": "enroll", "id": "e", "experiment": "on"}, goal("x"))
    night(site)
    site.store.visitors.clear()

    assert operate(site, "DELETE", "/admin/goals/x").status == 409


def test_a_disabled_experiment_with_reports_is_not_deleted(site: Site) -> None:
    site.load({"name": "x", "started_at": "2026-03-01T00:00:00Z"})
    night(site)

    assert operate(site, "DELETE", "/admin/experiments/x").status == 409


def test_a_tracker_with_objects_is_not_deleted(site: Site) -> None:
    make(site, "trackers")
    operate(site, "POST", "/admin/trackers/x/objects", {"objects": ["page:1"]})

    assert operate(site, "DELETE", "/admin/trackers/x").status == 409
