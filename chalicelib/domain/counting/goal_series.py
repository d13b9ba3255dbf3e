"""The numbers of a goal as of every day, as exact integers: what a tally hands to the statistics."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

Column = Sequence[int] | Sequence[int | Fraction]
"""One number a day, cumulative; the last one is today's."""


@dataclass(frozen=True, slots=True)
class ArmSeries:
    """One arm of a goal by day.

    `sums` are, by type: conversions; sum and sum of squares; or numerator, its squares, denominator, its
    squares, products. `nonzero` counts visitors whose value (of a ratio: denominator) is not 0. `pre` are
    sum, squares and products of a covariate, or nothing.
    """

    key: str
    n: Sequence[int]
    sums: tuple[Column, ...]
    nonzero: Sequence[int]
    pre: tuple[Column, ...] = ()

    def until(self, days: int) -> "ArmSeries":
        """The first days alone."""
        sums, pre = (tuple(column[:days] for column in each) for each in (self.sums, self.pre))
        return ArmSeries(self.key, self.n[:days], sums, self.nonzero[:days], pre)


@dataclass(frozen=True, slots=True)
class GoalSeries:
    """The arms of a goal, control first; values were multiplied by `scale` (squares by its square).

    `caps` are the caps that a quantile came to, by day, where there is one.
    """

    arms: tuple[ArmSeries, ...]
    scale: int = 1
    caps: Sequence[int | None] = ()

    def until(self, days: int) -> "GoalSeries":
        """The first days alone."""
        return GoalSeries(tuple(arm.until(days) for arm in self.arms), self.scale, self.caps[:days])
