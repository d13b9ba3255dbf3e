"""The visitor's token: signed by any of our keys, or nobody's."""

import pytest

from chalicelib.web.http.token import new_visitor_id, sign, signed_id

OLD, NEW = "o" * 20, "n" * 20
TOKEN = sign("visitor-1", [OLD])


def test_what_was_signed_is_known_again():
    assert signed_id(TOKEN, [OLD]) == "visitor-1"


def test_keys_rotate_the_first_signs_and_all_are_accepted():
    assert signed_id(TOKEN, [NEW, OLD]) == "visitor-1"
    assert sign("visitor-1", [NEW, OLD]) == sign("visitor-1", [NEW])
    assert signed_id(TOKEN, [NEW]) is None


@pytest.mark.parametrize(
    "forged",
    [
        "",
        "v1",
        "v1..",
        "v1.visitor-1",
        "v1.visitor-1.",
        "visitor-1",
        TOKEN[:-1],
        TOKEN + "A",
        TOKEN.upper(),
        "v2" + TOKEN[2:],
        TOKEN.replace("-1", "-2"),
        "v1.�.x",
        TOKEN + "é",
        "v1." + "x" * 5000 + ".y",
        "v1.a b.c",
    ],
)
def test_a_forged_or_malformed_one_is_nobody_s_and_no_error(forged):
    assert signed_id(forged, [OLD]) is None


def test_new_ids_are_long_and_never_the_same():
    ids = {new_visitor_id() for _ in range(1000)}

    assert len(ids) == 1000
    assert {len(each) for each in ids} == {22}
