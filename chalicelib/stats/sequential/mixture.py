"""The daily confidence sequence: a normal mixture, calibrated to looks once a day.

Robbins (1970), Howard et al. (2021); after label 365 the delayed start of Robbins & Siegmund (1970), which
holds for ever. `label` is what the boundary is a function of: the day's number in the first week, then that
number grown as the variance of the sum has grown since.

The raw mixture p of a walk with z at label x is √(1+y)·exp(−z²y/(2(1+y))), y = .2x. It holds for watching
without pause; looks that lie 3 % of the clock apart need less. How often the raw p falls below a′ at such
looks, in the worst week, was computed by a recursion: that is SIZE, and dividing by .99 leaves .01 of the
level for the time after label 365.
"""

from math import log

import numpy as np
from scipy.special import log_ndtr, ndtr

from chalicelib.stats.arrays import Floats

GROWTH = 0.2
LAST_LABEL = 365.0
KEPT = 0.99

_RAW = (
    1e-12, 1e-8, 1e-6, 1e-5, 1e-4, 3e-4, 0.001, 0.002, 0.005, 0.01,
    0.02, 0.03, 0.05, 0.08, 0.1, 0.15, 0.2, 0.3, 0.5, 0.7, 0.9, 1.0,
)  # fmt: skip
_SIZE = (
    1.7583e-13, 2.4795e-9, 3.0154e-7, 3.3566e-6, 3.7697e-5, 1.2002e-4, 4.2877e-4, 8.9457e-4, 0.0023735,
    0.0049842, 0.010517, 0.016330, 0.028573, 0.048161, 0.061922, 0.098530, 0.13806, 0.22523, 0.42708,
    0.65020, 0.85905, 1.0,
)  # fmt: skip
_LOG_RAW, _LOG_SIZE = np.log(_RAW), np.log(_SIZE)
_HALF_LOG_2PI = 0.5 * log(2.0 * np.pi)
_STEPS = 60


def log_p(z: Floats, label: Floats) -> Floats:
    """ln of the p-value of one look, at most 0."""
    early = _early_log_p(z, np.minimum(label, LAST_LABEL))
    late = label > LAST_LABEL
    if np.any(late):
        tail = np.sqrt(np.maximum(z * z - np.log(np.where(late, label, LAST_LABEL) / LAST_LABEL), 0.0))
        early = np.where(late, _log_delayed(tail) - log(1.0 - KEPT), early)
    return np.minimum(early, 0.0)


def boundary(level: Floats, label: Floats) -> Floats:
    """The |z| from which on the p-value of a look is at most `level`."""
    growth = GROWTH * np.minimum(label, LAST_LABEL)
    raw = _inverse(np.log(KEPT * level), _LOG_SIZE, _LOG_RAW)
    found = np.sqrt((1.0 + 1.0 / growth) * (np.log1p(growth) - 2.0 * raw))
    late = label > LAST_LABEL
    if np.any(late):
        start = _delayed_quantile(np.log(level) + log(1.0 - KEPT))
        far = np.log(np.where(late, label, LAST_LABEL) / LAST_LABEL)
        found = np.where(late, np.sqrt(start * start + far), found)
    return np.asarray(found)


def _early_log_p(z: Floats, label: Floats) -> Floats:
    growth = GROWTH * label
    raw = np.minimum(0.5 * np.log1p(growth) - z * z * growth / (2.0 * (1.0 + growth)), 0.0)
    return _inverse(raw, _LOG_RAW, _LOG_SIZE) - log(KEPT)


def _inverse(value: Floats, from_: Floats, to: Floats) -> Floats:
    """Linear between the points of the table; below it both logarithms fall together."""
    return np.asarray(np.interp(value, from_, to) + np.minimum(value - from_[0], 0.0))


def _log_delayed(t: Floats) -> Floats:
    """ln of 2(1 − Φ(t) + tφ(t)): P(a walk from time 1 on ever leaves √(t² + ln time))."""
    density = np.exp(-0.5 * t * t - _HALF_LOG_2PI)
    near = np.log(2.0 * (ndtr(-t) + t * density) + 1e-300)
    # For large t the density underflows long before its logarithm does.
    ratio = np.exp(np.minimum(log_ndtr(-t) + 0.5 * t * t + _HALF_LOG_2PI, 0.0))
    far = log(2.0) - 0.5 * t * t - _HALF_LOG_2PI + np.log(np.maximum(t, 1.0) + ratio)
    return np.asarray(np.where(t < 10.0, near, far))


def _delayed_quantile(log_level: Floats) -> Floats:
    """The t with this ln of 2(1 − Φ(t) + tφ(t)), by bisection."""
    low = np.zeros_like(log_level)
    high = np.sqrt(-2.0 * log_level) + 3.0
    for _ in range(_STEPS):
        middle = (low + high) / 2.0
        above = _log_delayed(middle) > log_level
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return np.asarray((low + high) / 2.0)
