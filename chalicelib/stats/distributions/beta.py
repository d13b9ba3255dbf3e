"""The incomplete beta function in its tail, where Student's t and Fisher's F have their logarithms."""

import numpy as np
from scipy.special import gammaln

from chalicelib.stats.arrays import Floats

_TERMS = 200
_LARGE = 100.0


def log_tail(a: Floats, b: Floats, odds: Floats) -> Floats:
    """ln I_x(a, b), x = 1/(1 + odds), for x below (a + 1)/(a + b + 2); b a multiple of one half.

    Didonato and Morris' continued fraction (ACM TOMS 708, equation 9) from its tail: every term is positive
    there, and `odds` keeps the digits of 1 − x.
    """
    x, y = 1.0 / (1.0 + odds), odds / (1.0 + odds)
    lead = (a + b) * y - b + 1.0
    fraction = np.ones_like(x)
    for n in range(_TERMS, -1, -1):
        even = a + 2 * n
        alpha = (a + n) * (a + b + n) * (n + 1) * (b - n - 1) * x * x / (even + 1) ** 2
        beta = (
            n + (n * (b - n) * x / (even - 1) if n else 0.0) + (a + n) * (lead + n * (1.0 + y)) / (even + 1)
        )
        fraction = beta + alpha / fraction
    power = -a * np.log1p(odds) + b * (np.log(odds) - np.log1p(odds))
    return np.asarray(power - log_beta(a, b) - np.log(fraction))


def log_beta(a: Floats, b: Floats) -> Floats:
    """ln B(a, b) for b a multiple of one half: no difference of large logarithms of gamma."""
    whole = np.floor(b)
    rising = np.where(b > whole, _log_half_step(a), 0.0)
    for j in range(int(whole.max(initial=0.0))):
        rising += np.where(j < whole, np.log(np.maximum(a + b - whole + j, 1e-300)), 0.0)
    return np.asarray(gammaln(b) - rising)


def _log_half_step(a: Floats) -> Floats:
    """ln Γ(a + ½) − ln Γ(a)."""
    large = np.maximum(a, _LARGE)
    square = 1.0 / (large * large)
    series = (-1 / 8 + square * (1 / 192 + square * (-1 / 640 + square * 17 / 14336))) / large
    small = np.minimum(a, _LARGE)
    direct = gammaln(small + 0.5) - gammaln(small)
    return np.asarray(np.where(a > _LARGE, 0.5 * np.log(large) + series, direct))
