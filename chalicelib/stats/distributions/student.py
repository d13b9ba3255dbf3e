"""Student's t distribution, by its survival function only; df may be any real number above zero."""

import numpy as np
from scipy.special import betainc, stdtr, stdtrit

from chalicelib.stats.arrays import Floats
from chalicelib.stats.distributions.beta import log_tail
from chalicelib.stats.distributions.normal import LN10

_SMALLEST = 1e-290


def two_sided(t: Floats, df: Floats) -> Floats:
    """P(|T_df| ≥ |t|)."""
    return np.asarray(2.0 * stdtr(df, -np.abs(t)), dtype=np.float64)


def log10_two_sided(t: Floats, df: Floats) -> Floats:
    """log10 of P(|T_df| ≥ |t|), finite however large t is."""
    odds = t * t / df
    p = two_sided(t, df)
    # Near t = 0 the logarithm of p is the probability of the middle, which p itself has rounded away.
    logs = np.where(p > 0.5, np.log1p(-betainc(0.5, df / 2.0, odds / (1.0 + odds))), np.log(p))
    far = np.flatnonzero((p < _SMALLEST) & np.isfinite(t))
    half = np.full(len(far), 0.5)
    logs[far] = log_tail(df[far] / 2.0, half, odds[far])
    return np.asarray(logs / LN10)


def quantile(alpha: Floats, df: Floats) -> Floats:
    """The t that |T_df| exceeds with probability alpha."""
    return np.asarray(-stdtrit(df, np.asarray(alpha) / 2.0), dtype=np.float64)
