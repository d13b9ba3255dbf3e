"""Conversion rates: the effect, Pearson's chi-square, Wilson's and Newcombe's intervals, the lift."""

from dataclasses import dataclass

import numpy as np

from chalicelib.stats.arrays import Floats
from chalicelib.stats.distributions.normal import log10_two_sided, two_sided
from chalicelib.stats.fixed_horizon.effect import Effect
from chalicelib.stats.input.arm_columns import Arms, floats


@dataclass(frozen=True)
class Pearson:
    """χ² of a 2 × 2 table, df 1, without Yates' correction; `yates` is the p-value with it."""

    statistic: Floats
    p_value: Floats
    log10_p: Floats
    yates: Floats


def effect(one: Arms, two: Arms) -> Effect:
    """p2 − p1; the variance of a visitor is p(1 − p)."""
    n1, n2, x1, x2 = one.n, two.n, one.sums[0], two.sums[0]
    f1, f2 = floats(n1), floats(n2)
    var1, var2 = (floats(x) * floats(n - x) / floats(n) ** 2 for x, n in ((x1, n1), (x2, n2)))
    total, hits = floats(n1 + n2), floats(x1 + x2)
    pooled = hits * floats(n1 + n2 - x1 - x2) / (f1 * f2 * total)
    plain = var1 / f1 + var2 / f2
    return Effect(
        n1=f1,
        n2=f2,
        mean1=floats(x1) / f1,
        mean2=floats(x2) / f2,
        var1=var1,
        var2=var2,
        difference=floats(x2 * n1 - x1 * n2) / (f1 * f2),
        square=np.where((var1 == 0) | (var2 == 0), pooled, plain),
    )


def pearson(one: Arms, two: Arms) -> Pearson:
    """χ² = N(x2(n1−x1) − x1(n2−x2))²/(n1 n2 X (N−X)); NaN where a margin is empty."""
    n1, n2, x1, x2 = one.n, two.n, one.sums[0], two.sums[0]
    cross = x2 * n1 - x1 * n2
    margins = floats(n1) * floats(n2) * floats(x1 + x2) * floats(n1 + n2 - x1 - x2)
    per = floats(n1 + n2) / margins
    margin = np.where(margins == 0, np.nan, per)
    z = np.abs(floats(cross)) * np.sqrt(margin)
    corrected = floats(np.maximum(0, 2 * np.abs(cross) - (n1 + n2))) / 2 * np.sqrt(margin)
    statistic = floats(cross) ** 2 * margin
    return Pearson(statistic, two_sided(z), log10_two_sided(z), two_sided(corrected))


def wilson(x: Floats, n: Floats, z: Floats) -> tuple[Floats, Floats]:
    """Wilson's score interval of x/n (1927); exactly 0 and 1 at the ends; NaN where n is 0."""
    square = z * z
    reach = x + square / 2 + z * np.sqrt(square / 4 + x * (n - x) / n)
    # The smaller root by the product of both: no cancellation, and 0 exactly where x is 0.
    return x * x / n / reach, np.where(x == n, 1.0, np.minimum(reach / (n + square), 1.0)) + 0 * x / n


def newcombe(one: Arms, two: Arms, z: Floats) -> tuple[Floats, Floats]:
    """Newcombe's method 10 for p2 − p1 (Statistics in Medicine 1998)."""
    n1, n2, x1, x2 = (floats(column) for column in (one.n, two.n, one.sums[0], two.sums[0]))
    difference = effect(one, two).difference
    down1, up1 = wilson_margins(x1, n1, z)
    down2, up2 = wilson_margins(x2, n2, z)
    return difference - np.hypot(down2, up1), difference + np.hypot(up2, down1)


def log_lift(one: Arms, two: Arms, z: Floats) -> tuple[Floats, Floats, Floats]:
    """p2/p1 − 1 and its interval r·exp(±z√((1−p1)/x1 + (1−p2)/x2)) − 1 (Katz 1978); NaN where x1 is 0."""
    n1, n2, x1, x2 = one.n, two.n, one.sums[0], two.sums[0]
    lift = floats(x2 * n1 - x1 * n2) / floats(x1 * n2)
    spread = z * np.sqrt(_odds(x1, n1) + _odds(x2, n2))
    ratio = np.log1p(lift)
    known = x1 > 0
    bounded = known & (x2 > 0)
    low, high = np.expm1(ratio - spread), np.expm1(ratio + spread)
    return np.where(known, lift, np.nan), np.where(bounded, low, np.nan), np.where(bounded, high, np.nan)


def wilson_margins(x: Floats, n: Floats, z: Floats) -> tuple[Floats, Floats]:
    """p − low and high − p, without the cancellation of subtracting the ends."""
    return _margin(x, n, z), _margin(n - x, n, z)


def _margin(x: Floats, n: Floats, z: Floats) -> Floats:
    # p − x²/(n(x + z²/2 + root)) = p(z²/2 + root)/(x + z²/2 + root)
    square = z * z
    rest = square / 2 + z * np.sqrt(square / 4 + x * (n - x) / n)
    return x / n * rest / (x + rest)


def _odds(x: Floats, n: Floats) -> Floats:
    return floats(n - x) / (floats(x) * floats(n))
