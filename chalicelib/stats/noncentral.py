"""The noncentral t distribution: the power of a t test, and the effect that a power needs."""

import numpy as np
from scipy.special import ndtr, ndtri

from chalicelib.stats.columns import Floats
from chalicelib.stats.student import quantile

_NODES = 48
_REACH = 9.0
_STEPS = 8


def power(shift: Floats, df: Floats, alpha: Floats) -> Floats:
    """P(|T'| > t_{1−α/2, df}), `shift` = effect over its standard error: E[Φ(±shift − t·s)], s² = χ²/df."""
    value, _ = _power(shift, df, quantile(alpha, df), *_mixture(df))
    return value


def shift_for(wanted: Floats, df: Floats, alpha: Floats) -> Floats:
    """The effect over its standard error that gives this power; Newton from the normal approximation."""
    limit, (scale, weight) = quantile(alpha, df), _mixture(df)
    shift = limit + ndtri(wanted)
    for _ in range(_STEPS):
        value, slope = _power(shift, df, limit, scale, weight)
        move = (wanted - value) / slope
        shift = shift + np.where(np.isfinite(move), np.clip(move, -1.0, 1.0), 0.0)
        if np.nanmax(np.abs(move), initial=0.0) < 1e-13:
            break
    return np.asarray(shift)


def _power(shift: Floats, df: Floats, limit: Floats, scale: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """The power and its derivative by the shift."""
    upper, lower = shift[:, None] - limit[:, None] * scale, -shift[:, None] - limit[:, None] * scale
    value = np.sum(weight * (ndtr(upper) + ndtr(lower)), axis=1)
    slope = np.sum(weight * (np.exp(-0.5 * upper**2) - np.exp(-0.5 * lower**2)), axis=1) / np.sqrt(
        2.0 * np.pi
    )
    return value, slope


def _mixture(df: Floats) -> tuple[Floats, Floats]:
    """Nodes of s = √(χ²_df/df) and their probabilities, by Gauss–Legendre between far quantiles."""
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    low, high = _far(df, -_REACH), _far(df, _REACH)
    half = (high - low)[:, None] / 2.0
    s = low[:, None] + half * (nodes + 1.0)
    # Relative to the mode, and normalised by its own sum: no logarithm of gamma to cancel.
    gap = s - 1.0
    logs = df[:, None] * (np.log(s) - gap - gap * gap / 2.0) - np.log(s)
    density = weights * half * np.exp(logs - logs.max(axis=1, keepdims=True))
    return s, density / density.sum(axis=1, keepdims=True)


def _far(df: Floats, z: float) -> Floats:
    """Wilson and Hilferty's quantile of √(χ²/df)."""
    root = 1.0 - 2.0 / (9.0 * df) + z * np.sqrt(2.0 / (9.0 * df))
    return np.asarray(np.maximum(root, 0.0) ** 1.5)
