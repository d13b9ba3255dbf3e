"""Sample size, power and the smallest detectable effect, for rates and for means; two-sided tests."""

import numpy as np
from scipy.special import ndtr, ndtri

from chalicelib.stats.arrays import Floats
from chalicelib.stats.distributions import noncentral_t
from chalicelib.stats.distributions.normal import quantile

_STEPS = 300


def rate_size(p1: Floats, p2: Floats, alpha: Floats, power: Floats) -> Floats:
    """Visitors per arm: (z_{1−α/2}√(2p̄(1−p̄)) + z_power√(p1q1 + p2q2))²/d² (Fleiss; R's power.prop.test)."""
    null, other = _spreads(p1, p2)
    d = np.where(p1 == p2, np.nan, p2 - p1)
    return np.asarray(((quantile(alpha) * null + ndtri(power) * other) / d) ** 2)


def rate_power(p1: Floats, p2: Floats, n: Floats, alpha: Floats) -> Floats:
    """The same equation solved for the power."""
    null, other = _spreads(p1, p2)
    return np.asarray(ndtr((np.abs(p2 - p1) * np.sqrt(n) - quantile(alpha) * null) / other))


def rate_effect(p1: Floats, n: Floats, alpha: Floats, power: Floats) -> Floats:
    """The same equation solved for p2 − p1 > 0; NaN where no rate up to 1 is far enough."""
    z, reach = quantile(alpha), ndtri(power)
    d, active = np.zeros_like(p1), np.ones(len(p1), dtype=bool)
    for _ in range(_STEPS):
        null, other = _spreads(p1, np.minimum(p1 + d, 1.0))
        following = (z * null + reach * other) / np.sqrt(n)
        # A row that is done keeps its digits, whatever the others still need.
        moved, d = np.abs(following - d) > 1e-15 * following, np.where(active, following, d)
        active &= moved
        if not active.any():
            break
    return np.where(p1 + d <= 1.0, d, np.nan)


def mean_power(effect: Floats, sd: Floats, n: Floats, alpha: Floats) -> Floats:
    """Student's pooled test, n visitors in each arm, by the noncentral t."""
    return noncentral_t.power(np.abs(effect) / sd * np.sqrt(n / 2.0), 2.0 * n - 2.0, alpha)


def mean_effect(sd: Floats, n: Floats, alpha: Floats, power: Floats) -> Floats:
    """The smallest difference of means that the test finds with this power."""
    return noncentral_t.shift_for(power, 2.0 * n - 2.0, alpha) * sd * np.sqrt(2.0 / n)


def mean_size(effect: Floats, sd: Floats, alpha: Floats, power: Floats) -> Floats:
    """Visitors per arm, not rounded."""
    ratio = 2.0 * (sd / np.where(effect == 0, np.nan, effect)) ** 2
    z = quantile(alpha)
    n = np.maximum((z + ndtri(power)) ** 2 * ratio + z * z / 4.0, 2.0)
    active = np.ones(len(n), dtype=bool)
    for _ in range(_STEPS):
        following = np.maximum(noncentral_t.shift_for(power, 2.0 * n - 2.0, alpha) ** 2 * ratio, 1.5)
        # Each step shrinks the error about n-fold.
        moved, n = np.abs(following - n) > 1e-13 * n * n, np.where(active, following, n)
        active &= moved
        if not active.any():
            break
    return np.asarray(n)


def _spreads(p1: Floats, p2: Floats) -> tuple[Floats, Floats]:
    """√(2p̄q̄) and √(p1q1 + p2q2)."""
    middle = (p1 + p2) / 2.0
    return np.sqrt(2.0 * middle * (1.0 - middle)), np.sqrt(p1 * (1.0 - p1) + p2 * (1.0 - p2))
