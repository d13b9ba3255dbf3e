"""The tally: what every statistic is computed from, folded from visitors' documents.

Per experiment, phase and variation it holds what each day added: enrolments, and per goal the
conversions, the sum of the values and the sum of the squares of each visitor's total. What a
report of day D needs is the sum over the days up to D. Tallies of parts add up in any order.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from chalicelib.domain.counting import Rules
from chalicelib.domain.instant import DAY, Day
from chalicelib.domain.name import ANY_GOAL
from chalicelib.domain.visitor import Settled, Visitor

ArmKey = tuple[str, int, str]
"""Experiment, phase, variation."""


@dataclass(slots=True)
class GoalDay:
    """What one day added to a goal: sums in ten-thousandths, squares in their squares."""

    conversions: int = 0
    sum: int = 0
    sum_squares: int = 0

    def as_row(self) -> list[int]:
        """The three in a list."""
        return [self.conversions, self.sum, self.sum_squares]

    def add(self, conversions: int, total: int, squares: int) -> None:
        """Add to each of the three."""
        self.conversions += conversions
        self.sum += total
        self.sum_squares += squares


@dataclass(slots=True)
class ArmTally:
    """What each day added to one arm."""

    enrolled: dict[Day, int] = field(default_factory=dict)
    goals: dict[str, dict[Day, GoalDay]] = field(default_factory=dict)

    def goal_day(self, goal: str, day: Day) -> GoalDay:
        """The counts of one goal and day, made when they are not there."""
        days = self.goals.get(goal)
        if days is None:
            days = self.goals[goal] = {}
        counts = days.get(day)
        if counts is None:
            counts = days[day] = GoalDay()
        return counts


@dataclass(slots=True)
class Tally:
    """An accumulator: fold documents in, add other tallies to it."""

    arms: dict[ArmKey, ArmTally] = field(default_factory=dict)
    documents: int = 0
    unreadable: dict[str, int] = field(default_factory=dict)

    def fold(self, visitor: Visitor, rules: Mapping[str, Rules]) -> None:
        """Count one visitor in every experiment in which it takes part."""
        self.documents += 1
        for name, enrollment in visitor.enrollments.items():
            rule = rules.get(name)
            if rule is None or not rule.takes_part(visitor, enrollment):
                continue
            arm = self._arm((name, enrollment.phase, enrollment.variation))
            day = enrollment.enrolled_at // DAY
            arm.enrolled[day] = arm.enrolled.get(day, 0) + 1
            _fold_goals(arm, rule.reached(enrollment, visitor.facts, visitor.settled.get(name, {})))

    def record(self) -> dict[str, Any]:
        """As JSON: what `tally_of` reads again."""
        return {
            "documents": self.documents,
            "unreadable": self.unreadable,
            "arms": [
                [*key, arm.enrolled, {goal: _rows(days) for goal, days in arm.goals.items()}]
                for key, arm in self.arms.items()
            ],
        }

    def set_aside(self, reason: str) -> None:
        """Count a document that could not be read."""
        self.unreadable[reason] = self.unreadable.get(reason, 0) + 1

    def add(self, other: "Tally") -> None:
        """Take in what another tally counted of other documents."""
        self.documents += other.documents
        for reason, count in other.unreadable.items():
            self.unreadable[reason] = self.unreadable.get(reason, 0) + count
        for key, theirs in other.arms.items():
            _add_arm(self._arm(key), theirs)

    def _arm(self, key: ArmKey) -> ArmTally:
        arm = self.arms.get(key)
        if arm is None:
            arm = self.arms[key] = ArmTally()
        return arm


def tally_of(record: Mapping[str, Any]) -> Tally:
    """The tally of such a record."""
    tally = Tally(documents=record["documents"], unreadable=dict(record["unreadable"]))
    for experiment, phase, variation, enrolled, goals in record["arms"]:
        tally.arms[experiment, phase, variation] = ArmTally(
            {int(day): count for day, count in enrolled.items()},
            {goal: {int(day): GoalDay(*row) for day, row in days.items()} for goal, days in goals.items()},
        )
    return tally


def _rows(days: Mapping[Day, GoalDay]) -> dict[Day, list[int]]:
    return {day: counts.as_row() for day, counts in days.items()}


def _fold_goals(arm: ArmTally, reached: Mapping[str, Settled]) -> None:
    if not reached:
        return
    for goal, settled in reached.items():
        arm.goal_day(goal, settled.first_at // DAY).conversions += 1
        if settled.sums:
            _fold_sums(arm, goal, settled.sums)
    first_at = min(settled.first_at for settled in reached.values())
    arm.goal_day(ANY_GOAL, first_at // DAY).conversions += 1


def _fold_sums(arm: ArmTally, goal: str, sums: Mapping[Day, int]) -> None:
    total = 0
    for day in sorted(sums):
        added = sums[day]
        arm.goal_day(goal, day).add(0, added, added * (2 * total + added))
        total += added


def _add_arm(arm: ArmTally, other: ArmTally) -> None:
    for day, count in other.enrolled.items():
        arm.enrolled[day] = arm.enrolled.get(day, 0) + count
    for goal, days in other.goals.items():
        for day, counts in days.items():
            arm.goal_day(goal, day).add(counts.conversions, counts.sum, counts.sum_squares)
