"""CUPED: the part of a value that the time before the experiment explains is taken out of its variance.

Deng, Xu, Kohavi, Walker (2013). θ is pooled over both arms about the grand mean.
"""

from typing import Any

import numpy as np

from chalicelib.stats.arrays import Floats
from chalicelib.stats.distributions.student import quantile
from chalicelib.stats.fixed_horizon.effect import Effect
from chalicelib.stats.fixed_horizon.means import welch
from chalicelib.stats.input.arm_columns import Arms, floats, pre_of, quotient
from chalicelib.stats.input.layout import Layout
from chalicelib.stats.records import records


def cuped_rows(layout: Layout, alpha: Floats) -> list[dict[str, Any] | None]:
    """One per comparison; None without the sums of the time before, or where they don't vary."""
    found: list[dict[str, Any] | None] = [None] * len(layout.goal)
    chosen = [i for i, goal in enumerate(layout.goals) if all(arm.pre for arm in goal.arms)]
    if not chosen:
        return found
    arms = pre_of([layout.goals[i] for i in chosen])
    sizes = np.array([len(layout.goals[i].arms) for i in chosen])
    starts = np.cumsum(sizes) - sizes
    control = np.repeat(starts, sizes - 1)
    treatment = np.concatenate([s + np.arange(1, k) for s, k in zip(starts, sizes, strict=True)])
    rows = np.concatenate([np.arange(layout.first[i], layout.first[i + 1]) for i in chosen])
    columns = _columns(arms[control], arms[treatment], alpha[rows])
    known = (~np.isnan(columns["std_error"])).tolist()
    for row, record, flag in zip(rows.tolist(), records(columns), known, strict=True):
        found[row] = record if flag else None
    return found


def _columns(one: Arms, two: Arms, alpha: Floats) -> dict[str, Floats]:
    adjusted, theta, plain = adjust(one, two)
    test = welch(adjusted)
    margin = quantile(alpha, test.df) * adjusted.std_error
    return {
        "theta": theta,
        "estimate": adjusted.difference,
        "std_error": adjusted.std_error,
        "ci_low": adjusted.difference - margin,
        "ci_high": adjusted.difference + margin,
        "statistic": test.statistic,
        "df": test.df,
        "p_value": test.p_value,
        "log10_p": test.log10_p,
        "variance_reduction": 1.0 - adjusted.square / plain,
    }


def adjust(one: Arms, two: Arms) -> tuple[Effect, Floats, Floats]:
    """The effect on the adjusted means (about the grand mean of x), θ, the squared SE without adjustment."""
    one, two = _wide(one), _wide(two)
    n = one.n + two.n
    y, _, x, xx, xy = (a + b for a, b in zip(one.sums, two.sums, strict=True))
    shared, own = n * xy - x * y, n * xx - x * x
    cross_y, cross_x = _cross(one, two, 0), _cross(one, two, 2)
    difference = quotient(cross_y * own - shared * cross_x, one.n * two.n * own * one.scale)
    var1, var2 = _variance(one, shared, own), _variance(two, shared, own)
    n1, n2 = floats(one.n), floats(two.n)
    plain = _variance(one, shared * 0, own) / n1 + _variance(two, shared * 0, own) / n2
    mean1, mean2 = (_mean(arms, x, n, shared, own) for arms in (one, two))
    effect = Effect(n1, n2, mean1, mean2, var1, var2, difference, var1 / n1 + var2 / n2)
    return effect, quotient(shared, own), plain


def _cross(one: Arms, two: Arms, column: int) -> Any:
    return two.sums[column] * one.n - one.sums[column] * two.n


def _variance(arms: Arms, shared: Any, own: Any) -> Floats:
    """Sample variance of y − θx with θ = shared/own, one exact quotient."""
    y, yy, x, xx, xy = arms.sums
    n = arms.n
    linear = (
        (n * yy - y * y) * own * own
        - 2 * shared * own * (n * xy - x * y)
        + shared * shared * (n * xx - x * x)
    )
    return quotient(linear, n * (n - 1) * own * own * arms.scale * arms.scale)


def _mean(arms: Arms, x: Any, n: Any, shared: Any, own: Any) -> Floats:
    gap = arms.sums[2] * n - x * arms.n
    return quotient(arms.sums[0] * n * own - shared * gap, arms.n * n * own * arms.scale)


def _wide(arms: Arms) -> Arms:
    wide = tuple(column.astype(object) for column in arms.sums)
    return Arms(arms.n.astype(object), wide, arms.nonzero, arms.scale.astype(object))
