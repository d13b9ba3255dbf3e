"""Numbers per visitor that are more than a sum: what a tally keeps of them, day by day.

Every report day needs the sum and the sum of squares of all visitors' numbers as of that day,
exactly. So a tally holds what each day changed, in whole numbers:

- sum, count and last, also capped: the change of the number and of its square, as for a sum;
- mean: sums grouped by how often the goal was reached, the key, since that is the divisor;
- per_day: sums grouped by the day of the enrolment, which gives the divisor of any report day;
- an exact quantile: how many visitors have which number, the key;
- a ratio, under the key "ratio": [Σa, Σa², Σb, Σb², Σab];
- a covariate x, under the key "pre": [Σx, Σx², Σ number·x]; in groups the product stands last.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate
from typing import Protocol

from chalicelib.domain.counting.achieved import COUNTS, LASTS, Achieved
from chalicelib.domain.counting.covariate import Covariate
from chalicelib.domain.experiments.goal import Goal, GoalType, Metric, Part
from chalicelib.domain.instant import Day
from chalicelib.domain.values import VALUE_SCALE
from chalicelib.domain.visitors.visitor import Visitor

_KEEPS = {Metric.COUNT: COUNTS, Metric.MEAN: COUNTS, Metric.LAST: LASTS}
_NOTHING = Achieved(0)


class Arm(Protocol):
    """What a measure adds to."""

    def add_part(self, goal: str, day: Day, key: str, numbers: list[int]) -> None:
        """Add to the numbers under a key."""

    def add_number(self, goal: str, day: Day, added: int, squares: int, nonzero: int) -> None:
        """Add to a goal's sum, sum of squares and count of numbers that are not 0."""


@dataclass(frozen=True, slots=True)
class Measure:
    """How one goal's number is made of what a visitor reached."""

    metric: Metric
    cap: int | None = None
    quantile: Decimal | None = None
    covariate: Covariate | None = None
    ratio: tuple[Part, Part] | None = None

    def fold(
        self, arm: Arm, goal: str, visitor: Visitor, enrolled: Day, reached: Mapping[str, Achieved]
    ) -> None:
        """Add one participant to its arm."""
        if self.ratio is not None:
            _fold_ratio(arm, goal, self.ratio, reached)
            return
        before = 0 if self.covariate is None else self.covariate.of(visitor, enrolled)
        if before:
            arm.add_part(goal, enrolled, "pre", [before, before * before, 0])
        achieved = reached.get(goal)
        if achieved is None:
            return
        if self.quantile is not None:
            _fold_values(arm, goal, numbers(self.metric, achieved), before)
        elif self.metric is Metric.MEAN:
            _fold_means(arm, goal, achieved, before)
        elif self.metric is Metric.PER_DAY:
            _fold_per_day(arm, goal, achieved, enrolled, before)
        else:
            self._fold_number(arm, goal, achieved, before)

    def _fold_number(self, arm: Arm, goal: str, achieved: Achieved, before: int) -> None:
        last = 0
        for day, number in numbers(self.metric, achieved):
            number = number if self.cap is None else min(number, self.cap)
            change = bool(number) - bool(last)
            arm.add_number(goal, day, number - last, number * number - last * last, change)
            if before:
                arm.add_part(goal, day, "pre", [0, 0, (number - last) * before])
            last = number


def measures_of(goals: Iterable[Goal]) -> dict[str, Measure]:
    """The measure of each goal whose number is more than a sum."""
    return {goal.name: measure for goal in goals if (measure := _measure(goal)) is not None}


def covariate_of(goal: Goal) -> Covariate | None:
    """What explains the goal's variance, if anything was declared to."""
    if goal.covariate_days is None:
        return None
    return Covariate(goal.name, goal.declared_at, goal.covariate_days, goal.metric is Metric.COUNT)


def kept_of(name: str, goals: Iterable[Goal]) -> int:
    """What is kept by day of a goal for its own number and for the ratios that it is part of."""
    kept = 0
    for goal in goals:
        if goal.name == name and goal.type is GoalType.ENGAGEMENT:
            kept |= _KEEPS.get(goal.metric, 0)
        for part in goal.parts:
            if part.goal == name:
                kept |= _KEEPS.get(part.metric, 0)
    return kept


def _measure(goal: Goal) -> Measure | None:
    if goal.type is GoalType.CONVERSION:
        return None
    if goal.numerator is not None and goal.denominator is not None:
        return Measure(goal.metric, ratio=(goal.numerator, goal.denominator))
    made = Measure(goal.metric, goal.cap, goal.winsorize, covariate_of(goal))
    return None if made == Measure(Metric.SUM) else made


def numbers(metric: Metric, achieved: Achieved) -> Iterator[tuple[Day, int]]:
    """A visitor's number as of each day that changes it, oldest first."""
    if metric is Metric.LAST:
        yield from ((day, achieved.lasts[day][1]) for day in sorted(achieved.lasts))
        return
    added = achieved.counts if metric is Metric.COUNT else achieved.sums
    scale = VALUE_SCALE if metric is Metric.COUNT else 1
    days = sorted(added)
    yield from zip(days, accumulate(added[day] * scale for day in days), strict=True)


def _fold_values(arm: Arm, goal: str, path: Iterable[tuple[Day, int]], before: int) -> None:
    last: int | None = None
    for day, number in path:
        if last is not None:
            arm.add_part(goal, day, str(last), [-1, -before])
        arm.add_part(goal, day, str(number), [1, before])
        last = number


def _fold_means(arm: Arm, goal: str, achieved: Achieved, before: int) -> None:
    total = times = 0
    for day in sorted(achieved.counts):
        change = bool(total + achieved.sums.get(day, 0)) - bool(total)
        arm.add_number(goal, day, 0, 0, change)
        if times:
            arm.add_part(goal, day, str(times), [-total, -total * total, -total * before])
        total, times = total + achieved.sums.get(day, 0), times + achieved.counts[day]
        arm.add_part(goal, day, str(times), [total, total * total, total * before])


def _fold_per_day(arm: Arm, goal: str, achieved: Achieved, enrolled: Day, before: int) -> None:
    last = 0
    for day, total in numbers(Metric.SUM, achieved):
        row = [total - last, total * total - last * last, (total - last) * before]
        arm.add_part(goal, day, str(enrolled), row)
        arm.add_number(goal, day, 0, 0, bool(total) - bool(last))
        last = total


def _fold_ratio(arm: Arm, goal: str, ratio: tuple[Part, Part], reached: Mapping[str, Achieved]) -> None:
    paths = [dict(numbers(part.metric, reached.get(part.goal, _NOTHING))) for part in ratio]
    a = b = 0
    for day in sorted(paths[0].keys() | paths[1].keys()):
        before, under = (a, a * a, b, b * b, a * b), b
        a, b = paths[0].get(day, a), paths[1].get(day, b)
        after = (a, a * a, b, b * b, a * b)
        arm.add_part(goal, day, "ratio", [new - old for new, old in zip(after, before, strict=True)])
        arm.add_number(goal, day, 0, 0, bool(b) - bool(under))
