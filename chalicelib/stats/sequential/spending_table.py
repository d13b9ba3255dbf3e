"""Lan–DeMets boundaries from a table: for looks whose information grows in step with their spending time.

Where a window is declared and the split is constant, only the spending time tells two schedules apart, and
the boundary of 60 equal looks holds for every schedule whose looks lie at least 1/60 apart: over 480 random
schedules its size was .89–.985 of the level. So c(u) = b(u)·√u of 60 looks is worked out once for a few
levels; between them and between looks it is interpolated. c is nearly z_{1−α/4}, so their quotient is what
is kept: it is so smooth that a polynomial through ten levels gives it to five digits.
"""

from functools import lru_cache
from math import pi

import numpy as np
from scipy.special import ndtr, ndtri

from chalicelib.stats.arrays import Floats
from chalicelib.stats.sequential.lan_demets import boundaries

LOOKS = 60
SPACING = 1.0 / LOOKS
"""A look of a planned trial is a day whose u lies this far above the last one's, or the first with u = 1."""

_LOWEST, _HIGHEST = 1.2, 10.0
_DEGREE = 10


def quarter(level: Floats) -> Floats:
    """z_{1−α/4}: how the table is told a level."""
    return np.asarray(-ndtri(np.asarray(level) / 4.0), dtype=np.float64)


def level_of(z: Floats) -> Floats:
    """The level of such a z."""
    return np.asarray(4.0 * ndtr(-np.asarray(z)), dtype=np.float64)


def boundary(z: Floats, time: Floats) -> Floats:
    """|z| to reach at spending time `time` (1/60 or more), at the level with this z_{1−α/4}; one per row."""
    z, time = np.asarray(z, dtype=np.float64), np.minimum(np.asarray(time, dtype=np.float64), 1.0)
    place = np.clip(time * LOOKS - 1.0, 0.0, LOOKS - 1.0)
    left = np.minimum(place.astype(np.intp), LOOKS - 2)
    weights = _lagrange(1.0 / np.clip(z, _LOWEST, _HIGHEST))
    table = _table()
    low = np.einsum("rk,kr->r", weights, table[:, left])
    high = np.einsum("rk,kr->r", weights, table[:, left + 1])
    ratio = low + (place - left) * (high - low)
    # Beyond the last level 1 − c/z falls as 1/z².
    ratio = np.where(z > _HIGHEST, 1.0 - (1.0 - ratio) * (_HIGHEST / np.maximum(z, 1.0)) ** 2, ratio)
    return np.asarray(z * ratio / np.sqrt(time))


@lru_cache(maxsize=1)
def _levels() -> tuple[Floats, Floats]:
    """Chebyshev points of 1/z, largest first, and their barycentric weights."""
    angle = (2 * np.arange(_DEGREE) + 1) * pi / (2 * _DEGREE)
    middle, half = (1 / _LOWEST + 1 / _HIGHEST) / 2, (1 / _LOWEST - 1 / _HIGHEST) / 2
    weights = np.where(np.arange(_DEGREE) % 2, -np.sin(angle), np.sin(angle))
    return middle + half * np.cos(angle), weights


@lru_cache(maxsize=1)
def _table() -> Floats:
    """c(k/60)/z by level and look."""
    times = np.arange(1, LOOKS + 1) / LOOKS
    rows: list[Floats] = []
    for point in _levels()[0]:
        limits = np.array(boundaries(float(level_of(1.0 / point)), times.tolist())) * np.sqrt(times) * point
        if rows:
            # So early a look that it has nothing to spend: 1 − c/z falls as 1/z².
            last, before = _levels()[0][len(rows) - 1], rows[-1]
            limits = np.where(np.isinf(limits), 1.0 - (1.0 - before) * (point / last) ** 2, limits)
        rows.append(limits)
    return np.array(rows)


def _lagrange(inverse: Floats) -> Floats:
    """The weights of each level's row at 1/z, one row per z."""
    points, weights = _levels()
    gap = inverse[:, None] - points
    exact = gap == 0
    quotient = weights / np.where(exact, 1.0, gap)
    quotient = np.where(exact.any(axis=1)[:, None], exact.astype(np.float64), quotient)
    return np.asarray(quotient / quotient.sum(axis=1)[:, None])
