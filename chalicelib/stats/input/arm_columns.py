"""Columns of exact integers: the arms of all goals of one type, each with its days, oldest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from chalicelib.domain.counting.goal_series import ArmSeries, Column
from chalicelib.stats.arrays import Floats, Index, Ints
from chalicelib.stats.input.goals import Goal, last_day

_NARROW = 2**31 - 1


@dataclass(frozen=True)
class Arms:
    """Exact counts and sums, one entry an arm and day; values were multiplied by `scale` (squares by its
    square), `nonzero` counts those that are not 0.

    The arrays hold int64 where products of two entries can't overflow, else Python ints.
    """

    n: Ints
    sums: tuple[Ints, ...]
    nonzero: Ints
    scale: Ints

    def __getitem__(self, rows: Index) -> "Arms":
        sums = tuple(column[rows] for column in self.sums)
        return Arms(self.n[rows], sums, self.nonzero[rows], self.scale[rows])


def arms_of(arms: Sequence[tuple[ArmSeries, int]]) -> Arms:
    """One after the other, each with its scale, every day of an arm before the next arm."""
    width = len(arms[0][0].sums)
    columns = [
        _column([arm.n for arm, _ in arms]),
        *(_column([arm.sums[k] for arm, _ in arms]) for k in range(width)),
        _column([[scale] * len(arm.n) for arm, scale in arms]),
    ]
    if any(column.dtype == object for column in columns):
        columns = [column.astype(object) for column in columns]
    return Arms(columns[0], tuple(columns[1:-1]), _column([arm.nonzero for arm, _ in arms]), columns[-1])


def pre_of(goals: Sequence[Goal]) -> Arms:
    """Today's arms with sums for CUPED: post sum and squares, pre sum and squares, product."""
    return arms_of([(with_pre(last_day(arm), goal), goal.scale) for goal in goals for arm in goal.arms])


def with_pre(arm: ArmSeries, goal: Goal) -> ArmSeries:
    """The columns of a covariate beside those of the value; a rate is a mean of zeros and ones."""
    post = arm.sums
    if goal.type == "conversion":
        post = tuple([x * goal.scale**degree for x in arm.sums[0]] for degree in (1, 2))
    return ArmSeries(arm.key, arm.n, (*post, *arm.pre), arm.nonzero)


def floats(column: Ints) -> Floats:
    """Each integer rounded to the nearest float."""
    return column.astype(np.float64)


def quotient(numerator: Ints, denominator: Ints) -> Floats:
    """Exact integers divided with one rounding; NaN where the denominator is 0."""
    nothing = denominator == 0
    safe = np.where(nothing, 1, denominator)
    ratio = (numerator.astype(object) / safe.astype(object)).astype(np.float64)
    return np.where(nothing, np.nan, ratio)


def _column(parts: Sequence[Column]) -> Ints:
    values = list(chain.from_iterable(parts))
    narrow = min(values) >= -_NARROW and max(values) <= _NARROW
    return np.array(values, dtype=np.int64 if narrow else object)
