"""The comparisons of every report: each treatment against its control, block by block."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from chalicelib.stats.arrays import Floats
from chalicelib.stats.bayesian.block import bayesian_columns
from chalicelib.stats.fixed_horizon.cuped import cuped_rows
from chalicelib.stats.fixed_horizon.goal_types import METHODS, Facts
from chalicelib.stats.fixed_horizon.multiplicity import adjusted_columns
from chalicelib.stats.input.layout import Layout
from chalicelib.stats.input.request import Goal, Request
from chalicelib.stats.power.block import power_columns
from chalicelib.stats.records import records, values
from chalicelib.stats.report.confidence_classes import confidence_classes
from chalicelib.stats.report.sentence import sentences
from chalicelib.stats.report.verdict import verdicts, warnings
from chalicelib.stats.sequential.block import sequential_of


def comparison_rows(
    layout: Layout, requests: Sequence[Request], facts: Facts, ratio_checks: Sequence[str]
) -> list[dict[str, Any]]:
    goals = [layout.goals[i] for i in layout.goal.tolist()]
    kinds = [goal.type for goal in goals]
    arm = (np.arange(len(goals)) - layout.first[layout.goal] + 1).tolist()
    alpha = np.array([request.alpha for request in requests])[layout.request]
    sequential = sequential_of(layout, requests, facts)
    running = sequential.columns["p_value_running_min"]
    blocks: dict[str, Sequence[Any]] = {
        "treatment": [goal.arms[i].key for goal, i in zip(goals, arm, strict=True)],
        "control": [goal.arms[0].key for goal in goals],
        "status": facts.status,
        "verdict": verdicts(layout, facts, sequential, ratio_checks),
        "sentence": [""] * len(goals),
        "difference": _difference(facts, kinds),
        "lift": _lift(facts, kinds),
        "fixed_horizon": _fixed_horizon(facts, kinds),
        "sequential": records(sequential.columns),
        "adjusted": records(adjusted_columns(layout, facts.numbers["p_value"], running)),
        "bayesian": records(bayesian_columns(layout, facts, alpha)),
        "cuped": cuped_rows(layout, alpha),
        "power": records(power_columns(layout, requests, facts)),
        "warnings": warnings(layout, facts, sequential, ratio_checks),
    }
    return _with_sentences(goals, records(blocks), facts)


def _with_sentences(goals: Sequence[Goal], rows: list[dict[str, Any]], facts: Facts) -> list[dict[str, Any]]:
    effect = facts.effect
    means = zip(effect.mean1[: len(rows)].tolist(), effect.mean2[: len(rows)].tolist(), strict=True)
    for row, sentence in zip(rows, sentences(goals, rows, list(means)), strict=True):
        row["sentence"] = sentence
    return rows


def _difference(facts: Facts, kinds: list[str]) -> list[dict[str, Any]]:
    f = facts.numbers
    return records(
        {
            "estimate": facts.effect.difference[: len(kinds)],
            "std_error": f["std_error"],
            "ci_low": f["low"],
            "ci_high": f["high"],
            "method": [METHODS[kind][0] for kind in kinds],
            "welch_ci_low": f["welch_low"],
            "welch_ci_high": f["welch_high"],
        }
    )


def _lift(facts: Facts, kinds: list[str]) -> list[dict[str, Any]]:
    f = facts.numbers
    return records(
        {
            "estimate": f["lift"],
            "ci_low": f["lift_low"],
            "ci_high": f["lift_high"],
            "method": [METHODS[kind][1] for kind in kinds],
            "fieller_low": f["fieller_low"],
            "fieller_high": f["fieller_high"],
        }
    )


def _fixed_horizon(facts: Facts, kinds: list[str]) -> list[dict[str, Any]]:
    f = facts.numbers
    percent = (1.0 - f["p_value"]) * 100.0
    return records(
        {
            "test": [METHODS[kind][2] for kind in kinds],
            "statistic": _statistic(f["statistic"]),
            "df": f["df"],
            "p_value": f["p_value"],
            "log10_p": f["log10_p"],
            "confidence_percent": percent,
            "confidence_class": confidence_classes(percent),
            "yates_p_value": f["yates"],
            "welch_p_value": f["welch"],
        }
    )


def _statistic(column: Floats) -> list[Any]:
    found = values(column)
    for i in np.flatnonzero(np.isinf(column)).tolist():
        found[i] = "inf" if column[i] > 0 else "-inf"
    return found
