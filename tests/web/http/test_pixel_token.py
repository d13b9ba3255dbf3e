"""The pixel's token: one goal, one visitor, a time; forged or stale it is nobody's."""

import pytest

from chalicelib.domain.instant import DAY
from chalicelib.web.http.pixel_token import PIXEL_LIFE, Mailed, mailed_of, sign_pixel
from chalicelib.web.http.token import sign, signed_id

NOW = 1_780_000_000_000
OLD, NEW = "k" * 20, "n" * 20
TOKEN = sign_pixel("visitor-1", "buy.it", NOW + PIXEL_LIFE, [OLD])


def test_it_names_its_visitor_for_its_goal_until_it_expires():
    assert mailed_of(TOKEN, "buy.it", NOW, [OLD]) == Mailed("visitor-1")
    assert mailed_of(TOKEN, "buy.it", NOW + 89 * DAY, [OLD]) == Mailed("visitor-1")
    assert mailed_of(TOKEN, "buy.it", NOW + 90 * DAY, [OLD]) is None


def test_it_counts_no_other_goal():
    assert mailed_of(TOKEN, "buy", NOW, [OLD]) is None
    assert mailed_of(TOKEN, "it", NOW, [OLD]) is None


def test_keys_rotate():
    assert mailed_of(TOKEN, "buy.it", NOW, [NEW, OLD]) == Mailed("visitor-1")
    assert mailed_of(TOKEN, "buy.it", NOW, [NEW]) is None


@pytest.mark.parametrize(
    "forged",
    [
        "",
        ".",
        "...",
        "a.b.c.d",
        TOKEN[:-1],
        TOKEN + "A",
        "x" + TOKEN,
        TOKEN.replace("visitor-1", "visitor-2"),
        TOKEN.replace(".17", ".27"),
        "�." + TOKEN,
        TOKEN[:-3] + "é",
        "v1.visitor-1.buy.it.99999999999." + "A" * 22,
    ],
)
def test_a_forged_or_malformed_one_is_nobody_s_and_no_error(forged):
    assert mailed_of(forged, "buy.it", NOW, [OLD]) is None


def test_a_user_s_own_id_survives():
    token = sign_pixel("~ann.é@example.org", "buy", NOW + DAY, [OLD])

    assert mailed_of(token, "buy", NOW, [OLD]) == Mailed("~ann.é@example.org")


def test_neither_token_passes_for_the_other():
    assert signed_id(TOKEN, [OLD]) is None
    assert mailed_of(sign("visitor-1", [OLD]), "buy.it", NOW, [OLD]) is None


def test_its_value_is_signed_with_it():
    token = sign_pixel("visitor-1", "v1.v2", NOW + DAY, [OLD], -125_000)

    assert mailed_of(token, "v1.v2", NOW, [OLD]) == Mailed("visitor-1", -125_000)
    assert mailed_of(token.replace("v-125000", "v-125001"), "v1.v2", NOW, [OLD]) is None
