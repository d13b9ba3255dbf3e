"""The `sequential` block: what the rule that decides says, however often people look."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from chalicelib.stats.arrays import Floats
from chalicelib.stats.decision.decide import Decision
from chalicelib.stats.distributions.normal import LN10
from chalicelib.stats.fixed_horizon.goal_types import Facts
from chalicelib.stats.input.layout import Layout
from chalicelib.stats.records import records
from chalicelib.stats.sequential.looks import known_limits
from chalicelib.stats.sequential.rule import PLANNED_SHARE

PLANNED, DAILY = "lan_demets_obf", "confidence_sequence"


def sequential_rows(layout: Layout, facts: Facts, decision: Decision) -> list[dict[str, Any]]:
    """One per comparison; `method` with a plan: Lan–DeMets joined with the daily confidence sequence."""
    rule, found = decision.rule, decision.found
    defined = np.array(facts.status) == "ok"
    log_p = np.where(defined, found.log_p, np.nan)
    p_value = np.exp(log_p)
    at = np.maximum(decision.row, 0)
    looked = decision.row >= 0
    evidence = rule.rows.evidence[at]
    relative = np.array([goal.difference == "relative" for goal in layout.goals], dtype=bool)[layout.goal]
    last, today = decision.interval, decision.today
    planned = rule.looks.planned
    columns = {
        "method": np.where(planned, PLANNED, DAILY).tolist(),
        "level": decision.decided.level,
        "p_value": p_value,
        "p_value_running_min": p_value,
        "log10_p": log_p / LN10,
        "significant": decision.decided.decided.tolist(),
        "decided_at_day": _day(layout, decision.decided_row),
        "look_day": _day(layout, decision.row),
        "z": np.where(looked, evidence.z, np.nan),
        "z_boundary": decision.limit,
        "ci_low": np.where(relative, last.lift_low, last.low),
        "ci_high": np.where(relative, last.lift_high, last.high),
        "lift_ci_low": last.lift_low,
        "lift_ci_high": last.lift_high,
        "today_ci_low": np.where(relative, today.lift_low, today.low),
        "today_ci_high": np.where(relative, today.lift_high, today.high),
        "highest_low": decision.highest,
        "lowest_high": decision.lowest,
        "clock": np.where(looked, evidence.clock, np.nan),
        "information_fraction": _fractions(decision),
        "looks": _looks(layout, decision),
    }
    return records(columns)


def _day(layout: Layout, row: Any) -> Floats:
    return np.where(row >= 0, layout.number[np.maximum(row, 0)], np.nan)


def _fractions(decision: Decision) -> Floats:
    schedules = decision.rule.looks.schedules
    return np.array(
        [np.nan if each is None else each.latest for each in schedules],
        dtype=np.float64,
    )


def _looks(layout: Layout, decision: Decision) -> list[Any]:
    """By comparison the looks of its plan: day, spending time, information, and the boundary at its level."""
    rule = decision.rule
    found: list[Any] = [None] * len(layout.goal)
    level = PLANNED_SHARE * decision.decided.level
    for i, limits in known_limits(rule.looks, layout, decision.found.z, level).items():
        schedule = rule.looks.schedules[i]
        assert schedule is not None
        start = int(layout.start[i])
        information: Sequence[float] = schedule.information or schedule.times
        found[i] = [
            {
                "day": float(layout.number[start + place]),
                "u": time,
                "information": amount,
                "z_boundary": limit if limit is not None and np.isfinite(limit) else None,
            }
            for place, time, amount, limit in zip(
                schedule.places, schedule.times, information, limits, strict=True
            )
        ]
    return found
