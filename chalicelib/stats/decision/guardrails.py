"""Guardrails: harmed, shown not to be harmed by more than the margin, or undecided.

Two one-sided tests with the boundaries of the two-sided rule (half of alpha on each side): `harmed` by z on
the harm side, `not_harmed` by z_M = (q·m1 − m2)/√V_M with q·m1 the worst mean that the margin allows
(Farrington & Manning 1990 for the variance of rates at that null).
"""

import numpy as np

from chalicelib.stats.arrays import Flags, Floats
from chalicelib.stats.evidence.columns import Evidence
from chalicelib.stats.evidence.rows import Rows
from chalicelib.stats.input.layout import Layout


def harm_sign(layout: Layout) -> Floats:
    """By comparison +1 where an increase harms, −1 where a decrease does."""
    return np.where(np.array([goal.direction == "decrease" for goal in layout.goals])[layout.goal], 1.0, -1.0)


def margins(layout: Layout) -> Floats:
    """By comparison the margin of a guardrail, NaN without one."""
    values = [
        goal.margin if goal.role == "guardrail" and goal.margin is not None else np.nan
        for goal in layout.goals
    ]
    return np.array(values, dtype=np.float64)[layout.goal]


def margin_z(layout: Layout, rows: Rows, margin: Floats) -> Floats:
    """Over rows how far the mean lies on the safe side of its margin, in standard errors; NaN without one."""
    owner = layout.owner
    sign = harm_sign(layout)[owner]
    found = rows.evidence
    factor = 1.0 + sign * margin[owner] * np.where(found.mean1 < 0, -1.0, 1.0)
    gap = sign * (factor * found.mean1 - found.mean2)
    variance = found.var2 + factor**2 * found.var1
    rate = _rates(layout)[owner]
    variance = np.where(rate, np.fmax(variance, _null_variance(found, factor)), variance)
    return np.where(variance > 0, gap / np.sqrt(variance), np.nan)


def _null_variance(found: Evidence, factor: Floats) -> Floats:
    """V_M of two rates with p2 = q·p1 exactly: p1 = (x1 + x2)/(n1 + q·n2)."""
    p1 = (found.mean1 * found.n1 + found.mean2 * found.n2) / (found.n1 + factor * found.n2)
    p2 = np.clip(factor * p1, 0.0, 1.0)
    return p2 * (1.0 - p2) / found.n2 + factor**2 * p1 * (1.0 - p1) / found.n1


def _rates(layout: Layout) -> Flags:
    return np.array(
        [goal.type == "conversion" and not all(arm.pre for arm in goal.arms) for goal in layout.goals],
        dtype=bool,
    )[layout.goal]
