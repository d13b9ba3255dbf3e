"""What these visitors find, and what is still needed."""

import pytest

from chalicelib.stats.power.planning import Plan, complete
from tests.stats.requests import comparison, rates


def test_the_effect_found_is_the_one_whose_sample_size_this_is():
    power = comparison(rates((5000, 500), (5000, 510)))["power"]
    plan = complete(Plan(base=0.1, effect=power["mde_absolute"], power=0.8))

    assert plan.visitors == pytest.approx(5000, rel=1e-9)


def test_days_go_on_at_the_traffic_so_far():
    power = comparison(rates((1000, 100), (1000, 120)), days=10)["power"]

    assert power["n_required_per_arm"] == 3841
    assert power["days_remaining"] == 29


def test_no_days_without_an_effect_or_without_days():
    none = comparison(rates((1000, 100), (1000, 100)), days=10)["power"]
    unknown = comparison(rates((1000, 100), (1000, 120)))["power"]

    assert none["n_required_per_arm"] is none["days_remaining"] is None
    assert unknown["days_remaining"] is None
