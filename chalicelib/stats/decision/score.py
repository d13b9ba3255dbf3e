"""Intervals of two rates that agree with their test: they leave 0 out exactly when |z| reaches the boundary.

Mee (1984): all differences δ with |d − δ| < b·√V(δ), V at the rates that fit best when the difference is δ.
At δ = 0 those are the pooled rate, so V(0) is the variance of z. For the relative change M the rates are
p1 = (x1 + x2)/(n1 + (1 + M)n2), p2 = (1 + M)p1: at M = 0 the pooled rate again.
"""

from collections.abc import Callable

import numpy as np

from chalicelib.stats.arrays import Flags, Floats, Index

_STEPS = 100
_CLOSE = 1e-14
_SMALL = 1e-7
_TOP = 1e100
_POLISH = 8
_Rest = Callable[[Floats, Index], Floats]


def difference(
    d: Floats, x1: Floats, n1: Floats, x2: Floats, n2: Floats, limit: Floats
) -> tuple[Floats, Floats]:
    """Lower and upper end for p2 − p1 = `d`, `limit` = b; NaN without a visitor or a limit."""

    def outside(delta: Floats, rows: Index) -> Floats:
        a, n, b, m = x1[rows], n1[rows], x2[rows], n2[rows]
        p1 = constrained(a, n, b, m, delta)
        p2 = np.clip(p1 + delta, 0.0, 1.0)
        variance = p1 * (1.0 - p1) / n + p2 * (1.0 - p2) / m
        return np.asarray(np.abs(d[rows] - delta) - limit[rows] * np.sqrt(variance))

    one = np.ones_like(d)
    known = np.isfinite(d) & np.isfinite(limit)
    return _ends(outside, d, -one, one, known)


def relative(x1: Floats, n1: Floats, x2: Floats, n2: Floats, limit: Floats) -> tuple[Floats, Floats]:
    """Lower and upper end for p2/p1 − 1; NaN where it isn't bounded (nobody converted in control)."""
    hits = x1 + x2
    lift = (x2 * n1 - x1 * n2) / np.where(x1 > 0, x1 * n2, np.nan)

    def outside(change: Floats, rows: Index) -> Floats:
        # (1 + M)p1 − p2 and V, both times (n1 + (1 + M)n2)², from which p1 has gone.
        n, m, both, ratio = n1[rows], n2[rows], hits[rows], 1.0 + change
        under = n + ratio * m
        variance = ratio * both / (n * m) * (under**2 - ratio * both * (n + m))
        gap = np.abs(change - lift[rows]) * x1[rows] / n * under
        return np.asarray(gap - limit[rows] * np.sqrt(np.maximum(variance, 0.0)))

    known = np.isfinite(lift) & np.isfinite(limit)
    top = np.where(known, np.maximum(lift, 0.0) + 1.0, np.nan)
    for _ in range(200):
        rows = np.flatnonzero(known & (top < _TOP))
        rows = rows[outside(top[rows], rows) < 0]
        if not len(rows):
            break
        top[rows] *= 4.0
    return _ends(outside, lift, -np.ones_like(lift), top, known)


def constrained(x1: Floats, n1: Floats, x2: Floats, n2: Floats, delta: Floats) -> Floats:
    """The p1 that fits best when p2 = p1 + δ: the root of a cubic (Mee 1984), polished by Newton's method.

    The likelihood is concave in p1, so a bracket and its slope find the root.
    """
    low, high = np.maximum(0.0, -delta), np.minimum(1.0, 1.0 - delta)
    total, hits = n1 + n2, x1 + x2
    a3 = total
    a2 = (n2 + 2.0 * n1) * delta - total - hits
    a1 = (n1 * delta - total - 2.0 * x1) * delta + hits
    a0 = x1 * delta * (1.0 - delta)
    b = a2 / (3.0 * a3)
    q = b**3 - a1 * a2 / (6.0 * a3 * a3) + a0 / (2.0 * a3)
    r = np.sign(q) * np.sqrt(np.maximum(b * b - a1 / (3.0 * a3), 0.0))
    safe = np.where(r == 0, 1.0, r)
    angle = (np.pi + np.arccos(np.clip(q / safe**3, -1.0, 1.0))) / 3.0
    found = np.asarray(np.clip(2.0 * r * np.cos(angle) - b, low, high))
    rows = np.arange(len(found))
    for _ in range(_POLISH):
        better = _polished(found[rows], *(each[rows] for each in (x1, n1, x2, n2, delta, low, high)))
        # A step squares the error: after a small one there is nothing left to gain.
        moved = np.abs(better - found[rows]) > _SMALL * better
        found[rows] = better
        rows = rows[moved]
        if not len(rows):
            break
    return found


def _polished(
    p: Floats, x1: Floats, n1: Floats, x2: Floats, n2: Floats, delta: Floats, low: Floats, high: Floats
) -> Floats:
    """One step on the slope of the likelihood, where it stays between the ends."""
    q = p + delta
    slope = (x1 - n1 * p) / (p * (1.0 - p)) + (x2 - n2 * q) / (q * (1.0 - q))
    bend = x1 / p**2 + (n1 - x1) / (1.0 - p) ** 2 + x2 / q**2 + (n2 - x2) / (1.0 - q) ** 2
    better = p + slope / bend
    room = 0.5 * np.minimum(p - low, high - p)
    return np.asarray(np.where(np.abs(better - p) < room, better, p))


def _ends(outside: _Rest, middle: Floats, low: Floats, high: Floats, known: Flags) -> tuple[Floats, Floats]:
    found = []
    for edge in (low, high):
        end = np.full(len(middle), np.nan)
        rows = np.flatnonzero(known)
        end[rows] = _root(outside, rows, middle[rows], edge[rows])
        found.append(end)
    return found[0], found[1]


def _root(outside: _Rest, rows: Index, inside: Floats, edge: Floats) -> Floats:
    """Where `outside` turns positive between a point within and an edge; the edge where it never does.

    Regula falsi on a function that is all but linear; an end that stays twice has its value halved
    ("Illinois"), so that both ends move. Rows that are done are left alone.
    """
    found = edge.copy()
    a, b, fa, fb = inside, edge, outside(inside, rows), outside(edge, rows)
    left = np.flatnonzero(fb > 0)
    a, b, fa, fb, side = a[left], b[left], fa[left], fb[left], np.zeros(len(left))
    last = a
    for _ in range(_STEPS):
        if not len(left):
            break
        middle = b - fb * (b - a) / (fb - fa)
        middle = np.where((middle - a) * (middle - b) < 0, middle, (a + b) / 2.0)
        fm = outside(middle, rows[left])
        beyond = fm > 0
        fa = np.where(beyond & (side > 0), fa / 2.0, np.where(beyond, fa, fm))
        fb = np.where(~beyond & (side < 0), fb / 2.0, np.where(beyond, fm, fb))
        a, b = np.where(beyond, a, middle), np.where(beyond, middle, b)
        side = np.where(beyond, 1.0, -1.0)
        found[left] = middle
        more = np.abs(middle - last) > _CLOSE * np.abs(middle - inside[left])
        a, b, fa, fb, side, last = (each[more] for each in (a, b, fa, fb, side, middle))
        left = left[more]
    return found
