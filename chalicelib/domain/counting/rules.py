"""Which enrolments and facts count, and what they come to.

Facts are never summed up before they are counted: only a recount, which knows the enrolment that
won, decides which of them follow it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from chalicelib.domain.counting.achieved import Achieved
from chalicelib.domain.counting.measure import Measure, kept_of, measures_of
from chalicelib.domain.definitions import Definitions
from chalicelib.domain.experiments.experiment import Experiment
from chalicelib.domain.experiments.goal import Goal
from chalicelib.domain.instant import DAY, Instant
from chalicelib.domain.visitors.visitor import Enrollment, Visitor

_NEVER: Instant = 1 << 62


@dataclass(frozen=True, slots=True)
class Rules:
    """What one experiment counts: from goal name to (first instant, time after the enrolment, what
    its number needs by day beside the sums). `measures` are the goals whose number is more than a sum,
    `phases` says when each phase began; `windows` has by length the goals with a window, `any_of` the goals
    of which the row `any` needs one."""

    enabled: tuple[tuple[Instant, Instant], ...]
    goals: Mapping[str, tuple[Instant, int, int]]
    finalized: bool
    measures: Mapping[str, Measure]
    phases: Mapping[int, Instant]
    windows: Mapping[int, frozenset[str]]
    any_of: frozenset[str]

    def was_enabled(self, at: Instant) -> bool:
        """Whether the experiment took enrolments and facts at that instant."""
        for start, end in self.enabled:  # noqa: SIM110 a recount asks this several times a document
            if start <= at < end:
                return True
        return False

    def placed(self, enrollment: Enrollment) -> Enrollment:
        """An enrolment as it counts: from its phase's start on, should a document date it before."""
        begun = self.phases.get(enrollment.phase, 0)
        return enrollment if begun <= enrollment.enrolled_at else enrollment._replace(enrolled_at=begun)

    def takes_part(self, visitor: Visitor, enrollment: Enrollment) -> bool:
        """Whether an enrolment makes a participant: human, and enabled when both were true."""
        human = visitor.human
        if human is None or not self.was_enabled(enrollment.enrolled_at):
            return False
        return human.at <= enrollment.enrolled_at or self.was_enabled(human.at)

    def reached(self, enrollment: Enrollment, visitor: Visitor) -> dict[str, Achieved]:
        """By goal: what comes of the visitor's facts that count."""
        found: dict[str, Achieved] = {}
        for _, at, goal, value in visitor.facts:
            self._add(found, enrollment.enrolled_at, goal, at, value)
        for goal, rows in visitor.past.items():
            for row in rows:
                self._add(found, enrollment.enrolled_at, goal, *row)
        return found

    def _add(
        self,
        found: dict[str, Achieved],
        enrolled_at: Instant,
        goal: str,
        at: Instant,
        value: int | None,
        times: int = 1,
        last: int | None = None,
    ) -> None:
        rule = self.goals.get(goal)
        if rule is None:
            return
        declared_at, window, keeps = rule
        if declared_at <= at and enrolled_at <= at < enrolled_at + window and self.was_enabled(at):
            known = found.get(goal)
            if known is None:
                known = found[goal] = Achieved(at)
            known.add(at, value, times, last, keeps)


@lru_cache(maxsize=4)
def rules_of(definitions: Definitions) -> dict[str, Rules]:
    """The rules of every experiment, by its name; made once for a snapshot."""
    return {
        name: _rules(experiment, definitions.goals_of(experiment))
        for name, experiment in definitions.experiments.items()
    }


def _rules(experiment: Experiment, goals: Mapping[str, Goal]) -> Rules:
    return Rules(
        tuple(
            (each.started_at, _NEVER if each.ended_at is None else each.ended_at)
            for each in experiment.enabled
        ),
        {
            name: (
                goal.declared_at,
                _NEVER if goal.window_days is None else goal.window_days * DAY,
                kept_of(name, goals.values()),
            )
            for name, goal in goals.items()
        },
        experiment.finalized_at is not None,
        measures_of(goals.values()),
        {phase.number: phase.started_at for phase in experiment.phases},
        _windows(goals),
        frozenset(name for name, goal in goals.items() if goal.is_gain),
    )


def _windows(goals: Mapping[str, Goal]) -> dict[int, frozenset[str]]:
    """A ratio matures with its parts alone: while they have no window as short, it never does."""
    found: dict[int, set[str]] = {}
    for name, goal in goals.items():
        parts = [goals[part.goal].window_days if part.goal in goals else None for part in goal.parts]
        window = goal.window_days
        if window is not None and all(each is not None and each <= window for each in parts):
            found.setdefault(window, set()).add(name)
    return {days: frozenset(names) for days, names in found.items()}
