"""What each day added to one arm of an experiment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from chalicelib.domain.instant import Day

_V = TypeVar("_V")


@dataclass(slots=True)
class GoalDay:
    """What one day added to a goal: sums in ten-thousandths, squares in their squares, and by how many the
    visitors whose number (of a ratio: denominator) is not 0 became more."""

    conversions: int = 0
    sum: int = 0
    sum_squares: int = 0
    nonzero: int = 0

    def as_row(self) -> list[int]:
        """The four in a list."""
        return [self.conversions, self.sum, self.sum_squares, self.nonzero]

    def add(self, conversions: int, total: int, squares: int, nonzero: int = 0) -> None:
        """Add to each of the four."""
        self.conversions += conversions
        self.sum += total
        self.sum_squares += squares
        self.nonzero += nonzero


@dataclass(slots=True)
class ArmTally:
    """What each day added to one arm.

    `matured` has the numbers of goals with a window once more: each visitor's, whole, on the day on which
    its window was over. `windows` has by length how many visitors that were.
    """

    enrolled: dict[Day, int] = field(default_factory=dict)
    goals: dict[str, dict[Day, GoalDay]] = field(default_factory=dict)
    parts: dict[str, dict[Day, dict[str, list[int]]]] = field(default_factory=dict)
    conflicts: dict[Day, int] = field(default_factory=dict)
    windows: dict[int, dict[Day, int]] = field(default_factory=dict)
    matured: "ArmTally | None" = None

    def goal_day(self, goal: str, day: Day) -> GoalDay:
        """The counts of one goal and day, made when they are not there."""
        try:
            return self.goals[goal][day]
        except KeyError:
            return self.goals.setdefault(goal, {}).setdefault(day, GoalDay())

    def enroll(self, day: Day, count: int) -> None:
        """Add to the participants of a day."""
        self.enrolled[day] = self.enrolled.get(day, 0) + count

    def add_number(self, goal: str, day: Day, added: int, squares: int, nonzero: int) -> None:
        """Add to a goal's sum, sum of squares and count of numbers that are not 0."""
        self.goal_day(goal, day).add(0, added, squares, nonzero)

    def mature(self, window: int, day: Day, count: int) -> None:
        """Add to the visitors whose window of so many days was over."""
        days = self.windows.setdefault(window, {})
        days[day] = days.get(day, 0) + count

    def of_matured(self) -> "ArmTally":
        """The numbers of matured visitors, made when they are not there."""
        if self.matured is None:
            self.matured = ArmTally()
        return self.matured

    def add_part(self, goal: str, day: Day, key: str, numbers: Sequence[int]) -> None:
        """Add to the numbers that `measure.py` keeps under a key."""
        parts = self.parts.setdefault(goal, {}).setdefault(day, {})
        known = parts.get(key)
        parts[key] = list(numbers) if known is None else [a + b for a, b in zip(known, numbers, strict=True)]

    def add(self, other: "ArmTally", sign: int = 1, before: Day | None = None, on: Day | None = None) -> None:
        """Take in another's days: all, those before one, or with `on` all as if of that day."""
        for day, count in _days(other.enrolled, before):
            self.enroll(day if on is None else on, sign * count)
        for day, count in _days(other.conflicts, before):
            self.conflicts[day] = self.conflicts.get(day, 0) + count
        for window, maturing in other.windows.items():
            for day, count in _days(maturing, before):
                self.mature(window, day if on is None else on, sign * count)
        if other.matured is not None:
            self.of_matured().add(other.matured, sign, before, on)
        self._add_numbers(other, sign, before, on)

    def _add_numbers(self, other: "ArmTally", sign: int, before: Day | None, on: Day | None) -> None:
        for goal, days in other.goals.items():
            for day, counts in _days(days, before):
                at = self.goal_day(goal, day if on is None else on)
                numbers = counts.conversions, counts.sum, counts.sum_squares, counts.nonzero
                at.add(*(sign * each for each in numbers))
        for goal, parts in other.parts.items():
            for day, rows in _days(parts, before):
                for key, row in rows.items():
                    self.add_part(goal, day if on is None else on, key, [sign * each for each in row])


def _days(days: Mapping[Day, _V], before: Day | None) -> list[tuple[Day, _V]]:
    return [(day, value) for day, value in days.items() if before is None or day < before]
