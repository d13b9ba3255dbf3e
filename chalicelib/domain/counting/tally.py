"""The tally: what every statistic is computed from, folded from visitors' documents.

Per experiment, phase and variation it holds what each day added: enrolments, and per goal the
conversions, the sum of the values and the sum of the squares of each visitor's total. What a
report of day D needs is the sum over the days up to D. Tallies of parts add up in any order.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from chalicelib.domain.counting.achieved import Achieved
from chalicelib.domain.counting.arm_tally import ArmTally, GoalDay
from chalicelib.domain.counting.measure import Measure
from chalicelib.domain.counting.rules import Rules
from chalicelib.domain.fields.text import ANY_GOAL
from chalicelib.domain.instant import DAY, Day
from chalicelib.domain.visitors.visitor import Enrollment, Visitor

ArmKey = tuple[str, int, str]
"""Experiment, phase, variation."""


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
            if rule is None:
                continue
            enrollment = rule.placed(enrollment)
            if not rule.takes_part(visitor, enrollment):
                continue
            arm = self._arm((name, enrollment.phase, enrollment.variation))
            if enrollment.other is None:
                _fold(arm, visitor, enrollment, rule)
            else:
                _fold_conflict(arm, visitor, enrollment, rule)

    def record(self) -> dict[str, Any]:
        """As JSON: what `tally_of` reads again."""
        return {
            "documents": self.documents,
            "unreadable": self.unreadable,
            "arms": [
                [
                    *key,
                    arm.enrolled,
                    {goal: _rows(days) for goal, days in arm.goals.items()},
                    arm.parts,
                    arm.conflicts,
                    arm.windows,
                    _matured_record(arm.matured),
                ]
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
            self._arm(key).add(theirs)

    def _arm(self, key: ArmKey) -> ArmTally:
        arm = self.arms.get(key)
        if arm is None:
            arm = self.arms[key] = ArmTally()
        return arm


def tally_of(record: Mapping[str, Any]) -> Tally:
    """The tally of such a record."""
    tally = Tally(documents=record["documents"], unreadable=dict(record["unreadable"]))
    for experiment, phase, variation, enrolled, goals, parts, conflicts, *more in record["arms"]:
        arm = tally.arms[experiment, phase, variation] = ArmTally(
            _counts(enrolled), _goal_days(goals), _parts(parts), _counts(conflicts)
        )
        # A record of the version before has neither windows nor what matured.
        windows, matured = more or ({}, None)
        arm.windows = {int(length): _counts(days) for length, days in windows.items()}
        arm.matured = None if matured is None else ArmTally({}, _goal_days(matured[0]), _parts(matured[1]))
    return tally


def _counts(days: Mapping[Any, int]) -> dict[Day, int]:
    return {int(day): count for day, count in days.items()}


def _goal_days(goals: Mapping[str, Mapping[Any, list[int]]]) -> dict[str, dict[Day, GoalDay]]:
    return {goal: {int(day): _goal_day(row) for day, row in days.items()} for goal, days in goals.items()}


def _goal_day(row: list[int]) -> GoalDay:
    # Rows of the version before have three numbers; whoever reached a goal had a value, as a rule.
    conversions, total, squares, *nonzero = row
    return GoalDay(conversions, total, squares, nonzero[0] if nonzero else conversions)


def _parts(parts: Mapping[str, Mapping[Any, Any]]) -> dict[str, dict[Day, dict[str, list[int]]]]:
    return {goal: {int(day): dict(rows) for day, rows in days.items()} for goal, days in parts.items()}


def _matured_record(arm: ArmTally | None) -> list[Any] | None:
    return None if arm is None else [{goal: _rows(days) for goal, days in arm.goals.items()}, arm.parts]


def _fold(arm: ArmTally, visitor: Visitor, enrollment: Enrollment, rule: Rules) -> None:
    day = enrollment.enrolled_at // DAY
    arm.enrolled[day] = arm.enrolled.get(day, 0) + 1
    reached = rule.reached(enrollment, visitor)
    _fold_goals(arm, reached, rule.measures, rule.any_of)
    for goal, measure in rule.measures.items():
        measure.fold(arm, goal, visitor, day, reached)
    for length, goals in rule.windows.items():
        over = (enrollment.enrolled_at + length * DAY - 1) // DAY
        arm.mature(length, over, 1)
        _fold_matured(arm, visitor, rule, day, over, reached, goals)


def _fold_matured(
    arm: ArmTally,
    visitor: Visitor,
    rule: Rules,
    day: Day,
    over: Day,
    reached: Mapping[str, Achieved],
    goals: frozenset[str],
) -> None:
    """All that a visitor came to within its window, on the day on which that was over."""
    alone = ArmTally()
    mine = {goal: achieved for goal, achieved in reached.items() if goal in goals}
    _fold_goals(alone, mine, rule.measures, frozenset())
    for goal in goals & rule.measures.keys():
        rule.measures[goal].fold(alone, goal, visitor, day, reached)
    if alone.goals or alone.parts:
        arm.of_matured().add(alone, on=over)


def _fold_conflict(arm: ArmTally, visitor: Visitor, enrollment: Enrollment, rule: Rules) -> None:
    """Count until the day on which another variation was seen, and take all of it back on that day."""
    assert enrollment.other is not None
    day = enrollment.other.at // DAY
    alone = ArmTally()
    _fold(alone, visitor, enrollment, rule)
    arm.add(alone, before=day)
    arm.add(alone, sign=-1, before=day, on=day)
    arm.conflicts[day] = arm.conflicts.get(day, 0) + 1


def _rows(days: Mapping[Day, GoalDay]) -> dict[Day, list[int]]:
    return {day: counts.as_row() for day, counts in days.items()}


def _fold_goals(
    arm: ArmTally, reached: Mapping[str, Achieved], measures: Mapping[str, Measure], any_of: frozenset[str]
) -> None:
    first_of_any = None
    for goal, achieved in reached.items():
        first_at, sums = achieved.first_at, achieved.sums
        arm.goal_day(goal, first_at // DAY).conversions += 1
        if sums and goal not in measures:
            _fold_sums(arm, goal, sums)
        if goal in any_of and (first_of_any is None or first_at < first_of_any):
            first_of_any = first_at
    if first_of_any is not None:
        arm.goal_day(ANY_GOAL, first_of_any // DAY).conversions += 1


def _fold_sums(arm: ArmTally, goal: str, sums: Mapping[Day, int]) -> None:
    total = 0
    for day in sums if len(sums) == 1 else sorted(sums):
        counts, added = arm.goal_day(goal, day), sums[day]
        counts.sum += added
        counts.sum_squares += added * (2 * total + added)
        counts.nonzero += bool(total + added) - bool(total)
        total += added
