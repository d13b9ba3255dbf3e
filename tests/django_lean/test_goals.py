"""django-lean's goals: declared, counted once, reached by picture or server."""

import struct

import pytest

from chalicelib.domain.instant import HOUR, SECOND, iso_at
from chalicelib.web.http.token import sign
from tests.django_lean.steps import (
    CONFIRM,
    HUMAN,
    TOKEN,
    converted,
    enroll,
    goal,
    night,
    operate,
    people,
    reach,
    report_of,
    see,
    setting,
)
from tests.web.client import TOKENS, Answer, Site


def test_goal_types_are_declared(lean: Site) -> None:
    declared = operate(lean, "POST", "/admin/goals", {"name": "call", "unit": "calls"})
    names = [each["name"] for each in operate(lean, "GET", "/admin/goals").body["goals"]]
    see(lean, CONFIRM, enroll("other"))
    see(lean, goal("call"))

    assert declared.status == 201
    assert names == ["call", "purchase", "signup", "spend"]
    assert converted(lean, "other") == {"call": 1, "any": 1}


def test_an_unknown_goal_is_a_warning_and_nothing_is_recorded(
    lean: Site, caplog: pytest.LogCaptureFixture
) -> None:
    assert see(lean, goal("sing_up")).status == 204

    assert lean.store.visitors == {}
    told = [record for record in caplog.records if record.message == "unknown goals"]
    assert [(record.levelname, record.goals) for record in told] == [("WARNING", ["sing_up"])]


def test_an_unknown_goal_is_an_error_in_development(lean: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    setting(monkeypatch, "DEVELOPMENT", "1")
    answer = see(lean, CONFIRM, enroll(), goal("signup"), goal("sing_up"))

    assert (answer.status, answer.body["field"]) == (400, "events[3].goal")
    assert "sing_up" in answer.body["error"]
    assert converted(lean) == {"signup": 1, "any": 1}


def test_an_unknown_goal_of_a_server_is_an_error_always(lean: Site) -> None:
    answer = lean.post("/v1/goals", {"user_id": "1", "goal": "sing_up"})

    assert (answer.status, answer.body["reason"]) == (422, "unknown_goal")


def test_an_unknown_goal_is_created_where_the_setting_wants_it(
    lean: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    setting(monkeypatch, "AUTO_CREATE_GOALS", "1")
    see(lean, CONFIRM, enroll("other"))
    see(lean, goal("newsletter"))

    assert converted(lean, "other") == {"newsletter": 1, "any": 1}


def test_a_goal_that_was_created_by_itself_decides_nothing_until_it_is_declared(
    lean: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    setting(monkeypatch, "AUTO_CREATE_GOALS", "1")
    operate(lean, "POST", "/admin/experiments", {"name": "fresh", "state": "enabled"})
    see(lean, CONFIRM, enroll("fresh"), *(goal(f"made-up-{number}") for number in range(9)))
    night(lean)
    shown = {each["key"]: each["in_family"] for each in report_of(lean, "fresh")["goals"]}
    assert {shown[f"made-up-{number}"] for number in range(9)} == {False}
    made = operate(lean, "GET", "/admin/goals/made-up-1").body
    assert made["auto_created"] is True

    assert operate(lean, "POST", "/admin/goals", {"name": "made-up-1"}).body["auto_created"] is False
    assert operate(lean, "PATCH", "/admin/goals/made-up-2", {"auto_created": False}).status == 200
    night(lean)
    shown = {each["key"]: each["in_family"] for each in report_of(lean, "fresh")["goals"]}
    assert (shown["made-up-1"], shown["made-up-2"], shown["made-up-3"]) == (True, True, False)


def test_a_goal_counts_for_every_experiment_that_the_visitor_is_enrolled_in(lean: Site) -> None:
    operate(lean, "POST", "/admin/experiments", {"name": "third", "state": "enabled"})
    see(lean, CONFIRM, enroll("on"), enroll("other"))
    see(lean, goal("signup"))

    assert converted(lean, "on") == converted(lean, "other") == {"signup": 1, "any": 1}
    assert converted(lean, "third") == {}


def test_many_records_of_one_goal_are_legal_and_each_participant_counts_once(lean: Site) -> None:
    see(lean, CONFIRM, enroll())
    answers = [see(lean, goal("signup", number)).status for number in range(3)]

    assert answers == [204, 204, 204]
    assert converted(lean) == {"signup": 1, "any": 1}


def test_only_goals_from_the_instant_of_enrolment_on_count(lean: Site) -> None:
    see(lean, CONFIRM, goal("signup"))
    see(lean, enroll(), goal("purchase"))

    assert converted(lean) == {"purchase": 1, "any": 1}


def test_goals_before_the_confirmation_wait_and_count(lean: Site) -> None:
    see(lean, enroll())
    see(lean, goal("signup"))
    before = converted(lean)
    see(lean, CONFIRM)

    assert before == {}
    assert converted(lean) == {"signup": 1, "any": 1}


def picture(site: Site, path: str, method: str = "GET", token: str | None = TOKEN) -> Answer:
    cookie = {} if token is None else {"Cookie": f"__Host-leansplit={token}"}
    return site.send(method, path, **HUMAN, **cookie)


def assert_pixel(answer: Answer) -> None:
    """200, never cached, and a GIF of 1×1 whose only colour in use is the transparent one."""
    assert (answer.status, answer.headers["Content-Type"]) == (200, "image/gif")
    assert "no-store" in answer.headers["Cache-Control"]
    width, height = struct.unpack("<HH", answer.raw[6:10])
    control = answer.raw.index(b"\x21\xf9\x04")
    assert (answer.raw[:6], width, height) == (b"GIF89a", 1, 1)
    assert answer.raw[control + 3] & 1


@pytest.mark.parametrize("path", ["/signup", "/unheard_of", "/two%20words", "/any", "", "/signup?value=x"])
@pytest.mark.parametrize("token", [TOKEN, None, "nonsense"])
def test_the_pixel_is_a_transparent_picture_whatever_is_asked(
    lean: Site, path: str, token: str | None
) -> None:
    assert_pixel(picture(lean, f"/e/goal{path}", token=token))


def test_the_pixel_is_a_picture_even_after_an_internal_error(
    lean: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def down(*_: object) -> None:
        raise OSError("the table is away")

    monkeypatch.setattr(lean.store, "load_visitor", down)

    assert_pixel(picture(lean, "/e/goal/signup"))
    assert "the table is away" in caplog.text


def test_the_pixel_is_a_picture_of_an_unknown_goal_in_development_too(
    lean: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    setting(monkeypatch, "DEVELOPMENT", "1")

    assert_pixel(picture(lean, "/e/goal/unheard_of"))


def test_the_pixel_is_a_get_and_its_goal_counts(lean: Site) -> None:
    see(lean, CONFIRM, enroll())
    posted = picture(lean, "/e/goal/signup", "POST")
    nobody = picture(lean, "/e/goal/signup", token=None)
    before = converted(lean)
    lean.now += SECOND
    picture(lean, "/e/goal/signup")

    assert (posted.status, nobody.status, before) == (405, 200, {})
    assert converted(lean) == {"signup": 1, "any": 1}


def test_goals_come_from_server_code_for_users_and_for_visitors(lean: Site) -> None:
    users = people(lean, control=1, test=1)
    visitor = sign("visitor-00000002", [TOKENS])
    see(lean, CONFIRM, enroll(), token=visitor)
    lean.now += HOUR
    reach(lean, [*users["control"], *users["test"]], "signup", at=iso_at(lean.now - SECOND))
    lean.post("/v1/goals", {"visitor": visitor, "goal": "purchase"})

    assert converted(lean) == {"signup": 2, "purchase": 1, "any": 3}
