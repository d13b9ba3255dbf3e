"""Means per visitor: the effect, Student's pooled t, Welch's t."""

from dataclasses import dataclass

import numpy as np

from chalicelib.stats.arrays import Floats
from chalicelib.stats.distributions.student import log10_two_sided, two_sided
from chalicelib.stats.fixed_horizon.effect import Effect
from chalicelib.stats.input.arm_columns import Arms, floats


@dataclass(frozen=True)
class Student:
    """A two-sided t test. ±inf where the variance is 0 and the means differ (p = 0), NaN where they agree."""

    statistic: Floats
    df: Floats
    p_value: Floats
    log10_p: Floats


def spread(arms: Arms) -> Floats:
    """n·Σy² − (Σy)², exact until the last rounding; in units of scale²."""
    total, squares = arms.sums[:2]
    return floats(arms.n * squares - total * total)


def variance(arms: Arms) -> Floats:
    """The sample variance; NaN below two visitors."""
    n, scale = floats(arms.n), floats(arms.scale)
    return np.where(n > 1, spread(arms) / (n * (n - 1) * scale * scale), np.nan)


def mean(arms: Arms) -> Floats:
    return floats(arms.sums[0]) / (floats(arms.n) * floats(arms.scale))


def effect(one: Arms, two: Arms) -> Effect:
    """mean2 − mean1 with the sample variances."""
    n1, n2 = floats(one.n), floats(two.n)
    var1, var2 = variance(one), variance(two)
    return Effect(
        n1=n1,
        n2=n2,
        mean1=mean(one),
        mean2=mean(two),
        var1=var1,
        var2=var2,
        difference=gap(one, two) / (n1 * n2 * floats(one.scale)),
        square=var1 / n1 + var2 / n2,
    )


def gap(one: Arms, two: Arms) -> Floats:
    """S2·n1 − S1·n2, exact until the last rounding; in units of scale."""
    return floats(two.sums[0] * one.n - one.sums[0] * two.n)


def pooled(one: Arms, two: Arms) -> Student:
    """Student's t, equal variances, df = n1 + n2 − 2."""
    n1, n2 = floats(one.n), floats(two.n)
    both = spread(one) * n2 + spread(two) * n1
    df = n1 + n2 - 2
    return _student(gap(one, two), both * (n1 + n2), df, df)


def pooled_std_error(one: Arms, two: Arms) -> Floats:
    """√(sp²(1/n1 + 1/n2))."""
    n1, n2, scale = floats(one.n), floats(two.n), floats(one.scale)
    both = spread(one) * n2 + spread(two) * n1
    return np.sqrt(both / (n1 + n2 - 2) * (n1 + n2)) / (n1 * n2 * scale)


def welch(effect: Effect) -> Student:
    """Welch's t with Satterthwaite's df."""
    df = welch_df(effect)
    square = effect.var1 / effect.n1 + effect.var2 / effect.n2
    return _student(effect.difference, square, np.ones_like(df), df)


def welch_df(effect: Effect) -> Floats:
    """(a + b)²/(a²/(n1−1) + b²/(n2−1)), a = var1/n1, b = var2/n2; NaN without variance."""
    a, b = effect.var1 / effect.n1, effect.var2 / effect.n2
    # In shares of a + b: the squares of tiny variances would underflow.
    share, other = a / (a + b), b / (a + b)
    return 1.0 / (share**2 / (effect.n1 - 1) + other**2 / (effect.n2 - 1))


def _student(difference: Floats, square: Floats, times: Floats, df: Floats) -> Student:
    enough = (df > 0) & ~np.isnan(square)
    flat = enough & (square == 0)
    t = np.where(enough, difference / np.sqrt(square) * np.sqrt(times), np.nan)
    return Student(
        statistic=t,
        df=np.where(enough, df, np.nan),
        p_value=np.where(flat & (difference != 0), 0.0, two_sided(t, df)),
        log10_p=np.where(flat, np.nan, log10_two_sided(t, df)),
    )


def delta_lift(effect: Effect, z: Floats) -> tuple[Floats, Floats, Floats]:
    """d/|m1| and its interval, variance v2/(n2·m1²) + v1·m2²/(n1·m1⁴); NaN where the control mean is 0."""
    base = np.where(effect.mean1 == 0, np.nan, np.abs(effect.mean1))
    lift = effect.difference / base
    std_error = lift_std_error(effect)
    margin = np.where(std_error > 0, z * std_error, np.nan)
    return lift, lift - margin, lift + margin


def lift_std_error(effect: Effect) -> Floats:
    """√(v2/(n2·m1²) + v1·m2²/(n1·m1⁴)); NaN where the control mean is 0."""
    base = np.where(effect.mean1 == 0, np.nan, effect.mean1)
    ratio = effect.mean2 / base
    return np.sqrt(effect.var2 / effect.n2 + effect.var1 / effect.n1 * ratio**2) / np.abs(base)


def fieller(effect: Effect, z: Floats) -> tuple[Floats, Floats]:
    """Fieller's interval of the lift (1954); NaN unless the control mean is clearly not 0 (|m1| > z·SE)."""
    a, b = effect.var1 / effect.n1, effect.var2 / effect.n2
    square = z * z
    base = effect.mean1**2 - square * a
    clear = (base > 0) & (a + b > 0)
    base = np.where(clear, base, np.nan)
    # (m2 − L·m1)² ≤ z²(b + L²a) in the lift, not the ratio: the roots keep their digits near 0.
    middle = (effect.difference * effect.mean1 + square * a) / base
    root = np.sqrt(np.maximum(0.0, _discriminant(effect, a, b, square))) * z / base
    # Of a negative control mean the lift has the sign of the difference.
    middle = np.where(effect.mean1 < 0, -middle, middle)
    return middle - root, middle + root


def _discriminant(effect: Effect, a: Floats, b: Floats, square: Floats) -> Floats:
    return b * effect.mean1**2 + a * effect.mean2**2 - square * a * b
