"""Looks at a planned trial: Lan and DeMets' spending of alpha, O'Brien–Fleming type.

A look has a spending time u, which says how much alpha may be used up by then, and an information C, which
says how strongly the looks are correlated; only ratios of C matter. Spending by another time than the
information is valid where that time was fixed without regard to the outcome (Lan & DeMets 1983, 1989).
The boundaries follow from the recursion of Armitage, McPherson & Rowe (1969): carry the density of a walk
that has stayed inside so far from look to look, and find at each the limit that the right share leaves by.
"""

from collections.abc import Sequence
from functools import lru_cache
from math import exp, inf, log, pi, sqrt

import numpy as np
from scipy.special import log_ndtr, ndtr, ndtri

from chalicelib.stats.arrays import Floats

SMALLEST_GAP = 1e-3
"""A look needs this much new information, relative to its own: less is no look, its alpha waits."""

_LEAST_SHARE = 1e-290
_NODES = 8
_WIDTH = 2.5
_REACH = 38.0
"""Beyond so many standard deviations a density is 0 as a float."""
_STEPS = 200
_LN2 = log(2.0)
_ROOT_2PI = sqrt(2.0 * pi)


def spent(alpha: float, time: float) -> float:
    """The two-sided alpha that may be used up to spending time `time`: 4(1 − Φ(z_{1−α/4}/√u))."""
    return float(4.0 * ndtr(ndtri(alpha / 4.0) / sqrt(min(time, 1.0)))) if time > 0 else 0.0


def boundaries(
    alpha: float,
    times: Sequence[float],
    information: Sequence[float] | None = None,
    already: float = 0.0,
) -> list[float]:
    """|z| to reach at each look; inf where a day is no look: nothing to spend, or no new information.

    `times` are the spending times, `information` the C of each look (the times themselves if not given);
    alpha up to the time `already` was spent before the first look. The boundary of a look depends on the
    looks before it and on no later one.
    """
    clock = tuple(times if information is None else information)
    return list(_boundaries(alpha, tuple(times), clock, already))


@lru_cache(maxsize=4096)
def _boundaries(
    alpha: float, times: tuple[float, ...], clock: tuple[float, ...], already: float
) -> tuple[float, ...]:
    shares, latest = [], already
    for time in times:
        shares.append(max(0.0, spent(alpha, time) - spent(alpha, latest)) if time > latest else 0.0)
        latest = max(latest, time)
    return tuple(recursion(shares, clock))


def recursion(shares: Sequence[float], clock: Sequence[float]) -> list[float]:
    """The boundary of each look from the alpha to spend at it and its information; inf for no look."""
    found, last, carried = [], 0.0, 0.0
    walk: Walk | None = None
    for i, (share, time) in enumerate(zip(shares, clock, strict=True)):
        carried += share
        if carried < _LEAST_SHARE or time <= 0 or time - last < SMALLEST_GAP * time:
            found.append(inf)
            continue
        step = sqrt(time - last)
        limit = -float(ndtri(carried / 2.0)) * sqrt(time)
        if walk is not None:
            limit = _solve(walk, log(carried), step, limit)
        walk = carry(walk, limit, time, step, _next_step(clock[i + 1 :], time) or step)
        last, carried = time, 0.0
        found.append(limit / sqrt(time))
    return found


class Walk:
    """The walks that stayed inside: Gauss–Legendre nodes of the upper half line, with the mass at each.

    The density is symmetric, so the lower half needs no nodes of its own.
    """

    __slots__ = ("both", "log_mass", "mass", "nodes")

    def __init__(self, nodes: Floats, mass: Floats) -> None:
        self.nodes = nodes
        self.mass = mass
        self.both = np.concatenate([nodes, -nodes])
        with np.errstate(divide="ignore"):
            half = np.log(mass)
        self.log_mass = np.concatenate([half, half])

    def leaving(self, limit: float, step: float) -> float:
        """P(the next look lies beyond ±limit)."""
        return 2.0 * float(np.tile(self.mass, 2) @ ndtr((self.both - limit) / step))


def carry(walk: Walk | None, limit: float, time: float, step: float, next_step: float) -> Walk:
    """The walks that stay within ±limit at this look, on nodes fine enough for this step and the next."""
    nodes, weights = _panels(min(limit, _REACH * sqrt(time)), min(step, next_step))
    if walk is None:
        density = np.exp(-0.5 * nodes * nodes / time) / (sqrt(time) * _ROOT_2PI)
    else:
        near = np.exp(-0.5 * ((nodes[:, None] - walk.nodes) / step) ** 2)
        far = np.exp(-0.5 * ((nodes[:, None] + walk.nodes) / step) ** 2)
        density = (near + far) @ walk.mass / (step * _ROOT_2PI)
    return Walk(nodes, weights * density)


def _solve(walk: Walk, share: float, step: float, high: float) -> float:
    """The limit whose crossing probability has this logarithm, by Newton's method from the right.

    The logarithm of the probability is concave in the limit, as a convolution of log-concave functions, so
    a step from the right never goes too far; the bracket serves where rounding says otherwise.
    """
    low, limit = 0.0, high
    for _ in range(_STEPS):
        gap = (walk.both - limit) / step
        value = _LN2 + _log_sum(walk.log_mass + log_ndtr(gap))
        slope = _LN2 + _log_sum(walk.log_mass - 0.5 * gap * gap) - log(step * _ROOT_2PI)
        if value > share:
            low = limit
        else:
            high = limit
        following = limit + (value - share) * exp(min(value - slope, 700.0))
        if not low <= following <= high:
            following = (low + high) / 2.0
        if abs(following - limit) <= 1e-12 * limit or high - low <= 1e-12 * high:
            return following
        limit = following
    return limit


def _log_sum(values: Floats) -> float:
    top = float(values.max())
    return top + log(float(np.exp(values - top).sum())) if top > -inf else -inf


def _next_step(later: Sequence[float], time: float) -> float | None:
    return next((sqrt(t - time) for t in later if t - time >= SMALLEST_GAP * t), None)


def _panels(limit: float, step: float) -> tuple[Floats, Floats]:
    """Nodes and weights on [0, limit]: panels no wider than 2.5 steps, eight nodes in each."""
    count = max(2, int(np.ceil(limit / (_WIDTH * step))))
    nodes, weights = _legendre()
    width = limit / count
    starts = width * np.arange(count)
    return (starts[:, None] + width * nodes).ravel(), np.tile(width * weights, count)


@lru_cache(maxsize=1)
def _legendre() -> tuple[Floats, Floats]:
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    return (nodes + 1.0) / 2.0, weights / 2.0
