"""django-lean's identities: the unverified, the confirmed, the registered."""

from chalicelib.domain.instant import DAY, SECOND
from chalicelib.web.http.token import sign
from tests.django_lean.steps import (
    CONFIRM,
    arms,
    assignment,
    comparison,
    converted,
    enroll,
    enrolled,
    flip,
    goal,
    night,
    operate,
    reach,
    report_of,
    see,
    shown,
    user_of,
)
from tests.web.client import TOKENS, Site

VISITORS = [sign(f"visitor-{number:08d}", [TOKENS]) for number in range(200)]


def test_an_unverified_visitor_has_a_variation_but_is_no_participant(lean: Site) -> None:
    variation = shown(lean, "on")["variation"]
    see(lean, enroll())

    assert variation in ("control", "test")
    assert enrolled(lean) == {}


def test_an_unverified_visitor_that_never_confirms_is_forgotten(lean: Site) -> None:
    see(lean, enroll())
    lean.now += 8 * DAY
    see(lean, CONFIRM)

    assert enrolled(lean) == {}


def test_confirming_answers_204_with_an_empty_body(lean: Site) -> None:
    answer = see(lean, CONFIRM)

    assert (answer.status, answer.raw) == (204, b"")


def test_confirming_is_idempotent(lean: Site) -> None:
    see(lean, enroll(), CONFIRM)
    before = dict(lean.store.visitors)
    see(lean, enroll(), CONFIRM)

    assert lean.store.visitors == before


def test_confirming_makes_buffered_enrolments_participants_with_the_same_variation(lean: Site) -> None:
    expected = {"control": 0, "test": 0}
    for token in VISITORS[:20]:
        expected[shown(lean, "on", token)["variation"]] += 1
        see(lean, enroll(), token=token)
        see(lean, CONFIRM, token=token)

    assert enrolled(lean) == expected
    assert min(expected.values()) > 0


def test_experiments_buffered_over_several_pages_all_survive(lean: Site) -> None:
    see(lean, enroll("on"))
    see(lean, enroll("other"))
    see(lean, CONFIRM)

    assert sum(enrolled(lean, "on").values()) == sum(enrolled(lean, "other").values()) == 1


def test_later_experiments_enrol_at_once_and_reuse_the_visitor(lean: Site) -> None:
    see(lean, CONFIRM, enroll("on"))
    see(lean, enroll("other"))

    assert len(lean.store.visitors) == 1
    assert sum(enrolled(lean, "other").values()) == 1


def test_a_disabled_experiment_creates_nothing(lean: Site) -> None:
    see(lean, enroll("off"))

    assert lean.store.visitors == {}


def test_confirming_is_a_post_not_a_get(lean: Site) -> None:
    see(lean, enroll())
    prefetched = lean.send("GET", f"/e/collect?visitor={VISITORS[1]}")
    lean.send("GET", f"/e/assign?visitor={VISITORS[1]}")

    assert prefetched.status == 405
    assert enrolled(lean) == {}


def test_the_state_is_checked_again_when_confirming(lean: Site) -> None:
    see(lean, enroll("on"), enroll("other"))
    flip(lean, "on", "disable")
    see(lean, CONFIRM)

    assert enrolled(lean, "on") == {}
    assert sum(enrolled(lean, "other").values()) == 1


def test_the_variation_survives_sign_up_and_login(lean: Site) -> None:
    """96 of 200 changed their group in django-lean."""
    changed = 0
    for number, token in enumerate(VISITORS):
        user, first = f"member {number}", shown(lean, "on", token)["variation"]
        see(lean, CONFIRM, enroll(), token=token)
        lean.post("/v1/identify", {"visitor": token, "user_id": user})
        laptop = sign(f"laptop-{number:08d}", [TOKENS])
        see(lean, CONFIRM, token=laptop)
        known = lean.post("/v1/identify", {"visitor": laptop, "user_id": user}).body["visitor"]
        after = {shown(lean, "on", known)["variation"], assignment(lean, "on", user)["variation"]}
        changed += after != {first}

    assert changed == 0
    assert sum(enrolled(lean).values()) == 200


def test_who_saw_both_variations_is_a_conflict_left_out_and_shown(lean: Site) -> None:
    token = next(each for each in VISITORS if shown(lean, "on", each)["variation"] == "control")
    user = user_of(lean, "test")
    see(lean, CONFIRM, enroll(), token=token)
    lean.post("/v1/identify", {"visitor": token, "user_id": user})
    night(lean)
    found = report_of(lean)

    assert found["exclusions"]["conflicts"] == 1
    assert [arm["n"] for arm in found["goals"][0]["arms"]] == [0, 0]


def test_goals_of_registered_users_count_in_conversions(lean: Site) -> None:
    user = user_of(lean, "test")
    lean.now += SECOND
    reach(lean, [user], "signup")

    assert enrolled(lean) == {"test": 1}
    assert converted(lean) == {"signup": 1, "any": 1}


def test_engagement_of_anonymous_visitors_counts(lean: Site) -> None:
    operate(lean, "POST", "/admin/goals", {"name": "minutes", "type": "engagement"})
    for number, token in enumerate(VISITORS[:20]):
        see(lean, CONFIRM, enroll("other"), token=token)
        see(lean, {**goal("minutes"), "value": number + 0.5}, token=token)
    night(lean)
    found = report_of(lean, "other")

    assert sum(float(arm["sum"]) for arm in arms(found, "minutes").values()) == 200
    assert comparison(found, "minutes")["fixed_horizon"]["test"] == "student"
    assert 0 < comparison(found, "minutes")["fixed_horizon"]["p_value"] <= 1
