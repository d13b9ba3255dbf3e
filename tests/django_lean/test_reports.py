"""django-lean's reports: which days, who is in them, and the pages."""

from typing import Any

import pytest

from chalicelib.domain.instant import DAY, HOUR, SECOND, iso_at
from tests.django_lean.steps import (
    arms,
    dates,
    flip,
    night,
    operate,
    people,
    reach,
    report_of,
    run_job,
    written,
)
from tests.web.client import SERVER, Site

FIRST = "2026-03-06"
BEGUN = {"name": "on", "state": "enabled", "started_at": f"{FIRST}T08:00:00Z", "goals": ["signup", "buy"]}
NOBODY = {"signup": 0, "buy": 0, "any": 0}


@pytest.fixture
def begun(site: Site) -> Site:
    """The tenth of March, noon; an experiment since the sixth."""
    site.load(BEGUN)
    return site


def finals(site: Site, name: str = "on") -> list[str]:
    return [day for day in written(site, name) if not report_of(site, name, day)["provisional"]]


def test_started_five_days_ago_gives_five_reports(begun: Site) -> None:
    night(begun)

    assert finals(begun) == list(dates(FIRST, 5))


def test_a_second_run_adds_nothing(begun: Site) -> None:
    first = night(begun)
    before = {day: report_of(begun, "on", day) for day in written(begun)}
    second = run_job(begun)

    assert (first["written"], second["written"]) == (6, 0)
    assert {day: report_of(begun, "on", day) for day in written(begun)} == before


def test_every_experiment_with_a_start_is_reported_in_any_state(site: Site) -> None:
    since = {"started_at": f"{FIRST}T08:00:00Z"}
    site.load(
        {"name": "enabled", "state": "enabled", **since},
        {"name": "disabled", "state": "disabled", **since, "ended_at": "2026-03-08T08:00:00Z"},
        {"name": "promoted", "state": "promoted", **since, "ended_at": "2026-03-07T08:00:00Z"},
        {"name": "never"},
    )
    night(site)

    assert [len(finals(site, name)) for name in ("enabled", "disabled", "promoted", "never")] == [5, 3, 2, 0]


def test_holes_are_filled(begun: Site) -> None:
    night(begun)
    del begun.store._reports["on"]["2026-03-08"]
    job = run_job(begun)

    assert (job["written"], finals(begun)) == (1, list(dates(FIRST, 5)))


def test_nights_that_did_not_run_are_made_up_for(begun: Site) -> None:
    night(begun)
    night(begun, days=4)

    assert finals(begun) == list(dates(FIRST, 9))


@pytest.mark.parametrize("verb", ["disable", "promote"])
def test_the_end_day_is_included_and_none_after_it(begun: Site, verb: str) -> None:
    flip(begun, "on", verb)
    night(begun, days=4)

    assert finals(begun) == list(dates(FIRST, 5))


def test_a_future_start_gives_no_report(site: Site) -> None:
    site.load({**BEGUN, "started_at": "2026-03-12T08:00:00Z"})
    night(site)

    assert written(site) == []


def test_a_day_that_is_computed_again_is_replaced_never_doubled(begun: Site) -> None:
    users = people(begun, control=1, test=1)
    at = begun.now + HOUR
    night(begun)
    before = report_of(begun, "on", "2026-03-10")
    reach(begun, users["test"], "signup", at=iso_at(at))
    run_job(begun)
    after = report_of(begun, "on", "2026-03-10")

    assert [each["revision"] for each in (before, after)] == [1, 2]
    assert [arms(each, "signup")["test"]["conversions"] for each in (before, after)] == [0, 1]
    assert written(begun) == list(dates(FIRST, 6))
    assert report_of(begun, "on", "2026-03-09")["revision"] == 1


def test_today_is_there_as_provisional_and_final_the_night_after(begun: Site) -> None:
    night(begun)
    today = report_of(begun, "on", "2026-03-11")["provisional"]
    night(begun)

    assert today is True
    assert report_of(begun, "on", "2026-03-11")["provisional"] is False


def counted(site: Site, day: str) -> dict[str, tuple[int, dict[str, int]]]:
    """By variation who was enrolled, and who had converted by goal."""
    found = report_of(site, "on", day)
    return {
        key: (
            arm["n"],
            {goal["key"]: arms(found, goal["key"])[key]["conversions"] for goal in found["goals"]},
        )
        for key, arm in arms(found, "any").items()
    }


def test_reports_are_cumulative_up_to_the_end_of_their_day(begun: Site) -> None:
    early = people(begun, control=2, test=1)
    begun.now += SECOND
    reach(begun, early["control"][:1], "signup")
    begun.now += DAY
    people(begun, control=1, test=1)
    reach(begun, early["control"][1:], "signup")
    night(begun)

    assert counted(begun, "2026-03-09") == {each: (0, NOBODY) for each in ("control", "test")}
    assert counted(begun, "2026-03-10") == {
        "control": (2, {"signup": 1, "buy": 0, "any": 1}),
        "test": (1, NOBODY),
    }
    assert counted(begun, "2026-03-11") == {
        "control": (3, {"signup": 2, "buy": 0, "any": 2}),
        "test": (2, NOBODY),
    }


def test_what_came_in_the_first_second_of_the_next_day_is_not_in_the_report(begun: Site) -> None:
    early = people(begun, control=1)["control"]
    begun.now += DAY
    reach(begun, early, "signup", at="2026-03-11T00:00:00Z")
    reach(begun, early, "buy", at="2026-03-10T23:59:59.999Z")
    night(begun)

    assert counted(begun, "2026-03-10")["control"] == (1, {"signup": 0, "buy": 1, "any": 1})
    assert counted(begun, "2026-03-11")["control"] == (1, {"signup": 1, "buy": 1, "any": 1})


def test_a_participant_counts_0_or_1_in_each_row_and_any_is_at_least_one_goal(begun: Site) -> None:
    users = people(begun, control=3)["control"]
    begun.now += SECOND
    for _ in range(2):
        reach(begun, users[:2], "signup")
    reach(begun, users[1:2], "buy")
    night(begun)

    assert counted(begun, "2026-03-10")["control"] == (3, {"signup": 2, "buy": 1, "any": 2})


def test_there_is_one_row_for_each_goal_type(begun: Site) -> None:
    operate(begun, "POST", "/admin/goals", {"name": "elsewhere"})
    night(begun)

    assert [goal["key"] for goal in report_of(begun)["goals"]] == ["signup", "buy", "any"]


def test_what_has_not_started_or_has_no_report_yet_says_so(begun: Site) -> None:
    begun.load({"name": "off"})
    messages = [operate(begun, "GET", f"/admin/reports/{name}").body["message"] for name in ("off", "on")]
    night(begun)

    assert messages == ["not started", "started, no report yet: wait until tomorrow"]
    assert operate(begun, "GET", "/admin/reports/on").body["message"] == ""


def test_the_list_has_name_state_start_and_end_newest_first(site: Site) -> None:
    for name in ("zeta", "alpha", "mid"):
        site.now += SECOND
        operate(site, "POST", "/admin/experiments", {"name": name})
    flip(site, "alpha", "enable")
    flip(site, "zeta", "enable")
    flip(site, "zeta", "promote")
    listed = operate(site, "GET", "/admin/experiments").body["experiments"]
    facts = ("name", "state", "started_at", "ended_at")

    assert [tuple(each[fact] for fact in facts) for each in listed] == [
        ("mid", "disabled", None, None),
        ("alpha", "enabled", "2026-03-10T12:00:04.000Z", None),
        ("zeta", "promoted", "2026-03-10T12:00:05.000Z", "2026-03-10T12:00:06.000Z"),
    ]


def test_an_experiment_has_its_detail(begun: Site) -> None:
    begun.load({"name": "second"})
    night(begun)
    found: Any = report_of(begun)

    assert operate(begun, "GET", "/admin/experiments/second").body["name"] == "second"
    assert (found["experiment"]["name"], found["as_of_day"]) == ("on", "2026-03-11")


PAGES = [f"/admin/{page}" for page in ("experiments/{}", "reports/{}", "reports/{}/latest")]


@pytest.mark.parametrize("page", ["/admin/experiments", *PAGES])
def test_pages_are_for_staff_only(begun: Site, page: str) -> None:
    night(begun)

    assert begun.send("GET", page.format("on")).status == 401
    assert begun.send("GET", page.format("on"), None, SERVER).status == 401
    assert operate(begun, "GET", page.format("on")).status == 200


@pytest.mark.parametrize("page", PAGES)
def test_an_unknown_experiment_is_404(begun: Site, page: str) -> None:
    assert operate(begun, "GET", page.format("unheard")).status == 404
