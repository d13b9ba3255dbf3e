"""Who calls, by cookie or by name, and how the cookie is set."""

import pytest

from chalicelib.web.browser.cookie import caller, cookie_form, set_cookie
from chalicelib.web.http.token import sign

KEYS = ["k" * 20]
AGED = "Path=/; Max-Age=34560000; SameSite=Lax"
HOST, DOMAIN, PLAIN = cookie_form(False, ""), cookie_form(False, "shop.example"), cookie_form(True, "")
TOKEN = sign("visitor-1", KEYS)


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        (HOST, f"__Host-leansplit={TOKEN}; {AGED}; Secure"),
        (
            DOMAIN,
            f"__Secure-leansplit={TOKEN}; {AGED}; Secure; Domain=shop.example",
        ),
        (PLAIN, f"leansplit={TOKEN}; {AGED}"),
    ],
)
def test_the_cookie_is_as_strict_as_its_place_allows(form, expected):
    assert set_cookie("visitor-1", KEYS, form) == expected


@pytest.mark.parametrize("others", ["", "a=1; ", 'json={"a": [1, 2]}; ', "empty=; novalue; ; =x; ", "ü=ö; "])
def test_the_cookie_is_found_among_all_kinds_of_others(others):
    who = caller(f"{others}__Host-leansplit={TOKEN}; z=2", None, KEYS, HOST)

    assert (who.visitor_id, who.signed, who.known) == ("visitor-1", True, True)


def test_a_good_cookie_is_found_behind_a_forged_one_of_the_same_name():
    assert (
        caller(f"__Host-leansplit=v1.x.y; __Host-leansplit={TOKEN}", None, KEYS, HOST).visitor_id
        == "visitor-1"
    )


def test_a_cookie_of_another_form_is_not_ours():
    assert not caller(f"leansplit={TOKEN}", None, KEYS, HOST).known


def test_the_cookie_goes_before_the_body_and_a_token_before_a_bare_id():
    other = sign("visitor-2", KEYS)

    assert caller(f"__Host-leansplit={TOKEN}", other, KEYS, HOST).visitor_id == "visitor-1"
    assert caller("__Host-leansplit=v1.x.y", other, KEYS, HOST).visitor_id == "visitor-2"


def test_a_bare_id_is_taken_but_not_as_signed():
    who = caller("", "visitor-3", KEYS, HOST)

    assert (who.visitor_id, who.signed, who.known) == ("visitor-3", False, True)


@pytest.mark.parametrize(
    "named", [None, 7, [], {}, "", "short", "x" * 65, "with space", "v1.visitor-1.forged", "\ud800"]
)
def test_nothing_forged_or_malformed_is_an_error_but_a_new_visitor(named):
    first, second = caller("", named, KEYS, HOST), caller("", named, KEYS, HOST)

    assert not first.known
    assert first.visitor_id != second.visitor_id
