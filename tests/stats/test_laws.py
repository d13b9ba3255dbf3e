"""What must hold for any counts."""

import json

from hypothesis import given
from hypothesis import strategies as st

from tests.laws import tried
from tests.stats.requests import comparison, rates, report, values

COUNT = st.one_of(st.integers(0, 60), st.integers(0, 10**12))
ARM = COUNT.flatmap(lambda n: st.tuples(st.just(n), st.one_of(st.integers(0, n), st.integers(0, min(n, 9)))))
VALUE = st.one_of(st.integers(-5, 5), st.integers(-(10**12), 10**12))
ARM_OF_VALUES = st.lists(VALUE, max_size=12)


def checked(found):
    test, sequential = found["fixed_horizon"], found["sequential"]
    for p in (test["p_value"], test["yates_p_value"], test["welch_p_value"], sequential["p_value"]):
        assert p is None or 0 <= p <= 1
    for block in (found["difference"], found["lift"], sequential):
        if block["ci_low"] is not None and block.get("estimate") is not None:
            assert block["ci_low"] <= block["estimate"] <= block["ci_high"]
    chance = found["bayesian"]["chance_to_beat_control"]
    assert chance is None or 0 <= chance <= 1
    assert found["status"] != "ok" or test["p_value"] is not None


@tried(300)
@given(ARM, ARM)
def test_any_two_rates(one, two):
    checked(comparison(rates(one, two)))


@tried(300)
@given(ARM_OF_VALUES, ARM_OF_VALUES)
def test_any_two_lists_of_values(one, two):
    checked(comparison(values(one, two)))


@tried(100)
@given(ARM, ARM)
def test_exchanging_the_arms_turns_the_sign_and_keeps_p(one, two):
    there, back = comparison(rates(one, two)), comparison(rates(two, one))

    assert there["fixed_horizon"]["p_value"] == back["fixed_horizon"]["p_value"]
    if there["difference"]["estimate"] is not None:
        assert there["difference"]["estimate"] == -back["difference"]["estimate"]


@tried(100)
@given(ARM, ARM, ARM, ARM_OF_VALUES, ARM_OF_VALUES)
def test_a_report_is_json_without_nan(one, two, three, low, high):
    goals = [rates(one, two, three), values(low, high)]

    assert json.dumps(report(*goals), allow_nan=False)
