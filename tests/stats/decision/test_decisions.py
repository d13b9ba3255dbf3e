"""Families, gates, guardrails, phases, covariates, and what is only shown."""

import pytest

from chalicelib.domain.counting.goal_series import ArmSeries, GoalSeries
from chalicelib.stats.analysis import analyse
from tests.stats.requests import comparison, rates, report

DAYS = {"days": 30}


def verdicts(*goals, **request):
    found = report(*goals, **{**DAYS, **request})["goals"]
    return {goal["key"]: [row["verdict"] for row in goal["comparisons"]] for goal in found}


def goal(key, one, two, **rules):
    return {**rates((10_000, one), (10_000, two)), "key": key, **rules}


def test_ten_goals_share_alpha():
    # p .012: enough alone, too little for the first of ten.
    alone = verdicts(goal("a", 1000, 1150))
    family = verdicts(goal("a", 1000, 1150), *(goal(f"b{i}", 1000, 1000) for i in range(9)))

    assert alone["a"] == ["winner"]
    assert family["a"] == ["inconclusive"]


def test_what_one_decision_leaves_goes_to_the_next():
    found = report(goal("a", 1000, 1300), goal("b", 1000, 1130), **DAYS)["goals"]
    levels = [each["comparisons"][0]["sequential"]["level"] for each in found]

    assert levels == [0.025, 0.05]


def test_a_secondary_goal_waits_for_the_primary_ones():
    second = goal("second", 1000, 1400, role="secondary")
    waiting = report(goal("first", 1000, 1010), second, **DAYS)["goals"][1]["comparisons"][0]

    assert waiting["verdict"] == "inconclusive"
    assert "primary_goals_first" in waiting["warnings"]
    assert verdicts(goal("first", 1000, 1400), second)["second"] == ["winner"]


def test_any_and_late_goals_are_shown_and_never_decided():
    found = verdicts(
        goal("a", 1000, 1000), goal("any", 1000, 1500), goal("late", 1000, 1500, in_family=False)
    )

    assert found == {"a": ["inconclusive"], "any": ["undecided"], "late": ["undecided"]}


@pytest.mark.parametrize(
    ("two", "direction", "margin", "verdict"),
    [
        (1300, "decrease", 0.05, "harmed"),
        (700, "decrease", 0.05, "not_harmed"),
        (700, "increase", 0.05, "harmed"),
        (1000, "decrease", 0.5, "not_harmed"),
        (1010, "decrease", 0.05, "undecided"),
        (1000, "decrease", None, "undecided"),
        (1200, "decrease", 0.5, "not_harmed"),
    ],
)
def test_guardrails_have_three_answers(two, direction, margin, verdict):
    rules = {"role": "guardrail", "direction": direction} | ({"margin": margin} if margin else {})
    found = comparison(goal("speed", 1000, two, **rules), **DAYS)

    assert found["verdict"] == verdict
    assert ("harmed_within_margin" in found["warnings"]) == (verdict == "not_harmed" and two == 1200)


def phased(first, second, weights, damaged=False):
    def series(one, two):
        arms = [ArmSeries(f"arm{i}", [n], ([x],), [x]) for i, (n, x) in enumerate((one, two))]
        return GoalSeries(tuple(arms))

    request = {
        "weights": {"arm0": 1, "arm1": 1},
        "goals": [{"key": "buy", "type": "conversion", "arms": series(*second)}],
        "phases": [
            {
                "weights": weights,
                "first": 0,
                "visitors_by_day": {"arm0": [first[0][0]], "arm1": [first[1][0] * (1 + damaged)]},
                "goals": {"buy": series(*first)},
            }
        ],
        **DAYS,
    }
    return analyse([request])[0]


def test_phases_are_combined_by_mantel_and_haenszel():
    found = phased(((9000, 900), (1000, 130)), ((5000, 600), (5000, 650)), {"arm0": 9, "arm1": 1})
    both = found["goals"][0]["comparisons"][0]["combined"]
    h1, h2 = 9000 * 1000 / 10_000, 2500

    assert both["phases"] == 2
    assert both["difference"] == pytest.approx((h1 * 0.03 + h2 * 0.01) / (h1 + h2), rel=1e-12)


def test_a_damaged_phase_is_left_out_and_named():
    found = phased(
        ((5000, 500), (5000, 900)), ((5000, 500), (5000, 505)), {"arm0": 1, "arm1": 1}, damaged=True
    )
    row = found["goals"][0]["comparisons"][0]

    assert found["srm"]["left_out"] == [1]
    assert row["verdict"] == "inconclusive"
    assert row["combined"] is None
    assert "phase_left_out" in row["warnings"]


def test_a_mismatch_of_one_day_blocks_the_rest_of_the_phase():
    days = [{"arms": [{"n": 2000, "conversions": 200}, {"n": 2600, "conversions": 350}]}]
    found = report(rates((200_000, 20_000), (200_600, 20_400), history=days), **DAYS)

    assert found["srm"]["verdict"] == "mismatch"
    assert found["srm"]["blocked_since"] == 1
    assert found["goals"][0]["comparisons"][0]["verdict"] == "blocked_by_srm"


def test_a_covariate_narrows_what_decides():
    arms = [{"key": key, "n": 1000, "sum": 1000 + more, "sum_squares": 3000 + 2 * more,
             "nonzero": 900} for key, more in (("a", 0), ("b", 100))]  # fmt: skip
    pre = [{**arm, "pre_sum": 1000, "pre_sum_squares": 3000, "sum_post_pre": 2800} for arm in arms]
    plain, adjusted = (
        comparison({"key": "spend", "type": "engagement", "arms": each}, **DAYS) for each in (arms, pre)
    )

    assert plain["verdict"] == "inconclusive"
    assert adjusted["verdict"] == "winner"
    assert adjusted["difference"] == plain["difference"]


SMALLEST = [
    # One order against two; a canary without an order; both were decided by the rules before.
    {"key": "ratio", "type": "ratio", "arms": [
        {"key": "a", "n": 100, "numerator_sum": 10, "numerator_sum_squares": 100, "denominator_sum": 1,
         "denominator_sum_squares": 1, "sum_products": 10},
        {"key": "b", "n": 100, "numerator_sum": 41, "numerator_sum_squares": 841, "denominator_sum": 2,
         "denominator_sum_squares": 2, "sum_products": 41}]},
    {"key": "canary", "type": "engagement", "arms": [
        {"key": "a", "n": 900, "sum": 500, "sum_squares": 10_500},
        {"key": "b", "n": 100, "sum": 0, "sum_squares": 0}]},
]  # fmt: skip


@pytest.mark.parametrize("smallest", SMALLEST, ids=["ratio", "canary"])
def test_the_smallest_wrong_verdicts_are_none(smallest):
    weights = {"a": smallest["arms"][0]["n"], "b": smallest["arms"][1]["n"]}

    assert comparison(smallest, weights=weights)["verdict"] == "insufficient_data"
