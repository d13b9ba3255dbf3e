"""The sample-ratio check against published numbers, and what it does to the verdict."""

import pytest

from tests.stats.requests import comparison, rates, report


def test_kohavi_tang_xus_mismatch_is_found():
    found = report(rates((821_588, 50_000), (815_482, 60_000)))["srm"]

    assert found["p_value"] == pytest.approx(1.8e-6, rel=0.03)
    assert found["verdict"] == "mismatch"


def test_cookie_cats_sample_ratio():
    found = report(rates((44700, 8502), (45489, 8279)))["srm"]

    assert found["p_value"] == pytest.approx(0.0086, abs=5e-5)
    assert found["log_e_value"] == pytest.approx(1.16, abs=5e-3)
    assert found["verdict"] == "watch"
    assert found["watch"] is True


def test_a_mismatch_blocks_the_verdict():
    found = comparison(rates((821_588, 50_000), (815_482, 60_000)))

    assert found["verdict"] == "blocked_by_srm"


def test_arms_without_weight_do_not_count_in_df():
    weights = {"arm0": "0.5", "arm1": "0.5", "arm2": 0}
    found = report(rates((1000, 90), (1100, 90), (0, 0)), weights=weights)["srm"]

    assert found["df"] == 1
    assert found["chi2"] == pytest.approx(100**2 / 2100)


def test_a_visitor_in_an_arm_without_weight_is_impossible():
    weights = {"arm0": 1, "arm1": 1, "arm2": 0}
    found = report(rates((1000, 90), (1000, 90), (1, 0)), weights=weights)["srm"]

    assert found["verdict"] == "impossible_assignment"
    assert found["p_value"] == 0
    assert found["chi2"] == 0


def test_no_visitor_is_no_data():
    assert report(rates((0, 0), (0, 0)))["srm"]["verdict"] == "no_data"
