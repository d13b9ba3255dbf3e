"""django-lean's rules, one test each, by the names that docs/from-django-lean.md gives them."""

import json

import pytest

from chalicelib.domain.instant import DAY, SECOND, iso_day
from chalicelib.services.report import write_reports
from chalicelib.web.token import sign
from tests.recounts import counts, recount
from tests.web.client import ADMIN, TOKENS, Site

HUMAN = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0"}
GOALS = ["signup", "purchase"]
ENABLED = {"name": "on", "state": "enabled", "started_at": "2026-03-01T00:00:00Z", "goals": GOALS}
TOKEN = sign("visitor-00000001", [TOKENS])


@pytest.fixture
def lean(site: Site) -> Site:
    site.load(
        ENABLED,
        {"name": "other", "state": "enabled", "started_at": "2026-03-01T00:00:00Z"},
        {"name": "off"},
        {"name": "won", "state": "promoted", "started_at": "2026-03-01T00:00:00Z"},
    )
    return site


def see(site: Site, *events: dict[str, object], token: str = TOKEN) -> int:
    site.now += SECOND
    return site.post("/e/collect", {"visitor": token, "events": list(events)}, None, **HUMAN).status


def assignment(site: Site, name: str, who: str = "1") -> dict[str, object]:
    answer = site.post("/v1/assign", {"user_id": who, "experiments": [name]})
    return answer.body["assignments"][name]


def enroll(name: str = "on") -> dict[str, object]:
    return {"type": "enroll", "id": f"e-{name}", "experiment": name}


CONFIRM = {"type": "confirm", "id": "c"}


def goal(name: str, number: int = 1) -> dict[str, object]:
    return {"type": "goal", "id": f"g-{name}-{number}", "goal": name}


def flip(site: Site, name: str, state: str) -> None:
    site.now += SECOND
    body = {"variation": "test"} if state == "promote" else {}
    assert site.post(f"/admin/experiments/{name}/{state}", body, ADMIN).status == 200


def test_unknown_experiment_shows_control_and_enrols_nobody(lean: Site) -> None:
    assert assignment(lean, "unheard")["variation"] == "control"
    assert lean.store.visitors == {}


def test_disabled_shows_control_even_to_those_enrolled_in_test(lean: Site) -> None:
    who = next(str(n) for n in range(99) if assignment(lean, "on", str(n))["variation"] == "test")
    flip(lean, "on", "disable")

    assert assignment(lean, "on", who)["variation"] == "control"
    assert assignment(lean, "off", who) == {
        "variation": "control",
        "in_experiment": False,
        "reason": "disabled",
        "phase": None,
    }


def test_promoted_shows_the_promoted_variation_even_to_those_enrolled_in_control(lean: Site) -> None:
    who = next(str(n) for n in range(99) if assignment(lean, "on", str(n))["variation"] == "control")
    flip(lean, "on", "promote")

    assert assignment(lean, "on", who)["variation"] == "test"
    assert assignment(lean, "won", who)["in_experiment"] is False


def test_enabled_and_enrolled_is_sticky(lean: Site) -> None:
    first = assignment(lean, "on")
    body = {"weights": [1.0, 0.0] if first["variation"] == "test" else [0.0, 1.0]}
    lean.now += SECOND
    assert lean.send("PATCH", "/admin/experiments/on", body, ADMIN).status == 200

    assert assignment(lean, "on")["variation"] == first["variation"]


def test_enabled_and_new_is_split_half_and_half(lean: Site) -> None:
    """Within 4.5 standard errors of 1,000 users."""
    tests = sum(assignment(lean, "on", str(n))["variation"] == "test" for n in range(1000))

    assert abs(tests - 500) < 4.5 * 1000**0.5 / 2


def test_asking_enrols_but_never_in_bulk(lean: Site) -> None:
    lean.post("/v1/assign", {"user_id": "1"})
    assert lean.store.visitors == {}
    assignment(lean, "on")

    assert list(json.loads(lean.store.visitors["~1"][0])["e"]) == ["on"]


def test_new_experiments_start_disabled(lean: Site) -> None:
    created = lean.post("/admin/experiments", {"name": "fresh"}, ADMIN)

    assert created.body["state"] == "disabled"


def test_enabling_sets_the_start_and_disabling_or_promoting_the_end(lean: Site) -> None:
    flip(lean, "off", "enable")
    started = lean.send("GET", "/admin/experiments/off", None, ADMIN).body
    flip(lean, "off", "promote")
    ended = lean.send("GET", "/admin/experiments/off", None, ADMIN).body

    assert started["started_at"] is not None
    assert (started["ended_at"], ended["started_at"]) == (None, started["started_at"])
    assert ended["ended_at"] > started["started_at"]


def test_an_unverified_visitor_has_a_variation_but_is_no_participant(lean: Site) -> None:
    see(lean, enroll())

    assert counts(lean.store, "on", lean.now).enrolled == {}


def test_confirming_makes_buffered_enrolments_of_several_pages_participants(lean: Site) -> None:
    shown = lean.send("GET", f"/e/assign?experiments=on,other&visitor={TOKEN}", **HUMAN).body["assignments"]
    see(lean, enroll("on"))
    see(lean, enroll("other"))
    see(lean, CONFIRM)

    for name in ("on", "other"):
        assert counts(lean.store, name, lean.now).enrolled == {shown[name]["variation"]: 1}


def test_confirming_is_204_and_idempotent(lean: Site) -> None:
    assert see(lean, CONFIRM, enroll()) == 204
    before = dict(lean.store.visitors)
    assert see(lean, CONFIRM, enroll()) == 204

    assert lean.store.visitors == before


def test_later_experiments_reuse_the_visitor(lean: Site) -> None:
    see(lean, CONFIRM, enroll("on"))
    see(lean, enroll("other"))

    assert len(lean.store.visitors) == 1
    assert sum(counts(lean.store, "other", lean.now).enrolled.values()) == 1


def test_a_disabled_experiment_creates_nothing(lean: Site) -> None:
    see(lean, enroll("off"))

    assert lean.store.visitors == {}


def test_an_unknown_goal_is_a_warning_and_nothing_is_recorded(
    lean: Site, caplog: pytest.LogCaptureFixture
) -> None:
    assert see(lean, goal("sing_up")) == 204

    assert lean.store.visitors == {}
    assert any("unknown goals" in record.message for record in caplog.records)


def test_an_unknown_goal_is_created_where_the_setting_wants_it(
    lean: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chalicelib import config

    monkeypatch.setenv("AUTO_CREATE_GOALS", "1")
    config.settings.cache_clear()
    see(lean, CONFIRM, enroll("other"))
    see(lean, goal("newsletter"))

    assert "newsletter" in lean.store.definitions().goals
    rows = counts(lean.store, "other", lean.now).goals
    assert [row for (_, name), row in rows.items() if name == "newsletter"] == [[1, 0]]


def test_a_goal_counts_for_every_experiment_that_the_visitor_is_enrolled_in(lean: Site) -> None:
    see(lean, CONFIRM, enroll("on"), enroll("other"))
    see(lean, goal("signup"))

    for name in ("on", "other"):
        rows = counts(lean.store, name, lean.now).goals
        assert [row for (_, each), row in rows.items() if each == "signup"] == [[1, 0]]


def test_each_participant_counts_once_per_goal_and_once_for_any(lean: Site) -> None:
    see(lean, CONFIRM, enroll())
    see(lean, goal("signup", 1), goal("signup", 2), goal("purchase"))
    rows = counts(lean.store, "on", lean.now).goals

    assert {name: row[0] for (_, name), row in rows.items()} == {"signup": 1, "purchase": 1, "any": 1}


def test_only_goals_from_the_instant_of_enrolment_on_count(lean: Site) -> None:
    see(lean, CONFIRM, goal("signup"))
    see(lean, enroll())

    assert counts(lean.store, "on", lean.now).goals == {}


def test_goals_before_the_confirmation_are_buffered_and_count(lean: Site) -> None:
    see(lean, enroll())
    see(lean, goal("signup"))
    see(lean, CONFIRM)

    assert (
        sum(row[0] for (_, name), row in counts(lean.store, "on", lean.now).goals.items() if name == "signup")
        == 1
    )


@pytest.mark.parametrize("path", ["signup", "unheard_of", "two%20words", ""])
def test_the_pixel_is_200_and_not_cached_whatever_happened(lean: Site, path: str) -> None:
    answer = lean.send("GET", f"/e/goal/{path}" if path else "/e/goal", **HUMAN)

    assert (answer.status, answer.headers["Content-Type"]) == (200, "image/gif")
    assert "no-store" in answer.headers["Cache-Control"]


def test_goals_of_registered_users_come_from_server_code(lean: Site) -> None:
    assignment(lean, "on")
    lean.now += SECOND
    lean.post("/v1/goals", {"user_id": "1", "goal": "signup"})

    assert sum(row[0] for row in counts(lean.store, "on", lean.now).goals.values()) == 2


def test_started_five_days_ago_gives_five_reports_and_a_second_run_adds_none(site: Site) -> None:
    began = iso_day(site.now // DAY - 5)
    site.load({"name": "on", "state": "enabled", "started_at": f"{began}T08:00:00Z"})
    tally = recount(site.store, site.now)
    written = write_reports(site.store, site.files, tally, site.now, today=False)

    assert len(written) == 5
    assert write_reports(site.store, site.files, tally, site.now, today=False) == []


def test_a_future_start_gives_no_report(site: Site) -> None:
    site.load({"name": "on", "state": "enabled", "started_at": "2026-04-01T00:00:00Z"})

    assert write_reports(site.store, site.files, recount(site.store, site.now), site.now) == []


def test_messages_for_what_has_not_started_and_for_what_has_no_report_yet(lean: Site) -> None:
    assert lean.send("GET", "/admin/reports/off", None, ADMIN).body["message"] == "not started"
    message = lean.send("GET", "/admin/reports/on", None, ADMIN).body["message"]

    assert message == "started, no report yet: wait until tomorrow"


def test_reports_are_for_staff_and_an_unknown_experiment_is_404(lean: Site) -> None:
    assert lean.send("GET", "/admin/reports/on").status == 401
    assert lean.send("GET", "/admin/reports/unheard", None, ADMIN).status == 404


def test_engagement_on_anonymous_visitors_and_conversions_of_registered_users(lean: Site) -> None:
    lean.post("/admin/goals", {"name": "minutes", "type": "engagement"}, ADMIN)
    see(lean, CONFIRM, enroll("other"))
    see(lean, {**goal("minutes"), "value": 2.5})
    rows = counts(lean.store, "other", lean.now).goals

    assert [row for (_, name), row in rows.items() if name == "minutes"] == [[1, 25_000]]


def test_what_a_goal_counts_cannot_change_while_an_experiment_counts_it(lean: Site) -> None:
    refused = lean.send("PATCH", "/admin/goals/signup", {"window_days": 7}, ADMIN)
    said = lean.send("PATCH", "/admin/goals/signup", {"role": "guardrail"}, ADMIN)

    assert (refused.status, refused.body["field"]) == (400, "window_days")
    assert (said.status, said.body["role"]) == (200, "guardrail")


def test_a_ratio_needs_goals_that_are_there(lean: Site) -> None:
    ratio = {"name": "per_view", "type": "ratio", "numerator": "signup", "denominator": "views"}

    assert lean.post("/admin/goals", ratio, ADMIN).status == 400
    assert (
        lean.post(
            "/admin/goals", {**ratio, "denominator": {"goal": "purchase", "metric": "count"}}, ADMIN
        ).status
        == 201
    )
