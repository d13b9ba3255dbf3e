"""Columns of exact integers: every arm of every goal of one type, as-of rows first, then the history."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Any

import numpy as np

from chalicelib.stats.arrays import Floats, Index, Ints
from chalicelib.stats.exact import Exact
from chalicelib.stats.input.arms import Arm
from chalicelib.stats.input.request import Goal

_NARROW = 2**31 - 1
_DEGREES = {"conversion": (0,), "engagement": (1, 2), "ratio": (1, 2, 1, 2, 2)}
_PRE_DEGREES = (1, 2, 2)


@dataclass(frozen=True)
class Arms:
    """Exact counts and sums, one entry an arm; values were multiplied by `scale` (squares by its square).

    The arrays hold int64 where products of two entries can't overflow, else Python ints.
    """

    n: Ints
    sums: tuple[Ints, ...]
    scale: Ints

    def __getitem__(self, rows: Index) -> "Arms":
        return Arms(self.n[rows], tuple(column[rows] for column in self.sums), self.scale[rows])


def arms_of(goals: Sequence[Goal]) -> Arms:
    """The arms of goals of one type: those of today goal by goal, then those of each goal's history."""
    degrees = _DEGREES[goals[0].type]
    scales = [_scale([goal.arms, *goal.history]) for goal in goals]
    days = [(goal.arms, scale) for goal, scale in zip(goals, scales, strict=True)]
    days += [(day, scale) for goal, scale in zip(goals, scales, strict=True) for day in goal.history]
    rows = [(arm.n, *_scaled(arm.sums, scale, degrees), scale) for day, scale in days for arm in day]
    return _arms(rows)


def pre_of(goals: Sequence[Goal]) -> Arms:
    """Arms of today with sums for CUPED: post sum and squares, pre sum and squares, product."""
    rows = []
    for goal in goals:
        scale = _scale([goal.arms])
        for arm in goal.arms:
            values = (arm.sums[0], arm.sums[-1], *arm.pre)
            rows.append((arm.n, *_scaled(values, scale, (1, 2, *_PRE_DEGREES)), scale))
    return _arms(rows)


def floats(column: Ints) -> Floats:
    """Each integer rounded to the nearest float."""
    return column.astype(np.float64)


def quotient(numerator: Ints, denominator: Ints) -> Floats:
    """Exact integers divided with one rounding; NaN where the denominator is 0."""
    nothing = denominator == 0
    safe = np.where(nothing, 1, denominator)
    ratio = (numerator.astype(object) / safe.astype(object)).astype(np.float64)
    return np.where(nothing, np.nan, ratio)


def _arms(rows: Sequence[tuple[Any, ...]]) -> Arms:
    columns = [_column(values) for values in zip(*rows, strict=True)]
    if any(column.dtype == object for column in columns):
        columns = [column.astype(object) for column in columns]
    return Arms(columns[0], tuple(columns[1:-1]), columns[-1])


def _column(values: Sequence[int]) -> Ints:
    narrow = min(values) >= -_NARROW and max(values) <= _NARROW
    return np.array(values, dtype=np.int64 if narrow else object)


def _scaled(sums: Sequence[Exact], scale: int, degrees: Sequence[int]) -> tuple[int, ...]:
    if scale == 1:
        return tuple(sums)  # type: ignore[arg-type]
    return tuple(int(value * scale**degree) for value, degree in zip(sums, degrees, strict=True))


def _scale(days: Sequence[Sequence[Arm]]) -> int:
    parts = [
        value for day in days for arm in day for value in (*arm.sums, *arm.pre) if type(value) is not int
    ]
    return lcm(*(part.denominator for part in parts if isinstance(part, Fraction))) if parts else 1
