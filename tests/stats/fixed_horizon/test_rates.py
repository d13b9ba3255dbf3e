"""Conversion rates against published numbers."""

import pytest

from tests.stats.requests import comparison, rates, report


@pytest.mark.parametrize(
    ("control", "test", "chi2"),
    [
        ((50, 14), (55, 25), 3.4176732358550534),
        ((302, 292), (286, 271), 1.3489283703956751),
        ((302, 285), (286, 252), 7.2646044251357011),
    ],
)
def test_chi_square_is_that_of_django_leans_own_suite(control, test, chi2):
    found = comparison(rates(control, test))["fixed_horizon"]

    assert found["statistic"] == pytest.approx(chi2, rel=1e-12)
    assert found["df"] == 1


def test_cookie_cats_seven_day_retention():
    found = comparison(rates((44700, 8502), (45489, 8279)))["fixed_horizon"]

    assert found["statistic"] == pytest.approx(10.0132, abs=5e-5)
    assert found["p_value"] == pytest.approx(0.0015542, abs=5e-8)


def test_udacity_gross_conversion_difference():
    found = comparison(rates((17293, 3785), (17260, 3423)))["difference"]

    assert found["estimate"] == pytest.approx(-0.020555, abs=5e-7)
    assert found["ci_low"] == pytest.approx(-0.02912, abs=2e-5)
    assert found["ci_high"] == pytest.approx(-0.01199, abs=2e-5)


def test_smokers_of_four_arms_give_rs_omnibus():
    found = report(rates((86, 83), (93, 90), (136, 129), (82, 70)))["goals"][0]["omnibus"]

    assert found["statistic"] == pytest.approx(12.600, abs=5e-4)
    assert found["df"] == 3
    assert found["p_value"] == pytest.approx(0.005585, abs=5e-7)


@pytest.mark.parametrize("arms", [((10, 0), (12, 0)), ((10, 10), (12, 12))])
def test_nobody_or_everybody_converted_is_a_status_not_a_number(arms):
    found = comparison(rates(*arms))

    assert found["status"] == "degenerate_margin"
    assert found["fixed_horizon"]["p_value"] is None
    assert found["verdict"] == "insufficient_data"


def test_an_empty_arm_is_a_status_not_a_number():
    found = comparison(rates((10, 3), (0, 0)))

    assert found["status"] == "empty_arm"
    assert found["fixed_horizon"]["p_value"] is None


def test_wilson_interval_of_nobody_starts_at_zero_exactly():
    arms = report(rates((10, 0), (10, 10)))["goals"][0]["arms"]

    assert arms[0]["ci"]["low"] == 0
    assert arms[1]["ci"]["high"] == 1
