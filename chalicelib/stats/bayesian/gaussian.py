"""Bayes with a Gaussian effect: chance to beat control and the expected loss of either choice."""

from dataclasses import dataclass
from math import pi, sqrt

import numpy as np
from scipy.special import erfcx, ndtr

from chalicelib.stats.arrays import Floats

_FAR = 12.0
_TERMS = 16


@dataclass(frozen=True)
class Posterior:
    """Mean and standard deviation of the effect, given the data and the prior."""

    mean: Floats
    sd: Floats


def posterior(
    estimate: Floats, square: Floats, prior_mean: Floats, prior_sd: Floats, proper: Floats
) -> Posterior:
    """Precision-weighted; an improper prior (`proper` 0) says nothing. `square` = SE² of the estimate."""
    data = np.where(square > 0, 1.0 / square, np.nan)
    prior = proper / prior_sd**2
    total = data + prior
    return Posterior((estimate * data + prior_mean * prior) / total, 1.0 / np.sqrt(total))


def chance(found: Posterior) -> Floats:
    """P(effect > 0)."""
    return np.asarray(ndtr(found.mean / found.sd))


def loss(mean: Floats, sd: Floats) -> Floats:
    """E[max(0, −effect)] = σφ(u) − μΦ(−u), u = μ/σ, without its cancellation for large u."""
    u = mean / sd
    density = np.exp(-0.5 * u * u) / sqrt(2.0 * pi)
    size = np.maximum(u, 0.0)
    near = 1.0 - size * sqrt(pi / 2.0) * erfcx(size / sqrt(2.0))
    positive = density * np.where(size < _FAR, near, _mills_rest(np.maximum(size, _FAR)))
    return np.asarray(sd * np.where(u > 0, positive, density - u * ndtr(-u)))


def _mills_rest(u: Floats) -> Floats:
    """1 − u·(1 − Φ(u))/φ(u) = 1/u² − 3/u⁴ + 15/u⁶ − …"""
    term, total = np.ones_like(u), np.zeros_like(u)
    for k in range(1, _TERMS):
        term = -term * (2 * k - 1) / (u * u)
        total -= term
    return total
