"""Bayes for two rates with uniform priors, exact: sums of beta-binomial probabilities, all terms positive.

With p1 ~ Beta(a1, b1), p2 ~ Beta(a2, b2): P(p2 > p1) = Σ_{k<a2} P(K = k), K ~ BetaBin(a2+b2−1; a1, b1), and
E[max(0, p2 − p1)] = Σ_{k<a2} (a2 − k)·P(K = k)/(a2+b2), K ~ BetaBin(a2+b2; a1, b1).
"""

from dataclasses import dataclass

import numpy as np

from chalicelib.stats.arrays import Flags, Floats

LIMIT = 100
_SHIFT = 24


@dataclass(frozen=True)
class Rates:
    """The counts of both arms as parameters of their posteriors."""

    a1: Floats
    b1: Floats
    a2: Floats
    b2: Floats


def posteriors(x1: Floats, n1: Floats, x2: Floats, n2: Floats) -> Rates:
    return Rates(1.0 + x1, 1.0 + n1 - x1, 1.0 + x2, 1.0 + n2 - x2)


def small(rates: Rates) -> Flags:
    """Whether both sums are short enough: at most LIMIT terms each."""
    up, down = np.minimum(rates.a2, rates.b1), np.minimum(rates.a1, rates.b2)
    return np.asarray(np.maximum(up, down) <= LIMIT)


def chance(rates: Rates) -> Floats:
    """P(p2 > p1)."""
    a1, b1, a2, b2 = _short(rates)
    return np.asarray(np.minimum(_sum(a1, b1, a2, a2 + b2 - 1.0, np.zeros_like(a2)), 1.0))


def gain(rates: Rates) -> Floats:
    """E[max(0, p2 − p1)]."""
    a1, b1, a2, b2 = _short(rates)
    return _sum(a1, b1, a2, a2 + b2, a2) / (a2 + b2)


def reverse(rates: Rates) -> Rates:
    """The arms exchanged."""
    return Rates(rates.a2, rates.b2, rates.a1, rates.b1)


def _short(rates: Rates) -> tuple[Floats, Floats, Floats, Floats]:
    """The same question asked of 1 − p where that has fewer terms."""
    turned = rates.b1 < rates.a2
    return (
        np.where(turned, rates.b2, rates.a1),
        np.where(turned, rates.a2, rates.b1),
        np.where(turned, rates.b1, rates.a2),
        np.where(turned, rates.a1, rates.b2),
    )


def _sum(a: Floats, b: Floats, terms: Floats, trials: Floats, height: Floats) -> Floats:
    """Σ_{k<terms} weight·P(K = k), K ~ BetaBin(trials; a, b); weight = height − k, or 1 where height is 0."""
    logs = _log_first(a, b, trials)
    total = np.zeros_like(a)
    for k in range(int(terms.max(initial=0.0))):
        weight = np.where(height > 0, height - k, 1.0)
        total += np.where(k < terms, weight * np.exp(logs), 0.0)
        logs += np.log((trials - k) * (a + k) / ((k + 1) * (b + trials - k - 1)))
    return total


def _log_first(a: Floats, b: Floats, trials: Floats) -> Floats:
    """ln P(K = 0) = ln Γ(b + a)/Γ(b) − ln Γ(b + trials + a)/Γ(b + trials), by Stirling's differences."""
    # Symmetric in a and trials: the smaller one as the step keeps the differences small.
    a, end = np.minimum(a, trials), b + np.maximum(a, trials)
    low, high = np.where(b < _SHIFT, b + _SHIFT, b), np.where(end < _SHIFT, end + _SHIFT, end)
    rest = _rest(low, a) - _rest(high, a) - a * np.log1p((high - low) / low)
    for j in range(_SHIFT):
        rest -= np.where(b < _SHIFT, np.log1p(a / (b + j)), 0.0)
        rest += np.where(end < _SHIFT, np.log1p(a / (end + j)), 0.0)
    return np.asarray(rest)


def _rest(z: Floats, s: Floats) -> Floats:
    """ln Γ(z + s) − ln Γ(z) − s·ln z + s for z ≥ 24."""
    return np.asarray((z + s - 0.5) * np.log1p(s / z) + _stirling(z + s) - _stirling(z))


def _stirling(z: Floats) -> Floats:
    square = 1.0 / (z * z)
    series = 1 / 12 - square * (1 / 360 - square * (1 / 1260 - square * (1 / 1680 - square / 1188)))
    return np.asarray(series / z)
