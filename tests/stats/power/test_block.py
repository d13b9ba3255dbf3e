"""What the rule that decides finds with these visitors, and what is still needed."""

import pytest

from chalicelib.stats.power.planning import Plan, complete
from tests.stats.requests import comparison, rates, report


def test_the_effect_found_is_the_one_whose_sample_size_this_is():
    power = comparison(rates((5000, 500), (5000, 510)))["power"]
    plan = complete(Plan(base=0.1, effect=power["mde_absolute"], power=0.8, rule="fixed"))

    assert plan.visitors == pytest.approx(5000 / 1.55, rel=1e-9)


def test_a_fall_is_found_like_a_rise_of_the_others():
    up = comparison(rates((5000, 4500), (5000, 4510)))["power"]
    down = comparison(rates((5000, 500), (5000, 510)))["power"]

    assert down["mde_down_absolute"] == pytest.approx(-up["mde_absolute"], rel=1e-9)


def test_days_go_on_at_the_traffic_so_far_for_the_declared_effect():
    power = comparison(rates((1000, 100), (1000, 130)), days=10, minimum_effect=0.2)["power"]

    assert power["n_required_per_arm"] == pytest.approx(3841 * 1.55, abs=2)
    assert power["days_remaining"] == 50


def test_a_plan_and_a_family_change_what_is_needed():
    goals = [{**rates((1000, 100), (1000, 120)), "key": key} for key in "abcd"]
    power = report(*goals, planned_visitors=9000, minimum_effect=0.2)["goals"][0]["comparisons"][0]["power"]

    assert power["level"] == 0.05 / 4
    assert power["factor"] == 1.10


def test_without_a_declared_effect_the_reason_is_said():
    power = comparison(rates((1000, 100), (1000, 120)), days=10)["power"]

    assert power["n_required_per_arm"] is power["days_remaining"] is None
    assert power["reason"] == "no_minimum_effect"
