"""The chi-square distribution, by its survival function only."""

import numpy as np
from scipy.special import chdtr, chdtrc, gammaln

from chalicelib.stats.arrays import Floats
from chalicelib.stats.distributions.normal import LN10, log10_two_sided

_SAFE = 600.0
_TERMS = 100


def survival(df: Floats, x: Floats) -> Floats:
    """P(χ²_df ≥ x)."""
    return np.asarray(chdtrc(df, x), dtype=np.float64)


def log10_survival(df: Floats, x: Floats) -> Floats:
    """log10 of P(χ²_df ≥ x), finite however large x is."""
    tail = chdtrc(df, np.minimum(x, _SAFE))
    near = np.where(tail > 0.5, np.log1p(-chdtr(df, x)), np.log(tail))
    far = _log_far(df, np.maximum(x, _SAFE))
    general = np.where(x <= _SAFE, near, far) / LN10
    return np.asarray(np.where(df == 1, log10_two_sided(np.sqrt(x)), general))


def _log_far(df: Floats, x: Floats) -> Floats:
    """ln Γ(df/2, x/2) − ln Γ(df/2) by Legendre's continued fraction, evaluated from its tail."""
    a, y = df / 2.0, x / 2.0
    fraction = y + (2 * _TERMS + 1) - a
    for i in range(_TERMS, 0, -1):
        fraction = y + (2 * i - 1) - a - i * (i - a) / fraction
    return np.asarray(a * np.log(y) - y - np.log(fraction) - gammaln(a))
