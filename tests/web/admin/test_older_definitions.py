"""What an earlier version stored and today's rules refuse: shown, reported, changed or archived."""

import json
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.domain.experiments.goal import Metric, Part
from chalicelib.domain.instant import MINUTE
from chalicelib.web.jobs import JobFailed
from tests.django_lean.steps import night, operate, report_of
from tests.web.client import Site

HALF = "Tea \ud83d"


def stored_before(site: Site, **fields: Any) -> None:
    """An experiment as an earlier version let it in."""
    site.load({"name": "old", "state": "enabled", "goals": ["buy"]}, {"name": "good", "state": "enabled"})
    experiment = site.store.definitions().experiments["old"]
    phase = replace(experiment.phase, seed=fields.pop("seed", "old"))
    site.store.hold(replace(experiment, phases=(phase,), **fields))


@pytest.mark.parametrize(
    ("fields", "field", "mended"),
    [
        ({"alpha": 1e-100}, "alpha", {"alpha": 0.05}),
        ({"description": HALF}, "description", {"description": "Tea"}),
        ({"seed": HALF}, "seed", {"seed": "Tea"}),
    ],
)
def test_it_is_shown_reported_and_mended(
    site: Site, fields: dict[str, Any], field: str, mended: dict[str, Any]
) -> None:
    stored_before(site, **fields)
    shown = operate(site, "GET", "/admin/experiments/old").body
    assert shown["error"]["field"] == field
    assert operate(site, "PATCH", "/admin/experiments/old", shown).status == 200
    with pytest.raises(JobFailed):
        night(site)
    assert report_of(site, "old")["error"]["field"] == field
    assert report_of(site, "old")["error"]["code"] == "invalid_definition"
    assert "error" not in report_of(site, "good")

    assert operate(site, "PATCH", "/admin/experiments/old", mended).status == 200
    assert operate(site, "GET", "/admin/experiments/old").body["error"] is None
    night(site)
    assert report_of(site, "old")["goals"]


def test_it_is_archived(site: Site) -> None:
    stored_before(site, alpha=1e-100)
    operate(site, "POST", "/admin/experiments/old/disable", {})
    assert operate(site, "POST", "/admin/experiments/old/archive", {}).status == 200

    night(site)


def test_a_goal_of_before_is_shown_reported_and_mended(site: Site) -> None:
    site.load({"name": "on", "state": "enabled", "goals": ["buy"]})
    site.store.hold(replace(site.store.definitions().goals["buy"], unit=HALF))
    assert operate(site, "GET", "/admin/goals/buy").body["error"]["field"] == "unit"
    with pytest.raises(JobFailed):
        night(site)
    assert report_of(site, "on")["error"]["field"] == "goals.buy.unit"

    assert operate(site, "PATCH", "/admin/goals/buy", {"unit": "EUR"}).status == 200
    night(site)
    assert report_of(site, "on")["goals"]


@pytest.mark.parametrize("kind", ["experiment", "goal", "tracker"])
def test_what_no_version_reads_is_listed_and_archived(site: Site, kind: str) -> None:
    site.store.put_definition(kind, "bad", json.dumps({"name": "bad"}))
    (listed,) = operate(site, "GET", f"/admin/{kind}s").body["unreadable"]
    assert (listed["name"], "is missing" in listed["error"]["message"]) == ("bad", True)
    entry = {"name": "bad", **({"kind": "page", "fields": ["views"]} if kind == "tracker" else {})}
    again = operate(site, "POST", f"/admin/{kind}s", entry)
    assert (again.status, again.body["field"]) == (400, "name")

    for _ in range(2):
        assert operate(site, "POST", f"/admin/{kind}s/bad/archive", {}).status == 204
    again = operate(site, "POST", f"/admin/{kind}s", entry)
    assert (again.status, again.body["field"]) == (400, "name")
    assert "unreadable" not in operate(site, "GET", f"/admin/{kind}s").body
    assert site.store.definitions().unreadable == {}


def test_the_seed_of_a_phase_that_is_over_stops_nothing(site: Site) -> None:
    stored_before(site, seed=HALF)
    site.now += MINUTE
    operate(site, "PATCH", "/admin/experiments/old", {"seed": "Tea"})
    night(site)

    assert report_of(site, "old")["experiment"]["phases"][0]["seed"] == "Tea ?"


def test_a_ratio_of_an_unknown_goal_is_shown_with_its_error_and_can_be_changed(
    site: Site,
) -> None:
    site.load({"name": "on", "state": "enabled", "goals": ["a", "b"]})
    ratio = {"name": "r", "type": "ratio", "numerator": "a", "denominator": "b"}
    operate(site, "POST", "/admin/goals", ratio)
    goal = site.store.definitions().goals["r"]
    site.store.hold(replace(goal, denominator=Part("nobody", Metric.SUM)))
    site.load({"name": "all", "state": "enabled"})
    assert operate(site, "GET", "/admin/goals/r").body["error"]["field"] == "denominator"

    assert operate(site, "PATCH", "/admin/goals/r", {"denominator": "b"}).status == 200
    assert operate(site, "GET", "/admin/goals/r").body["error"] is None
