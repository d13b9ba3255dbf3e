"""Difference, variance and clock of each goal type (the formulas' sources: docs/statistics.md)."""

from collections.abc import Callable

import numpy as np

from chalicelib.stats.arrays import Floats
from chalicelib.stats.evidence.columns import Evidence
from chalicelib.stats.input.arm_columns import Arms, floats, quotient


def rates(one: Arms, two: Arms) -> Evidence:
    """V = p̄(1 − p̄)(1/n1 + 1/n2), p̄ pooled: rates that are equal have equal variances.

    With that V, z² is Pearson's chi-square. The clock is h·p̄/(1 − p̄).
    """
    n1, n2 = floats(one.n), floats(two.n)
    x1, x2 = floats(one.sums[0]), floats(two.sums[0])
    total = n1 + n2
    hits, misses = x1 + x2, floats(one.n - one.sums[0] + two.n - two.sums[0])
    weight = n1 * n2 / total
    return Evidence(
        difference=floats(two.sums[0] * one.n - one.sums[0] * two.n) / (n1 * n2),
        variance=hits * misses / (total * n1 * n2),
        clock=weight * hits / np.where(misses > 0, misses, np.nan),
        weight=weight,
        n1=n1,
        n2=n2,
        mean1=x1 / n1,
        mean2=x2 / n2,
        var1=x1 * (n1 - x1) / n1**3,
        var2=x2 * (n2 - x2) / n2**3,
        seen1=n1 * hits / total,
        seen2=n2 * hits / total,
        rest=np.minimum(n1, n2) * misses / total,
        nonzero=hits,
    )


def means(one: Arms, two: Arms) -> Evidence:
    """V = the larger of the unpooled and the pooled variance; the clock is h(SS1 + SS2)/N.

    Unpooled alone believes a small arm of skewed values that it happens to vary little; pooled alone
    believes a small arm that it varies as little as the large one.
    """
    n1, n2 = floats(one.n), floats(two.n)
    difference = floats(two.sums[0] * one.n - one.sums[0] * two.n) / (n1 * n2 * floats(one.scale))
    mean1, mean2 = (floats(arms.sums[0]) / (floats(arms.n) * floats(arms.scale)) for arms in (one, two))
    return _of_squares(one, two, difference, (mean1, mean2), (_squares(one), _squares(two)))


def adjusted(one: Arms, two: Arms) -> Evidence:
    """CUPED (Deng et al. 2013): the covariate's part is taken out of difference and squares.

    θ = (S_cy1 + S_cy2)/(S_cc1 + S_cc2), centred in each arm; d − θ(c̄2 − c̄1); SS = S_yy − 2θS_cy + θ²S_cc.
    """
    n1, n2, scale = floats(one.n), floats(two.n), floats(one.scale)
    own1, own2 = _centred(one, 2, 2, 3), _centred(two, 2, 2, 3)
    shared1, shared2 = _centred(one, 0, 2, 4), _centred(two, 0, 2, 4)
    flat = own1 + own2 <= 0
    theta = np.where(flat, 0.0, (shared1 + shared2) / np.where(flat, 1.0, own1 + own2))
    gap = floats(two.sums[0] * one.n - one.sums[0] * two.n) / (n1 * n2 * scale)
    shift = floats(two.sums[2] * one.n - one.sums[2] * two.n) / (n1 * n2 * scale)
    difference = gap - theta * np.where(np.isfinite(shift), shift, 0.0)
    squares = [
        np.maximum(0.0, _squares(arms) - 2.0 * theta * shared + theta * theta * own)
        for arms, shared, own in ((one, shared1, own1), (two, shared2, own2))
    ]
    mean1 = floats(one.sums[0]) / (n1 * scale)
    return _of_squares(one, two, difference, (mean1, mean1 + difference), (squares[0], squares[1]))


def ratios(one: Arms, two: Arms) -> Evidence:
    """V = the larger of the delta method's variance and E/N·(n1/D1² + n2/D2²); the clock is hE/N.

    E = Σ over both arms of Σm² − 2RΣmd + R²Σd², R the pooled ratio, D = Σd; exact integers until the
    last division, since E is a small difference where the ratio is the same for everybody.
    """
    m1, d1, m2, d2 = (
        column.astype(object) for column in (one.sums[0], one.sums[2], two.sums[0], two.sums[2])
    )
    n1, n2 = floats(one.n), floats(two.n)
    total, weight = n1 + n2, n1 * n2 / (n1 + n2)
    var1, var2 = _delta(one), _delta(two)
    scale = floats(one.scale)
    left = _pooled_rest(one, two) / (scale * scale)
    under1, under2 = floats(d1) / scale, floats(d2) / scale
    pooled = left / total * (n1 / under1**2 + n2 / under2**2)
    mean1, mean2 = quotient(m1, d1), quotient(m2, d2)
    return Evidence(
        difference=quotient(m2 * d1 - m1 * d2, d1 * d2),
        variance=np.fmax(var1 + var2, pooled),
        clock=weight * left / total,
        weight=weight,
        n1=n1,
        n2=n2,
        mean1=mean1,
        mean2=mean2,
        var1=var1,
        var2=var2,
        seen1=floats(one.nonzero),
        seen2=floats(two.nonzero),
        rest=np.full(len(n1), np.inf),
        nonzero=floats(one.nonzero) + floats(two.nonzero),
    )


def _of_squares(
    one: Arms, two: Arms, difference: Floats, means: tuple[Floats, Floats], squares: tuple[Floats, Floats]
) -> Evidence:
    n1, n2 = floats(one.n), floats(two.n)
    total, weight, both = n1 + n2, n1 * n2 / (n1 + n2), squares[0] + squares[1]
    var1, var2 = squares[0] / ((n1 - 1) * n1), squares[1] / ((n2 - 1) * n2)
    return Evidence(
        difference=difference,
        variance=np.fmax(var1 + var2, both / ((total - 2) * weight)),
        clock=weight * both / total,
        weight=weight,
        n1=n1,
        n2=n2,
        mean1=means[0],
        mean2=means[1],
        var1=var1,
        var2=var2,
        seen1=floats(one.nonzero),
        seen2=floats(two.nonzero),
        rest=np.full(len(n1), np.inf),
        nonzero=floats(one.nonzero) + floats(two.nonzero),
    )


def _squares(arms: Arms) -> Floats:
    """SS = Σy² − (Σy)²/n, one rounding of the exact n·Σy² − (Σy)²."""
    total, squares = arms.sums[:2]
    scale = floats(arms.scale)
    return np.maximum(0.0, floats(arms.n * squares - total * total) / (floats(arms.n) * scale * scale))


def _centred(arms: Arms, a: int, b: int, product: int) -> Floats:
    """Σab − ΣaΣb/n of two columns, in units of their scales."""
    exact = arms.n * arms.sums[product] - arms.sums[a] * arms.sums[b]
    scale = floats(arms.scale)
    found = floats(exact) / (floats(arms.n) * scale * scale)
    return np.where(np.isfinite(found), found, 0.0)


def _delta(arms: Arms) -> Floats:
    """Variance of one arm's ratio by the delta method, one exact quotient; NaN below two visitors."""
    n = arms.n.astype(object)
    m, mm, d, dd, md = (column.astype(object) for column in arms.sums)
    linear = (n * mm - m * m) * d * d - 2 * m * d * (n * md - m * d) + m * m * (n * dd - d * d)
    return np.where(n > 1, quotient(linear, (n - 1) * d**4), np.nan)


def _pooled_rest(one: Arms, two: Arms) -> Floats:
    """E·scale²: D²E = D²Σm² − 2MDΣmd + M²Σd² with the sums of both arms."""
    m, mm, d, dd, md = (a.astype(object) + b.astype(object) for a, b in zip(one.sums, two.sums, strict=True))
    return np.maximum(0.0, quotient(mm * d * d - 2 * m * d * md + m * m * dd, d * d))


EVIDENCE: dict[str, Callable[[Arms, Arms], Evidence]] = {
    "conversion": rates,
    "engagement": means,
    "adjusted": adjusted,
    "ratio": ratios,
}
