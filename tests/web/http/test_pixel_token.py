"""The pixel's token: one goal, one visitor, a time; forged or stale it is nobody's."""

import pytest

from chalicelib.domain.instant import DAY
from chalicelib.web.http.pixel_token import PIXEL_LIFE, pixel_id, sign_pixel
from chalicelib.web.http.token import sign, signed_id

NOW = 1_780_000_000_000
OLD, NEW = "k" * 20, "n" * 20
TOKEN = sign_pixel("visitor-1", "buy.it", NOW + PIXEL_LIFE, [OLD])


def test_it_names_its_visitor_for_its_goal_until_it_expires():
    assert pixel_id(TOKEN, "buy.it", NOW, [OLD]) == "visitor-1"
    assert pixel_id(TOKEN, "buy.it", NOW + 89 * DAY, [OLD]) == "visitor-1"
    assert pixel_id(TOKEN, "buy.it", NOW + 90 * DAY, [OLD]) is None


def test_it_counts_no_other_goal():
    assert pixel_id(TOKEN, "buy", NOW, [OLD]) is None
    assert pixel_id(TOKEN, "it", NOW, [OLD]) is None


def test_keys_rotate():
    assert pixel_id(TOKEN, "buy.it", NOW, [NEW, OLD]) == "visitor-1"
    assert pixel_id(TOKEN, "buy.it", NOW, [NEW]) is None


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
    assert pixel_id(forged, "buy.it", NOW, [OLD]) is None


def test_a_user_s_own_id_survives():
    token = sign_pixel("~ann.é@example.org", "buy", NOW + DAY, [OLD])

    assert pixel_id(token, "buy", NOW, [OLD]) == "~ann.é@example.org"


def test_neither_token_passes_for_the_other():
    assert signed_id(TOKEN, [OLD]) is None
    assert pixel_id(sign("visitor-1", [OLD]), "buy.it", NOW, [OLD]) is None
