"""django-lean's dates of an experiment: set by its states, or by hand."""

import pytest

from tests.django_lean.steps import (
    CONFIRM,
    assignment,
    dates,
    enroll,
    enrolled,
    flip,
    night,
    operate,
    people,
    see,
    written,
)
from tests.web.client import Site


def dated(site: Site, name: str) -> tuple[str | None, str | None]:
    found = operate(site, "GET", f"/admin/experiments/{name}").body
    return found["started_at"], found["ended_at"]


def test_enabling_sets_the_start_if_it_is_empty(lean: Site) -> None:
    flip(lean, "off", "enable")
    first = dated(lean, "off")
    flip(lean, "off", "disable")
    flip(lean, "off", "enable")

    assert first == ("2026-03-10T12:00:01.000Z", None)
    assert dated(lean, "off")[0] == first[0]


@pytest.mark.parametrize("verb", ["disable", "promote"])
def test_disabling_or_promoting_sets_the_end(lean: Site, verb: str) -> None:
    flip(lean, "on", verb)

    assert dated(lean, "on") == ("2026-03-01T00:00:00.000Z", "2026-03-10T12:00:01.000Z")


def test_created_as_enabled_also_starts(site: Site) -> None:
    operate(site, "POST", "/admin/experiments", {"name": "fresh", "state": "enabled"})
    people(site, "fresh", control=1)
    night(site)

    assert dated(site, "fresh") == ("2026-03-10T12:00:00.000Z", None)
    assert written(site, "fresh") == ["2026-03-10", "2026-03-11"]


def test_enabling_again_clears_the_end_and_reporting_goes_on(lean: Site) -> None:
    flip(lean, "on", "disable")
    night(lean, days=3)
    stopped = written(lean)
    flip(lean, "on", "enable")
    night(lean)

    assert dated(lean, "on")[1] is None
    assert stopped == list(dates("2026-03-01", 10))
    assert written(lean) == list(dates("2026-03-01", 14))


def test_disabled_to_promoted_is_dated_too(lean: Site) -> None:
    flip(lean, "off", "promote")

    assert dated(lean, "off") == (None, "2026-03-10T12:00:01.000Z")


def test_a_start_set_by_hand_is_respected(site: Site) -> None:
    for name, state in (("now", "enabled"), ("then", "disabled")):
        entry = {"name": name, "state": state, "started_at": "2026-02-03T04:05:06Z"}
        operate(site, "POST", "/admin/experiments", entry)
    flip(site, "then", "enable")

    assert dated(site, "now")[0] == dated(site, "then")[0] == "2026-02-03T04:05:06.000Z"


def test_a_start_in_the_future_makes_nobody_a_participant_before(site: Site) -> None:
    site.load({"name": "soon", "state": "enabled", "started_at": "2026-03-11T00:00:00Z"})
    assignment(site, "soon", "early")
    early = dict(site.store.visitors)
    night(site)
    assignment(site, "soon", "early")

    assert early == {}
    assert sum(enrolled(site, "soon").values()) == 1


@pytest.mark.parametrize(("end", "kept"), [("2026-03-05", "2026-03-05T00"), ("2026-03-20", "2026-03-10T12")])
def test_an_end_set_by_hand_is_respected_once_it_has_passed(site: Site, end: str, kept: str) -> None:
    entry = {"name": "on", "state": "enabled", "started_at": "2026-03-01T00:00:00Z"}
    site.load({**entry, "ended_at": f"{end}T00:00:00Z"})
    flip(site, "on", "disable")

    assert str(dated(site, "on")[1]).startswith(kept)
    see(site, CONFIRM, enroll())
    assert enrolled(site) == {}


def test_an_invalid_state_is_an_error(site: Site) -> None:
    entry = {"name": "odd", "state": "paused"}
    created = operate(site, "POST", "/admin/experiments", entry)
    loaded = operate(site, "POST", "/admin/definitions", [entry])

    assert (created.status, created.body["field"]) == (400, "state")
    assert loaded.body["warnings"] == ["[0].state: must be one of disabled, enabled, promoted"]
    assert operate(site, "GET", "/admin/experiments").body["experiments"] == []
