"""The verdict as a plain sentence."""

from collections.abc import Sequence
from typing import Any

from chalicelib.stats.input.request import Goal

_WHY = {
    "empty_arm": "an arm has no visitor",
    "degenerate_margin": "nobody or everybody converted in both arms",
    "zero_variance": "the values do not vary",
    "ill_conditioned": "a denominator is 0",
}


def sentences(goals: Sequence[Goal], rows: Sequence[dict[str, Any]], means: Sequence[Any]) -> list[str]:
    """One per comparison; `means` are (control, treatment)."""
    return [_SAY[row["verdict"]](goal, row, pair) for goal, row, pair in zip(goals, rows, means, strict=True)]


def _decided(goal: Goal, row: dict[str, Any], means: tuple[float, float]) -> str:
    verb = "beats" if row["verdict"] == "winner" else "loses to"
    said = f"{row['treatment']} {verb} {row['control']} on {goal.key}: {_figures(goal, row, means)}."
    if row["warnings"] and "interval_covers_zero" in row["warnings"]:
        said += " The interval of this day covers no difference again."
    return said


def _open(goal: Goal, row: dict[str, Any], means: tuple[float, float]) -> str:
    name = f"{row['treatment']} and {row['control']}"
    return f"No difference between {name} on {goal.key} is shown yet: {_figures(goal, row, means)}."


def _few(goal: Goal, row: dict[str, Any], means: tuple[float, float]) -> str:
    least = "30 visitors, 5 conversions and 5 without" if goal.type == "conversion" else "100 visitors"
    why = _WHY.get(row["status"], f"each arm needs at least {least}")
    return f"Too little data to compare {row['treatment']} with {row['control']} on {goal.key}: {why}."


def _blocked(goal: Goal, row: dict[str, Any], means: tuple[float, float]) -> str:
    return (
        f"No verdict on {goal.key}: the visitors are not split between the arms as the weights say, "
        "so something is wrong with the experiment."
    )


def _figures(goal: Goal, row: dict[str, Any], means: tuple[float, float]) -> str:
    control, treatment = (f"{100 * m:.4g} %" if goal.type == "conversion" else f"{m:.6g}" for m in means)
    lift = row["lift"]["estimate"]
    change = "" if lift is None else f" ({100 * lift:+.3g} %)"
    return f"{treatment} against {control}{change}, {_evidence(row['sequential'])}"


def _evidence(sequential: dict[str, Any]) -> str:
    if sequential["method"] == "lan_demets_obf":
        time = sequential["information_fraction"]
        return f"at {100 * time:.3g} % of the planned visitors"
    return f"smallest always-valid p {sequential['p_value_running_min']:.2g}"


_SAY = {
    "winner": _decided,
    "loser": _decided,
    "inconclusive": _open,
    "insufficient_data": _few,
    "blocked_by_srm": _blocked,
}
