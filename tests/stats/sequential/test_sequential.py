"""What may be looked at every day: the running minimum, the planned looks, and who won."""

import pytest

from chalicelib.stats.sequential.lan_demets import boundaries
from tests.stats.requests import comparison, rates

PLAIN = {"weights": {"arm0": 1, "arm1": 1}}


def day(*arms):
    return {"day": "2026-11-01", "arms": [{"n": n, "conversions": x} for n, x in arms]}


def sequential(*arms, history=(), **request):
    return comparison(rates(*arms, history=list(history)), **request)


def test_five_equal_looks_have_the_published_boundaries():
    published = [4.8769, 3.3570, 2.6803, 2.2898, 2.0310]

    assert boundaries(0.05, [0.2, 0.4, 0.6, 0.8, 1.0]) == pytest.approx(published, abs=5e-5)


def test_one_look_at_the_end_is_the_plain_test():
    assert boundaries(0.05, [1.0]) == pytest.approx([1.959963984540054], rel=1e-12)


def test_no_look_after_the_last_and_none_without_news():
    found = boundaries(0.05, [0.5, 0.5, 1.2, 1.4])

    assert [limit < 100 for limit in found] == [True, False, True, False]


def test_the_running_minimum_keeps_the_best_day_and_its_winner():
    found = sequential((2000, 200), (2000, 205), history=[day((1000, 50), (1000, 120))])

    assert found["sequential"]["p_value"] == 1
    assert found["sequential"]["p_value_running_min"] < 0.05
    assert found["verdict"] == "winner"
    assert "interval_covers_zero" in found["warnings"]
    assert "covers no difference again" in found["sentence"]


def test_the_sign_is_that_of_the_day_that_decided():
    found = sequential((20_000, 2000), (20_000, 2060), history=[day((1000, 120), (1000, 50))])

    assert found["difference"]["estimate"] > 0
    assert found["verdict"] == "loser"


def test_days_with_too_few_conversions_do_not_enter_the_minimum():
    found = sequential((1000, 100), (1000, 101), history=[day((40, 0), (40, 30)), day((29, 5), (29, 24))])

    assert found["sequential"]["p_value_running_min"] == found["sequential"]["p_value"] == 1


def test_history_gives_what_looking_each_day_gave():
    days = [((500, 40), (500, 60)), ((1000, 85), (1000, 130)), ((1500, 130), (1500, 190))]
    alone = [sequential(*arms)["sequential"]["p_value"] for arms in days]
    found = sequential(*days[-1], history=[day(*arms) for arms in days[:-1]])

    assert found["sequential"]["p_value_running_min"] == min(alone)


def test_a_decrease_goal_is_won_by_going_down():
    found = comparison(rates((5000, 900), (5000, 600), direction="decrease"))

    assert found["verdict"] == "winner"
    assert found["bayesian"]["chance_to_beat_control"] > 0.999


def test_a_declared_maximum_plans_the_looks():
    found = sequential((1000, 100), (1000, 120), history=[day((500, 50), (500, 60))], max_sample_size=4000)

    assert found["sequential"]["method"] == "lan_demets_obf"
    assert found["sequential"]["information_fraction"] == 0.5
    assert found["sequential"]["z_boundary"] == pytest.approx(boundaries(0.05, [0.25, 0.5])[1], rel=1e-12)


def test_a_crossing_on_an_earlier_final_look_stays():
    found = sequential((2000, 200), (2000, 205), history=[day((1000, 50), (1000, 120))], max_sample_size=4000)

    assert found["sequential"]["significant"] is True
    assert found["verdict"] == "winner"


def test_a_provisional_day_is_no_look():
    today = {"max_sample_size": 4000, "history": [day((500, 50), (500, 51))]}
    final = sequential((1000, 50), (1000, 120), **today)
    open_day = sequential((1000, 50), (1000, 120), provisional=True, **today)

    assert final["sequential"]["significant"] is True
    assert open_day["sequential"]["significant"] is False
    assert open_day["sequential"]["z_boundary"] == pytest.approx(boundaries(0.05, [0.25])[0])


def test_looks_say_when_earlier_looks_were():
    found = sequential((1000, 100), (1000, 120), max_sample_size=2000, looks=[400, 800, 1200, 1600])
    equal = sequential((1000, 100), (1000, 120), max_sample_size=2000, looks=5)

    assert found["sequential"]["z_boundary"] == pytest.approx(2.0310, abs=5e-5)
    assert equal["sequential"]["z_boundary"] == found["sequential"]["z_boundary"]


def test_the_relative_scale_is_on_request():
    found = comparison(rates((5000, 500), (5000, 600), difference="relative"))["sequential"]

    assert found["ci_low"] < 0.2 < found["ci_high"]
