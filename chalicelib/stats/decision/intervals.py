"""The interval of a boundary, absolute and relative: both leave out 0 exactly when |z| reaches it."""

from dataclasses import dataclass

import numpy as np

from chalicelib.stats.arrays import Flags, Floats, Index
from chalicelib.stats.decision import score
from chalicelib.stats.evidence.columns import Evidence
from chalicelib.stats.evidence.rows import Rows
from chalicelib.stats.input.layout import Layout


@dataclass(frozen=True)
class Interval:
    """Ends by comparison, of the difference and of the lift; NaN where there is none."""

    low: Floats
    high: Floats
    lift_low: Floats
    lift_high: Floats


def intervals(layout: Layout, rows: Rows, at: Index, limit: Floats) -> Interval:
    """`at`: a row of each comparison, −1 for none; `limit`: the |z| in force there."""
    place = np.maximum(at, 0)
    found = rows.evidence[place]
    limit = np.where((at >= 0) & (found.variance > 0), limit, np.nan)
    margin = limit * np.sqrt(found.variance)
    low, high = found.difference - margin, found.difference + margin
    lift_low, lift_high = lifts(found, limit)
    scored = np.flatnonzero(_scored(layout) & (rows.phases[place] == 1) & np.isfinite(limit))
    if len(scored):
        part = found[scored]
        x1, x2 = np.rint(part.mean1 * part.n1), np.rint(part.mean2 * part.n2)
        low[scored], high[scored] = score.difference(part.difference, x1, part.n1, x2, part.n2, limit[scored])
        lift_low[scored], lift_high[scored] = score.relative(x1, part.n1, x2, part.n2, limit[scored])
    return Interval(low, high, lift_low, lift_high)


def lifts(found: Evidence, limit: Floats) -> tuple[Floats, Floats]:
    """All M with |(1 + M)m1 − m2| < b·√V_M, V_M = (V2 + (1 + M)²V1)·V/(V1 + V2), as Fieller (1954).

    At M = 0 that is |z| < b exactly. NaN where the control's mean is not clearly different from 0. The lift
    has the sign of the difference, also where the control's mean is negative.
    """
    scale = limit**2 * found.variance / (found.var1 + found.var2)
    base = found.mean1**2 - scale * found.var1
    base = np.where(base > 0, base, np.nan)
    half = found.difference * found.mean1 + scale * found.var1
    rest = found.difference**2 - limit**2 * found.variance
    inner = found.var2 * found.mean1**2 + found.var1 * found.mean2**2 - scale * found.var1 * found.var2
    root = np.sqrt(scale * np.maximum(inner, 0.0))
    # The root near 0 by the product of both: its sign is that of z² − b².
    far = half + np.where(half < 0, -root, root)
    one, two = far / base, rest / np.where(far == 0, np.nan, far)
    low, high = np.minimum(one, two), np.maximum(one, two)
    down = found.mean1 < 0
    return np.where(down, -high, low), np.where(down, -low, high)


def lift(found: Evidence) -> Floats:
    """d/|m1|; NaN where the control's mean is 0."""
    return found.difference / np.where(found.mean1 == 0, np.nan, np.abs(found.mean1))


def _scored(layout: Layout) -> Flags:
    return np.array(
        [goal.type == "conversion" and not all(arm.pre for arm in goal.arms) for goal in layout.goals],
        dtype=bool,
    )[layout.goal]
