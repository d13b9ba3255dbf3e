"""Student's t distribution, by its survival function only; df may be any real number above zero."""

import numpy as np
from scipy.special import stdtr, stdtrit

from chalicelib.stats.columns import Floats
from chalicelib.stats.normal import LN10


def two_sided(t: Floats, df: Floats) -> Floats:
    """P(|T_df| ≥ |t|)."""
    return np.asarray(2.0 * stdtr(df, -np.abs(t)), dtype=np.float64)


def log10_two_sided(t: Floats, df: Floats) -> Floats:
    """log10 of P(|T_df| ≥ |t|)."""
    return np.asarray(np.log(two_sided(t, df)) / LN10)


def quantile(alpha: Floats, df: Floats) -> Floats:
    """The t that |T_df| exceeds with probability alpha."""
    return np.asarray(-stdtrit(df, np.asarray(alpha) / 2.0), dtype=np.float64)
