"""The normal distribution, by its survival function only."""

from math import log

import numpy as np
from scipy.special import erf, erfc, log_ndtr, ndtri

from chalicelib.stats.arrays import Floats

LN10 = log(10.0)
LN2 = log(2.0)


def two_sided(z: Floats) -> Floats:
    """P(|Z| ≥ |z|)."""
    return np.asarray(erfc(np.abs(z) / np.sqrt(2.0)), dtype=np.float64)


def log10_two_sided(z: Floats) -> Floats:
    """log10 of P(|Z| ≥ |z|), finite however large z is."""
    size = np.abs(z)
    near = np.log1p(-erf(np.minimum(size, 1.0) / np.sqrt(2.0)))
    return np.asarray(np.where(size < 1.0, near, log_ndtr(-size) + LN2) / LN10)


def quantile(alpha: Floats) -> Floats:
    """The z that a standard normal exceeds in size with probability alpha."""
    return np.asarray(-ndtri(np.asarray(alpha) / 2.0), dtype=np.float64)
