"""The noncentral t distribution: the power of a t test, and the effect that a power needs."""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from chalicelib.stats.arrays import Flags, Floats
from chalicelib.stats.distributions.student import quantile

_LARGE = 200.0
_REACH = 9.0
_STEPS = 12
_LEGENDRE = np.polynomial.legendre.leggauss(48)
_HERMITE = np.polynomial.hermite_e.hermegauss(16)


@dataclass(frozen=True)
class _Mixture:
    """Nodes of s = √(χ²_df/df) and their probabilities, one row per df."""

    scale: Floats
    weight: Floats


def power(shift: Floats, df: Floats, alpha: Floats) -> Floats:
    """P(|T'| > t_{1−α/2, df}), `shift` = effect over its standard error: E[Φ(±shift − t·s)], s² = χ²/df."""
    found, limit = np.full_like(df, np.nan), quantile(alpha, df)
    for rows, mixture in _mixtures(df):
        found[rows] = _power(shift[rows], limit[rows], mixture)[0]
    return found


def shift_for(wanted: Floats, df: Floats, alpha: Floats) -> Floats:
    """The effect over its standard error that gives this power."""
    limit = quantile(alpha, df)
    shift = limit * (1.0 - 0.25 / df) + ndtri(wanted) * np.sqrt(1.0 + limit * limit / (2.0 * df))
    for rows, mixture in _mixtures(df):
        shift[rows] = _newton(wanted[rows], shift[rows], limit[rows], mixture)
    return np.asarray(shift)


def _newton(wanted: Floats, shift: Floats, limit: Floats, mixture: _Mixture) -> Floats:
    active = np.ones(len(shift), dtype=bool)
    for _ in range(_STEPS):
        value, slope = _power(shift, limit, mixture)
        move = np.clip((wanted - value) / slope, -1.0, 1.0)
        shift = shift + np.where(active & np.isfinite(move), move, 0.0)
        # The error after a step is about its square; a row that is done keeps its digits whatever others do.
        active &= np.abs(move) >= 1e-8
        if not active.any():
            break
    return shift


def _power(shift: Floats, limit: Floats, mixture: _Mixture) -> tuple[Floats, Floats]:
    """The power and its derivative by the shift."""
    reach = limit[:, None] * mixture.scale
    upper, lower = shift[:, None] - reach, -shift[:, None] - reach
    value = np.sum(mixture.weight * (ndtr(upper) + ndtr(lower)), axis=1)
    slope = np.sum(mixture.weight * (np.exp(-0.5 * upper**2) - np.exp(-0.5 * lower**2)), axis=1)
    return value, slope / np.sqrt(2.0 * np.pi)


def _mixtures(df: Floats) -> list[tuple[Flags, _Mixture]]:
    large = df >= _LARGE
    found = [(large, _hermite(df[large])), (df < _LARGE, _legendre(df[df < _LARGE]))]
    return [(rows, mixture) for rows, mixture in found if rows.any()]


def _hermite(df: Floats) -> _Mixture:
    """Around 1 with sd 1/√(2df), where the density is nearly normal."""
    nodes, weights = _HERMITE
    gap = nodes / np.sqrt(2.0 * df)[:, None]
    return _normalised(df, gap, nodes * nodes / 2.0, weights)


def _legendre(df: Floats) -> _Mixture:
    """Between far quantiles."""
    nodes, weights = _LEGENDRE
    low, high = _far(df, -_REACH), _far(df, _REACH)
    half = (high - low)[:, None] / 2.0
    return _normalised(df, low[:, None] + half * (nodes + 1.0) - 1.0, np.zeros_like(nodes), weights)


def _normalised(df: Floats, gap: Floats, extra: Floats, weights: Floats) -> _Mixture:
    # Relative to the mode, and divided by its own sum: no logarithm of gamma to cancel.
    logs = df[:, None] * (np.log1p(gap) - gap - gap * gap / 2.0) - np.log1p(gap) + extra
    density = weights * np.exp(logs - np.max(logs, axis=1, keepdims=True))
    return _Mixture(1.0 + gap, density / density.sum(axis=1, keepdims=True))


def _far(df: Floats, z: float) -> Floats:
    """Wilson and Hilferty's quantile of √(χ²/df)."""
    root = 1.0 - 2.0 / (9.0 * df) + z * np.sqrt(2.0 / (9.0 * df))
    return np.asarray(np.maximum(root, 0.0) ** 1.5)
