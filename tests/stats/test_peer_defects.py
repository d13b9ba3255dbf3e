"""Cases that peers get wrong: each test names the peer and the truth."""

import pytest

from tests.stats.requests import comparison, rates, report, values


def test_gbstats_says_zero_below_1e_16_but_p_has_a_logarithm():
    found = comparison(rates((10**5, 20_000), (10**5, 27_500)))["fixed_horizon"]

    assert found["p_value"] == 0 or found["p_value"] < 1e-300
    assert -400 < found["log10_p"] < -300


def test_gbstats_sums_squares_in_floats_and_says_1_where_p_is_3e_8():
    low = [10**9, 10**9 + 1] * 50
    high = [10**9 + 1, 10**9 + 1, 10**9 + 1, 10**9 + 1, 10**9] * 20
    found = comparison(values(low, [v + 1 for v in high]))

    assert found["fixed_horizon"]["p_value"] < 1e-7
    assert found["difference"]["estimate"] == pytest.approx(1.3, rel=1e-12)


def test_gbstats_has_no_interval_where_the_control_is_zero():
    found = comparison(rates((1000, 0), (1000, 5)))

    assert found["fixed_horizon"]["p_value"] == pytest.approx(0.0252, abs=5e-5)
    assert found["difference"]["ci_high"] > found["difference"]["ci_low"]
    assert found["lift"]["estimate"] is None


def test_gbstats_corrects_nothing_but_holm_and_bh_are_here():
    goals = [{**rates((1000, 100), (1000, x)), "key": f"g{x}"} for x in (130, 125, 100)]
    rows = [goal["comparisons"][0] for goal in report(*goals)["goals"]]
    p = [row["fixed_horizon"]["p_value"] for row in rows]

    assert [row["adjusted"]["family_size"] for row in rows] == [3, 3, 3]
    assert rows[0]["adjusted"]["holm_p"] == pytest.approx(3 * p[0])
    assert rows[1]["adjusted"]["holm_p"] == pytest.approx(2 * p[1])
    assert rows[0]["adjusted"]["bh_q"] == pytest.approx(min(3 * p[0], 1.5 * p[1]))


def test_guardrails_and_any_stay_out_of_the_family_and_goals_without_data_in_it():
    goals = [
        {**rates((1000, 100), (1000, 130)), "key": "buy"},
        {**rates((1000, 100), (1000, 130)), "key": "any"},
        {**rates((1000, 100), (1000, 130)), "key": "speed", "role": "guardrail"},
        {**rates((1000, 0), (1000, 0)), "key": "never"},
    ]
    found = [goal["comparisons"][0]["adjusted"] for goal in report(*goals)["goals"]]

    assert [each["family_size"] for each in found] == [2, 0, 1, 2]
    assert [each["holm_p"] is None for each in found] == [False, True, False, True]


@pytest.mark.parametrize("arms", [((0, 0), (10, 3)), ((10, 0), (10, 0))])
def test_scipy_raises_and_statsmodels_says_nan_where_a_margin_is_empty(arms):
    found = comparison(rates(*arms))

    assert found["status"] in ("empty_arm", "degenerate_margin")
    assert found["fixed_horizon"]["statistic"] is None


def test_django_lean_shows_na_for_p_0_but_it_is_100_percent():
    found = comparison(rates((10**6, 100_000), (10**6, 200_000)))["fixed_horizon"]

    assert found["p_value"] == 0
    assert found["confidence_percent"] == 100


def test_django_lean_says_t_is_1_without_variance():
    equal, different = comparison(values([2] * 5, [2] * 5)), comparison(values([2] * 5, [3] * 5))

    assert equal["status"] == different["status"] == "zero_variance"
    assert equal["fixed_horizon"]["p_value"] is None
    assert different["fixed_horizon"]["statistic"] == "inf"
    assert different["fixed_horizon"]["p_value"] == 0
    assert different["fixed_horizon"]["log10_p"] is None
    assert different["verdict"] == "insufficient_data"


def test_django_lean_shows_na_where_the_test_rate_is_0_but_it_is_minus_100_percent():
    assert comparison(rates((1000, 50), (1000, 0)))["lift"]["estimate"] == -1
