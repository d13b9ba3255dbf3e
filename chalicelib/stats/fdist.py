"""Fisher's F distribution, by its survival function only."""

import numpy as np
from scipy.special import fdtrc

from chalicelib.stats.columns import Floats
from chalicelib.stats.normal import LN10


def survival(df1: Floats, df2: Floats, f: Floats) -> Floats:
    """P(F ≥ f)."""
    return np.asarray(fdtrc(df1, df2, f), dtype=np.float64)


def log10_survival(df1: Floats, df2: Floats, f: Floats) -> Floats:
    """log10 of P(F ≥ f)."""
    return np.asarray(np.log(survival(df1, df2, f)) / LN10)
