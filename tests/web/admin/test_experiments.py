"""What operators call."""

import pytest

from tests.web.client import ADMIN, NOW, SERVER


def admin(site, method, path, body=None):
    return site.send(method, path, body, ADMIN)


@pytest.mark.parametrize("key", [None, "wrong", SERVER])
def test_every_route_wants_the_admin_key(site, key):
    routes = [
        ("GET", "/admin/experiments"),
        ("POST", "/admin/experiments"),
        ("POST", "/admin/definitions"),
        ("GET", "/admin/experiments/x"),
        ("PATCH", "/admin/experiments/x"),
        ("POST", "/admin/experiments/x/enable"),
        ("POST", "/admin/experiments/x/disable"),
        ("POST", "/admin/experiments/x/promote"),
        ("GET", "/admin/goals"),
        ("POST", "/admin/goals"),
        ("GET", "/admin/reports/x"),
        ("GET", "/admin/reports/x/latest"),
        ("POST", "/admin/reports"),
        ("GET", "/admin/jobs/x"),
    ]

    assert {site.send(method, path, {}, key).status for method, path in routes} == {401}


def test_an_experiment_from_its_creation_to_its_promotion(site):
    made = admin(site, "POST", "/admin/experiments", {"name": "headline", "goals": ["buy"]})
    states = [
        admin(site, "POST", "/admin/experiments/headline/enable", {}).body["state"],
        admin(site, "POST", "/admin/experiments/headline/disable", {}).body["state"],
        admin(site, "POST", "/admin/experiments/headline/promote", {"variation": "test"}).body["promoted"],
    ]

    assert (made.status, made.body["state"]) == (201, "disabled")
    assert states == ["enabled", "disabled", "test"]
    assert admin(site, "GET", "/admin/experiments/headline").body["state"] == "promoted"
    assert [goal["name"] for goal in admin(site, "GET", "/admin/goals").body["goals"]] == ["buy"]


def test_experiments_are_listed_newest_first(site):
    for number in range(3):
        site.now = NOW + number
        admin(site, "POST", "/admin/experiments", {"name": f"x{number}"})

    assert [each["name"] for each in admin(site, "GET", "/admin/experiments").body["experiments"]] == [
        "x2",
        "x1",
        "x0",
    ]


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "field"),
    [
        ("POST", "/admin/experiments", {"name": "a b"}, 400, "name"),
        ("POST", "/admin/experiments", b"nonsense", 400, "body"),
        ("POST", "/admin/experiments", [], 400, "body"),
        ("POST", "/admin/definitions", {}, 400, "body"),
        ("POST", "/admin/goals", {"name": "any"}, 400, "name"),
        ("POST", "/admin/experiments/x/promote", {}, 400, "variation"),
        ("POST", "/admin/experiments/x/enable", {}, 404, None),
        ("PATCH", "/admin/experiments/x", {"state": "enabled"}, 404, None),
        ("GET", "/admin/experiments/x", None, 404, None),
        ("GET", "/admin/reports/x", None, 404, None),
        ("GET", "/admin/reports/x/latest", None, 404, None),
        ("GET", "/admin/reports/x/someday", None, 400, "day"),
        ("GET", "/admin/reports/x/2026-03-01", None, 404, None),
        ("GET", "/admin/jobs/x", None, 404, None),
    ],
)
def test_bad_input_names_its_field(site, method, path, body, status, field):
    answer = admin(site, method, path, body)

    assert (answer.status, answer.body.get("field")) == (status, field)
    assert answer.body["error"]


def test_a_definitions_file_says_what_it_did(site):
    answer = admin(site, "POST", "/admin/definitions", [{"name": "headline", "goals": ["buy"]}, {}])

    assert answer.body["added"] == ["headline"]
    assert answer.body["goals"] == ["buy"]
    assert len(answer.body["warnings"]) == 1


def test_the_weights_of_a_running_experiment_begin_a_phase(site):
    site.load({"name": "headline", "state": "enabled"})
    answer = admin(site, "PATCH", "/admin/experiments/headline", {"weights": [1, 3]})

    assert [phase["number"] for phase in answer.body["phases"]] == [1, 2]


def test_an_experiment_without_reports_says_why(site):
    site.load({"name": "on", "state": "enabled"}, {"name": "off"})

    assert admin(site, "GET", "/admin/reports/off").body["message"] == "not started"
    assert "wait until tomorrow" in admin(site, "GET", "/admin/reports/on").body["message"]


def test_an_internal_error_is_500_and_tells_nothing(site, monkeypatch):
    monkeypatch.setattr(site.store, "definitions", None)
    answer = admin(site, "GET", "/admin/experiments")

    assert (answer.status, answer.body["error"]) == (500, "an internal error, which is in the log")
