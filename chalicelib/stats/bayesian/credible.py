"""The exact credible interval of a difference of two rates, where the beta-binomial model is in use."""

import numpy as np
from scipy.special import betainc, betaincc, betainccinv, betaincinv, betaln, ndtri

from chalicelib.stats.arrays import Flags, Floats
from chalicelib.stats.bayesian.beta_binomial import Rates, reverse

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(64)
_STEPS = 60
_TINY = 1e-17


def credible(rates: Rates, alpha: Floats) -> tuple[Floats, Floats]:
    """The equal-tailed interval of p2 − p1, to about 1e-9."""
    return _quantile(rates, alpha / 2.0), -_quantile(reverse(rates), alpha / 2.0)


def _quantile(rates: Rates, share: Floats) -> Floats:
    """The d with P(p2 − p1 ≤ d) = share: Newton's steps, halving the bracket where they leave it."""
    narrow = _variance(rates.a1, rates.b1) <= _variance(rates.a2, rates.b2)
    low, high = np.full_like(share, -1.0), np.ones_like(share)
    middle = _mean(rates.a2, rates.b2) - _mean(rates.a1, rates.b1)
    spread = np.sqrt(_variance(rates.a1, rates.b1) + _variance(rates.a2, rates.b2))
    point = np.clip(middle + ndtri(share) * spread, -1.0 + 1e-9, 1.0 - 1e-9)
    active = np.ones_like(narrow)
    for _ in range(_STEPS):
        below, density = _distribution(rates, point, narrow)
        low, high = np.where(below < share, point, low), np.where(below < share, high, point)
        step = (share - below) / density
        moved = point + step
        inside = (moved > low) & (moved < high)
        following = np.where(inside, moved, (low + high) / 2.0)
        # A row that is done stays as it is: its neighbours must not change its digits.
        point, moved = np.where(active, following, point), np.abs(following - point)
        active &= moved >= 1e-11 * spread
        if not active.any():
            break
    return np.asarray(point)


def _distribution(rates: Rates, d: Floats, narrow: Flags) -> tuple[Floats, Floats]:
    """P(p2 − p1 ≤ d) and its density, integrated over the arm with the narrower posterior."""
    a, b = np.where(narrow, rates.a1, rates.a2), np.where(narrow, rates.b1, rates.b2)
    wide_a, wide_b = np.where(narrow, rates.a2, rates.a1), np.where(narrow, rates.b2, rates.b1)
    shift = np.where(narrow, d, -d)
    start = np.maximum(betaincinv(a, b, _TINY), -shift)
    end = np.minimum(betainccinv(a, b, _TINY), 1.0 - shift)
    half = np.maximum(end - start, 0.0)[:, None] / 2.0
    p = start[:, None] + half * (_NODES + 1.0)
    mass = half * _WEIGHTS * _density(p, a[:, None], b[:, None])
    other = np.clip(p + shift[:, None], 0.0, 1.0)
    below = np.sum(mass * betainc(wide_a[:, None], wide_b[:, None], other), axis=1)
    below += betaincc(a, b, np.clip(1.0 - shift, 0.0, 1.0))
    density = np.sum(mass * _density(other, wide_a[:, None], wide_b[:, None]), axis=1)
    return np.where(narrow, below, 1.0 - below), np.asarray(density)


def _density(p: Floats, a: Floats, b: Floats) -> Floats:
    return np.asarray(np.exp((a - 1.0) * np.log(p) + (b - 1.0) * np.log1p(-p) - betaln(a, b)))


def _mean(a: Floats, b: Floats) -> Floats:
    return a / (a + b)


def _variance(a: Floats, b: Floats) -> Floats:
    return a * b / ((a + b) ** 2 * (a + b + 1.0))
