"""Fisher's F distribution, by its survival function only."""

import numpy as np
from scipy.special import betainc

from chalicelib.stats.arrays import Floats
from chalicelib.stats.distributions.beta import log_tail
from chalicelib.stats.distributions.normal import LN10


def survival(df1: Floats, df2: Floats, f: Floats) -> Floats:
    """P(F ≥ f)."""
    return np.asarray(np.exp(_log_survival(df1, df2, f)))


def log10_survival(df1: Floats, df2: Floats, f: Floats) -> Floats:
    """log10 of P(F ≥ f), finite however large f is."""
    return np.asarray(_log_survival(df1, df2, f) / LN10)


def _log_survival(df1: Floats, df2: Floats, f: Floats) -> Floats:
    a, b, odds = df2 / 2.0, df1 / 2.0, df1 * f / df2
    logs = np.log1p(-betainc(b, a, odds / (1.0 + odds)))
    tail = np.flatnonzero(1.0 / (1.0 + odds) < (a + 1.0) / (a + b + 2.0))
    logs[tail] = log_tail(a[tail], b[tail], odds[tail])
    return np.asarray(logs)
