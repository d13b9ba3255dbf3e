"""Looks at a trial with a declared maximum: Lan and DeMets' spending of alpha, O'Brien–Fleming type.

Lan & DeMets (Biometrika 1983); the recursion is Armitage, McPherson & Rowe's (1969).
"""

from collections.abc import Sequence
from functools import lru_cache
from math import inf, isfinite, log, sqrt

import numpy as np
from scipy.special import ndtr, ndtri

from chalicelib.stats.arrays import Floats

_ROOT_2PI = sqrt(2.0 * np.pi)
_STEPS = 60
# A look needs this much new information: less is no look, its alpha goes to the next.
_SMALLEST_STEP = 1e-4


def spent(alpha: float, time: float) -> float:
    """The two-sided alpha that may be used up to information time `time`: 4(1 − Φ(z_{1−α/4}/√t))."""
    return float(4.0 * ndtr(ndtri(alpha / 4.0) / sqrt(min(time, 1.0)))) if time > 0 else 0.0


def boundaries(alpha: float, times: Sequence[float]) -> list[float]:
    """|z| to reach at each look; inf where there is no look: no new information, or after time 1.

    `times` = information at each look over the declared maximum, in the order of the looks.
    """
    return list(_boundaries(alpha, tuple(times)))


@lru_cache(maxsize=4096)
def _boundaries(alpha: float, times: tuple[float, ...]) -> tuple[float, ...]:
    found, last, walk = [], 0.0, None
    for time in times:
        if time - last < _SMALLEST_STEP or last >= 1.0:
            found.append(inf)
            continue
        step = sqrt(time - last)
        limit = _limit(spent(alpha, time) - spent(alpha, last), walk, step, sqrt(time))
        found.append(limit / sqrt(time))
        walk = _walk(limit, walk, step, _nodes(limit, time, times))
        last = time
    return tuple(found)


class _Walk:
    """The density of a walk that stayed within ±limit, at Gauss–Legendre nodes of its upper half."""

    def __init__(self, nodes: Floats, weights: Floats, density: Floats) -> None:
        self.nodes = nodes
        self.mass = weights * density


def _limit(share: float, walk: _Walk | None, step: float, root: float) -> float:
    """The c with P(first beyond ±c at this look) = share: Newton on the logarithm, from the right."""
    if share < 1e-300:
        return inf
    limit = float(-ndtri(share / 2.0)) * root
    if walk is None:
        return limit
    for _ in range(_STEPS):
        leave = 2.0 * float(
            walk.mass @ (ndtr((walk.nodes - limit) / step) + ndtr((-walk.nodes - limit) / step))
        )
        slope = 2.0 * float(np.sum(_density(walk, np.array([limit]), step)))
        move = (log(leave) - log(share)) * leave / slope
        limit += move
        if abs(move) < 1e-14 * limit:
            break
    return limit


def _walk(limit: float, before: _Walk | None, step: float, grid: tuple[Floats, Floats]) -> _Walk:
    nodes, weights = grid
    if before is None:
        return _Walk(nodes, weights, np.exp(-0.5 * (nodes / step) ** 2) / (step * _ROOT_2PI))
    return _Walk(nodes, weights, _density(before, nodes, step))


def _density(walk: _Walk, points: Floats, step: float) -> Floats:
    near = np.exp(-0.5 * ((points[:, None] - walk.nodes) / step) ** 2)
    far = np.exp(-0.5 * ((points[:, None] + walk.nodes) / step) ** 2)
    return np.asarray((near + far) @ walk.mass / (step * _ROOT_2PI))


def _nodes(limit: float, time: float, times: Sequence[float]) -> tuple[Floats, Floats]:
    reach = min(limit, 38.0 * sqrt(time)) if isfinite(limit) else 38.0 * sqrt(time)
    later = [b - a for a, b in zip((0.0, *times), times, strict=False) if b - a >= _SMALLEST_STEP]
    count = int(min(max(24 + 2.2 * reach / sqrt(min(later, default=1.0)), 48), 400)) // 8 * 8
    nodes, weights = _legendre(count)
    return reach * (nodes + 1.0) / 2.0, reach * weights / 2.0


@lru_cache(maxsize=64)
def _legendre(count: int) -> tuple[Floats, Floats]:
    nodes, weights = np.polynomial.legendre.leggauss(count)
    return nodes, weights
