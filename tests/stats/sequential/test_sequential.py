"""What may be looked at every day: looks, labels, plans, and who won."""

import numpy as np
import pytest

from chalicelib.stats.sequential.lan_demets import boundaries
from chalicelib.stats.sequential.mixture import boundary
from tests.stats.requests import comparison, rates


def day(*arms):
    return {"arms": [{"n": n, "conversions": x} for n, x in arms]}


def decided(*arms, history=(), goal=None, **request):
    return comparison(rates(*arms, history=list(history), **(goal or {})), **request)


def steady(n, first, last, days):
    """The days before today, n visitors an arm each, at two rates."""
    return [day((n * k, first * k), (n * k, last * k)) for k in range(1, days)]


def limit(level, label):
    return boundary(np.array([level]), np.array([float(label)]))[0]


def test_the_first_day_needs_much_and_the_thirtieth_less():
    first = decided((1000, 100), (1000, 130))["sequential"]
    later = decided((1000, 100), (1000, 130), days=30)["sequential"]

    assert first["z_boundary"] == pytest.approx(limit(0.05, 1), rel=1e-12)
    assert later["z_boundary"] == pytest.approx(limit(0.05, 30), rel=1e-12)


def test_the_label_grows_with_the_clock_once_there_is_an_anchor():
    found = decided((30_000, 3000), (30_000, 3100), history=steady(1000, 100, 103, 20))["sequential"]

    # The anchor is day 7, with seven days' worth of clock; today has 30 days' worth.
    assert found["look_day"] == 20
    assert found["z_boundary"] == pytest.approx(limit(0.05, 30), rel=2e-3)


def test_a_day_without_three_percent_more_clock_is_no_look():
    history = steady(1000, 100, 100, 10)
    found = decided((9050, 905), (9050, 905), history=history)["sequential"]

    assert found["look_day"] == 9
    assert found["p_value"] == 1


def test_a_crossing_of_an_earlier_day_stays_and_is_said():
    found = decided((20_000, 2000), (20_000, 2110), history=[day((10_000, 1000), (10_000, 1230))], days=20)

    assert found["verdict"] == "winner"
    assert "interval_covers_zero" in found["warnings"]
    assert "decided on an earlier day" in found["sentence"]


def test_a_verdict_falls_when_today_says_the_opposite():
    found = decided((20_000, 2000), (20_000, 1800), history=[day((2000, 150), (2000, 260))], days=2)

    assert found["sequential"]["significant"] is True
    assert found["verdict"] == "unstable"


def test_days_with_too_little_expected_do_not_count():
    found = decided((1000, 100), (1000, 101), history=[day((40, 0), (40, 4)), day((29, 5), (29, 24))])

    assert found["sequential"]["p_value"] == 1
    assert found["sequential"]["highest_low"] < 0


def test_none_against_many_is_decided():
    assert decided((1000, 0), (1000, 200))["verdict"] == "winner"


def test_a_decrease_goal_is_won_by_going_down():
    found = comparison(rates((5000, 900), (5000, 600), direction="decrease"))

    assert found["verdict"] == "winner"
    assert found["bayesian"]["chance_to_beat_control"] > 0.999


def test_a_plan_joins_its_looks_with_the_daily_sequence():
    history = steady(1000, 100, 110, 10)
    found = decided(
        (10_000, 1000), (10_000, 1130), history=history, goal={"window_days": 1}, planned_visitors=20_000
    )

    assert found["sequential"]["method"] == "lan_demets_obf"
    assert found["sequential"]["information_fraction"] == 1
    assert found["sequential"]["z_boundary"] == pytest.approx(2.2552, abs=5e-4)
    assert [look["u"] for look in found["sequential"]["looks"]] == pytest.approx(np.arange(1, 11) / 10)
    assert found["verdict"] == "winner"


def test_the_old_name_of_the_planned_visitors_is_read():
    one, two = (
        comparison(rates((500, 50), (500, 60), window_days=1), **{name: 2000}, tuning=77)
        for name in ("planned_visitors", "max_sample_size")
    )

    assert one == two


def test_without_a_window_the_last_of_alpha_waits_for_the_end():
    history = steady(1000, 100, 104, 10)
    plan = {"planned_visitors": 20_000, "planned_days": 10, "history": history}
    open_, ended = (decided((10_000, 1000), (10_000, 1105), ended=end, **plan) for end in (False, True))

    assert open_["sequential"]["information_fraction"] == 0.95
    assert ended["sequential"]["information_fraction"] == 1
    assert ended["sequential"]["p_value"] < open_["sequential"]["p_value"]


def test_looks_before_the_first_row_have_spent_their_alpha():
    plan = {"planned_visitors": 2000, "ended": True}
    alone = decided((1000, 90), (1000, 130), **plan)["sequential"]
    fifth = decided((1000, 90), (1000, 130), looks=5, **plan)["sequential"]
    listed = decided((1000, 90), (1000, 130), looks=[400, 800, 1200, 1600], **plan)["sequential"]

    assert alone["z_boundary"] == pytest.approx(boundaries(0.04, [1.0])[0], rel=1e-12)
    assert fifth["z_boundary"] == pytest.approx(boundaries(0.04, [0.2, 0.4, 0.6, 0.8, 1.0])[-1], rel=1e-12)
    assert listed == fifth


def test_a_provisional_day_is_no_look():
    history = [day((5000, 500), (5000, 501))]
    final = decided((10_000, 1000), (10_000, 1300), history=history)
    provisional = decided((10_000, 1000), (10_000, 1300), history=history, provisional=True)

    assert final["verdict"] == "winner"
    assert provisional["verdict"] == "inconclusive"
    assert provisional["sequential"]["look_day"] == 1
    assert provisional["sequential"]["today_ci_low"] > 0


def test_dates_with_gaps_are_counted_as_days():
    history = [
        {**day((900, 90), (900, 91)), "day": "2026-11-01"},
        {**day((1900, 190), (1900, 191)), "day": "2026-11-05"},
    ]
    found = decided((3000, 300), (3000, 301), history=history)["sequential"]

    assert found["look_day"] == 6


def test_the_relative_scale_is_on_request_and_needs_a_base():
    found = comparison(rates((5000, 500), (5000, 600), difference="relative"))["sequential"]
    none = comparison(rates((5000, 0), (5000, 60), difference="relative"))["sequential"]

    assert found["ci_low"] < 0.2 < found["ci_high"]
    assert none["ci_low"] is None
