"""The comparisons of every report: each treatment against its control, block by block."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from chalicelib.stats.arrays import Floats
from chalicelib.stats.bayesian.block import bayesian_columns
from chalicelib.stats.decision.decide import Decision
from chalicelib.stats.decision.estimates import expected_lift
from chalicelib.stats.decision.families import holm
from chalicelib.stats.decision.intervals import lift as lift_of
from chalicelib.stats.decision.sample_ratio import Check
from chalicelib.stats.fixed_horizon.cuped import cuped_rows
from chalicelib.stats.fixed_horizon.goal_types import METHODS, Facts
from chalicelib.stats.fixed_horizon.multiplicity import false_discovery
from chalicelib.stats.input.layout import Layout
from chalicelib.stats.input.request import Request
from chalicelib.stats.power.block import power_columns
from chalicelib.stats.records import nullable, records, values
from chalicelib.stats.report.confidence_classes import confidence_classes
from chalicelib.stats.report.sentence import sentences
from chalicelib.stats.report.sequential_rows import sequential_rows
from chalicelib.stats.report.verdict import verdicts, warnings


def comparison_rows(
    layout: Layout,
    requests: Sequence[Request],
    facts: Facts,
    decision: Decision,
    checks: Sequence[Check],
) -> list[dict[str, Any]]:
    goals = [layout.goals[i] for i in layout.goal.tolist()]
    kinds = [goal.type for goal in goals]
    blocked = [check.blocked for check in checks]
    today = decision.rule.rows.evidence[layout.today]
    blocks: dict[str, Sequence[Any]] = {
        "treatment": [goal.arms[i].key for goal, i in zip(goals, layout.arm.tolist(), strict=True)],
        "control": [goal.arms[0].key for goal in goals],
        "status": facts.status,
        "verdict": verdicts(layout, facts, decision, blocked),
        "sentence": [""] * len(goals),
        "difference": _difference(facts, kinds),
        "lift": _lift(facts, kinds),
        "expected_lift": records(expected_lift(layout, requests, today)),
        "fixed_horizon": _fixed_horizon(facts, kinds),
        "sequential": sequential_rows(layout, facts, decision),
        "combined": _combined(layout, decision),
        "adjusted": _adjusted(layout, facts, decision),
        "bayesian": records(bayesian_columns(layout, facts, decision.rule.alpha)),
        "cuped": cuped_rows(layout, decision.rule.alpha),
        "power": records(power_columns(layout, requests, facts, decision.families)),
        "warnings": warnings(layout, facts, decision, blocked, [bool(check.dead) for check in checks]),
    }
    rows = records(blocks)
    means = zip(today.mean1.tolist(), today.mean2.tolist(), lift_of(today).tolist(), strict=True)
    for row, sentence in zip(rows, sentences(goals, rows, list(means)), strict=True):
        row["sentence"] = sentence
    return rows


def _combined(layout: Layout, decision: Decision) -> list[dict[str, Any] | None]:
    """What decides where a comparison has more than one phase: their weighted means."""
    rows = decision.rule.rows
    several = rows.phases[layout.today] > 1
    if not several.any():
        return [None] * len(several)
    found = rows.evidence[layout.today]
    columns = {
        "phases": rows.phases[layout.today].tolist(),
        "difference": found.difference,
        "std_error": np.sqrt(found.variance),
        "lift": lift_of(found),
        "control": found.mean1,
        "treatment": found.mean2,
    }
    return nullable(records(columns), several.tolist())


def _adjusted(layout: Layout, facts: Facts, decision: Decision) -> list[dict[str, Any]]:
    """Over the family as declared: `holm_p`, `bh_q` correct the fixed-horizon p, `sequential_holm_p` the
    p that decides, through the gate where the goal is secondary."""
    families, alpha = decision.families, decision.rule.alpha
    p_value = facts.numbers["p_value"]
    member = families.primary | families.secondary
    with np.errstate(divide="ignore"):
        logs = np.where(np.isnan(p_value), 0.0, np.log(p_value))
    inside = families.family >= 0
    known = inside & (np.array(facts.status) == "ok")
    # A family that has a part of alpha has its p multiplied, so that alpha is what they are compared with.
    part = np.log(alpha / families.share)
    fixed = np.minimum(0.0, holm(logs, families.family, families.share).log_adjusted + part)
    rule = np.minimum(0.0, decision.decided.log_adjusted + part)
    return records(
        {
            "holm_p": np.where(inside & ~np.isnan(p_value), np.exp(fixed), np.nan),
            "bh_q": false_discovery(p_value, layout.request, member),
            "family_size": families.size.tolist(),
            "sequential_holm_p": np.where(known, np.exp(rule), np.nan),
        }
    )


def _difference(facts: Facts, kinds: list[str]) -> list[dict[str, Any]]:
    f = facts.numbers
    return records(
        {
            "estimate": facts.effect.difference,
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
