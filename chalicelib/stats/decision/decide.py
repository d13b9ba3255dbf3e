"""From the evidence of all days to what is decided about every comparison."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from chalicelib.stats.arrays import Flags, Floats, Index
from chalicelib.stats.decision import guardrails
from chalicelib.stats.decision.families import Decided, Families, decide, families_of
from chalicelib.stats.decision.intervals import Interval, intervals
from chalicelib.stats.decision.stability import extremes
from chalicelib.stats.evidence.rows import rows_of
from chalicelib.stats.input.layout import Layout
from chalicelib.stats.input.request import Request
from chalicelib.stats.sequential.rule import (
    Found,
    Rule,
    crossed_at,
    judge,
    last_look,
    rule_of,
    today_boundary,
)


@dataclass(frozen=True)
class Decision:
    """By comparison. `row` is the last look (−1: none), `limit` the |z| in force there, `interval` its
    interval, `today` the interval of today's data; `decided_row` the look that decided, `side` the sign of
    the effect there; `safe` that a guardrail was shown to stay within its margin."""

    rule: Rule
    found: Found
    families: Families
    decided: Decided
    row: Index
    limit: Floats
    interval: Interval
    today: Interval
    decided_row: Index
    side: Floats
    safe: Flags
    highest: Floats
    lowest: Floats


def decision_of(layout: Layout, requests: Sequence[Request], dead: Sequence[frozenset[int]]) -> Decision:
    rows = rows_of(layout)
    rule = rule_of(layout, requests, rows, dead)
    families = families_of(layout, requests)
    z = rows.evidence.z
    shown = judge(rule, z)
    found = _harm(rule, families, z, shown)
    decided = decide(families, found.log_p)
    row, limit = last_look(rule, shown, decided.level)
    interval = intervals(layout, rows, row, limit)
    decided_row = np.where(decided.decided, crossed_at(rule, found, decided.level), -1)
    highest, lowest = extremes(rule)
    return Decision(
        rule=rule,
        found=shown,
        families=families,
        decided=decided,
        row=row,
        limit=limit,
        interval=interval,
        today=_today(rule, row, decided.level, interval),
        decided_row=decided_row,
        side=np.where(decided_row >= 0, np.sign(z[np.maximum(decided_row, 0)]), np.nan),
        safe=_safe(rule),
        highest=highest,
        lowest=lowest,
    )


def _harm(rule: Rule, families: Families, z: Floats, shown: Found) -> Found:
    """For guardrails only the harm side counts."""
    if not families.guardrail.any():
        return shown
    layout = rule.layout
    sign = guardrails.harm_sign(layout)[layout.owner]
    return judge(rule, np.where(families.guardrail[layout.owner], np.maximum(sign * z, 0.0) * sign, z))


def _safe(rule: Rule) -> Flags:
    layout = rule.layout
    margin = guardrails.margins(layout)
    asked = np.isfinite(margin)
    if not asked.any():
        return asked
    z = np.maximum(guardrails.margin_z(layout, rule.rows, margin), 0.0)
    found = judge(rule, z, asked)
    # To ship, all of them must be safe: that needs no correction of alpha.
    return asked & (found.log_p <= np.log(rule.alpha) * (1 - 1e-12))


def _today(rule: Rule, row: Index, level: Floats, last: Interval) -> Interval:
    """As of today, which may be no look: with the boundary that a look of the daily sequence would have."""
    layout = rule.layout
    other = np.flatnonzero(row != layout.today)
    at, limit = np.full(len(row), -1, dtype=np.intp), np.full(len(row), np.nan)
    at[other] = layout.today[other]
    limit[other] = today_boundary(rule, level)[other]
    found = intervals(layout, rule.rows, at, limit)
    names = ("low", "high", "lift_low", "lift_high")
    same = row == layout.today
    return Interval(*(np.where(same, getattr(last, name), getattr(found, name)) for name in names))
