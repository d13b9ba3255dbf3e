"""Means against R, and the one-way analysis of variance."""

from fractions import Fraction

import pytest

from tests.stats.requests import comparison, report, values

SLEEP = (
    ["0.7", "-1.6", "-0.2", "-1.2", "-0.1", "3.4", "3.7", "0.8", "0.0", "2.0"],
    ["1.9", "0.8", "1.1", "0.1", "-0.1", "4.4", "5.5", "1.6", "4.6", "3.4"],
)


def test_rs_sleep_data():
    found = comparison(values(*[[Fraction(value) for value in arm] for arm in SLEEP]))["fixed_horizon"]

    assert found["welch_p_value"] == pytest.approx(0.07939, abs=5e-6)
    assert found["p_value"] == pytest.approx(0.07919, abs=5e-6)
    assert found["df"] == 18


def test_one_visitor_an_arm_is_insufficient_data():
    found = comparison(values([3], [4]))

    assert found["status"] == "insufficient_data"
    assert found["fixed_horizon"]["p_value"] is None


def test_three_arms_of_two_values_have_an_f_test():
    omnibus = report(values([1, 2, 3], [2, 3, 4], [6, 7, 8]))["goals"][0]["omnibus"]

    assert omnibus["test"] == "anova"
    assert omnibus["statistic"] == pytest.approx(21)
    assert (omnibus["df"], omnibus["df_within"]) == (2, 6)


def test_fewer_than_a_hundred_visitors_get_no_verdict():
    few = comparison(values(list(range(99)), list(range(200, 299))))
    enough = comparison(values(list(range(100)), list(range(200, 300))))

    assert few["verdict"] == "insufficient_data"
    assert enough["verdict"] == "winner"
