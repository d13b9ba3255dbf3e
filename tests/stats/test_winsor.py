"""Caps are exact, over both arms together."""

from fractions import Fraction

import pytest

from chalicelib.stats.winsor import capped, quantile_cap


def test_the_quantile_is_over_both_arms_together():
    arms = [{1: 5, 100: 1}, {2: 3, 1000: 1}]

    assert quantile_cap(arms, Fraction(9, 10)) == 100
    assert quantile_cap(arms, Fraction(8, 10)) == 2
    assert quantile_cap(arms, Fraction(1)) == 1000


def test_values_beyond_the_cap_count_as_the_cap():
    assert capped({1: 5, 100: 2}, 10) == (7, 25, 205)


@pytest.mark.parametrize(("arms", "share"), [([{}], Fraction(1, 2)), ([{1: 1}], Fraction(0))])
def test_no_visitors_or_no_share_is_an_error(arms, share):
    with pytest.raises(ValueError, match="needs visitors"):
        quantile_cap(arms, share)
