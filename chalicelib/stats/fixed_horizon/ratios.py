"""Ratio of two sums per visitor (clicks per page view): the delta method over visitors, never over views."""

import numpy as np

from chalicelib.stats.arrays import Floats
from chalicelib.stats.fixed_horizon.effect import Effect
from chalicelib.stats.input.arm_columns import Arms, floats, quotient


def effect(one: Arms, two: Arms) -> Effect:
    """R2 − R1 with R = Σnumerator/Σdenominator; NaN where a denominator is 0."""
    var1, var2 = variance(one), variance(two)
    n1, n2 = floats(one.n), floats(two.n)
    cross = two.sums[0] * one.sums[2] - one.sums[0] * two.sums[2]
    return Effect(
        n1=n1,
        n2=n2,
        mean1=ratio(one),
        mean2=ratio(two),
        var1=var1,
        var2=var2,
        difference=quotient(cross, one.sums[2].astype(object) * two.sums[2]),
        square=var1 / n1 + var2 / n2,
    )


def ratio(arms: Arms) -> Floats:
    return quotient(arms.sums[0], arms.sums[2])


def variance(arms: Arms) -> Floats:
    """Per visitor: vm/md² − 2c·mm/md³ + mm²vd/md⁴, one exact quotient; NaN below two visitors."""
    n = arms.n.astype(object)
    m, mm, d, dd, md = (column.astype(object) for column in arms.sums)
    linear = (n * mm - m * m) * d * d - 2 * m * d * (n * md - m * d) + m * m * (n * dd - d * d)
    return np.where(n > 1, quotient(linear * n, (n - 1) * d**4), np.nan)
