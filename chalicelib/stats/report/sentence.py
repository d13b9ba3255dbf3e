"""The verdict as a plain sentence."""

from collections.abc import Sequence
from typing import Any

from chalicelib.stats.input.goals import Goal

_WHY = {
    "empty_arm": "an arm has no visitor",
    "degenerate_margin": "nobody or everybody converted in both arms",
    "zero_variance": "the values do not vary",
    "ill_conditioned": "a denominator is 0",
}
_LEAST = {
    "conversion": "30 visitors, and 5 conversions and 5 without expected if the rates are equal",
    "engagement": "100 visitors, 10 of them with a value other than 0",
    "ratio": "100 visitors, 30 of them with a denominator other than 0",
}

Means = tuple[float, float, float]
"""Control, treatment, and the relative change; over the phases that are combined."""


def sentences(goals: Sequence[Goal], rows: Sequence[dict[str, Any]], means: Sequence[Means]) -> list[str]:
    """One per comparison."""
    return [_SAY[row["verdict"]](goal, row, each) for goal, row, each in zip(goals, rows, means, strict=True)]


def _decided(goal: Goal, row: dict[str, Any], means: Means) -> str:
    verb = "beats" if row["verdict"] == "winner" else "loses to"
    text = f"{row['treatment']} {verb} {row['control']} on {goal.key}: {_figures(goal, row, means)}."
    if "interval_covers_zero" in row["warnings"]:
        text += " It was decided on an earlier day; the interval of today covers no difference again."
    return text


def _open(goal: Goal, row: dict[str, Any], means: Means) -> str:
    name = f"{row['treatment']} and {row['control']}"
    return f"No difference between {name} on {goal.key} is shown yet: {_figures(goal, row, means)}."


def _few(goal: Goal, row: dict[str, Any], means: Means) -> str:
    why = _WHY.get(row["status"], f"each arm needs at least {_LEAST[goal.type]}")
    return f"Too little data to compare {row['treatment']} with {row['control']} on {goal.key}: {why}."


def _blocked(goal: Goal, row: dict[str, Any], means: Means) -> str:
    return (
        f"No verdict on {goal.key}: the visitors are not split between the arms as the weights say, "
        "so something is wrong with the experiment."
    )


def _unstable(goal: Goal, row: dict[str, Any], means: Means) -> str:
    return (
        f"{row['treatment']} was decided against {row['control']} on {goal.key}, but the days contradict "
        f"each other: {_figures(goal, row, means)}. The effect has changed; do not act on the first verdict."
    )


def _harmed(goal: Goal, row: dict[str, Any], means: Means) -> str:
    return f"{row['treatment']} harms {goal.key}: {_figures(goal, row, means)}."


def _safe(goal: Goal, row: dict[str, Any], means: Means) -> str:
    worse = "it is worse, but " if "harmed_within_margin" in row["warnings"] else ""
    margin = f"{100 * (goal.margin or 0.0):.3g} %"
    figures = _figures(goal, row, means)
    return f"{row['treatment']} does not harm {goal.key}: {worse}within the margin of {margin}: {figures}."


def _undecided(goal: Goal, row: dict[str, Any], means: Means) -> str:
    if goal.role == "guardrail" and goal.counted:
        end = "" if goal.margin is not None else " It has no margin, so it can't be shown to be safe."
        return (
            f"{row['treatment']} is not shown to harm {goal.key}, nor to be safe: "
            f"{_figures(goal, row, means)}.{end}"
        )
    return f"{goal.key} is shown and not decided: {_figures(goal, row, means)}."


def _figures(goal: Goal, row: dict[str, Any], means: Means) -> str:
    control, treatment = (f"{100 * m:.4g} %" if goal.type == "conversion" else f"{m:.6g}" for m in means[:2])
    lift = means[2]
    change = "" if lift != lift else f" ({100 * lift:+.3g} %)"
    p = row["sequential"]["p_value"]
    return f"{treatment} against {control}{change}, always-valid p {'unknown' if p is None else f'{p:.2g}'}"


_SAY = {
    "winner": _decided,
    "loser": _decided,
    "inconclusive": _open,
    "insufficient_data": _few,
    "blocked_by_srm": _blocked,
    "unstable": _unstable,
    "harmed": _harmed,
    "not_harmed": _safe,
    "undecided": _undecided,
}
