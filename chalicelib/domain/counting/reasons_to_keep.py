"""Why a fact that no late arrival can touch may still be needed."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from chalicelib.domain.counting.achieved import COUNTS
from chalicelib.domain.counting.covariate import Covariate
from chalicelib.domain.counting.measure import covariate_of
from chalicelib.domain.counting.rules import Rules
from chalicelib.domain.definitions import Definitions
from chalicelib.domain.experiments.goal import Goal
from chalicelib.domain.instant import DAY, Day, Instant
from chalicelib.domain.visitors.visitor import Enrollment, Past

LOGIN_MEMORY = 90 * DAY
"""How long a document keeps what only a login can make count."""


class Need(Protocol):
    """One reason."""

    def wants(self, past: Past) -> bool:
        """Whether it holds for a fact."""

    @property
    def keeps(self) -> int:
        """What it needs by day beside the sum of the values."""

    def cuts(self) -> tuple[Instant, ...]:
        """Where facts of one day differ."""


@dataclass(frozen=True, slots=True)
class Counts:
    """An experiment counts the goal: of the visitor, or once a login brings an earlier enrolment.

    `first` is the first fact that counts: of a goal that is only reached or not, it is enough.
    """

    rules: Rules
    goal: str
    enrolled_at: Instant | None
    first: Instant | None
    memory: Instant

    def wants(self, past: Past) -> bool:
        """Whether the fact counts, or may come to."""
        declared_at, window, keeps = self.rules.goals[self.goal]
        at = past.at
        if at < declared_at or not self.rules.was_enabled(at):
            return False
        if self.enrolled_at is None or at < self.enrolled_at:
            return at >= self.memory
        if at >= self.enrolled_at + window:
            return False
        return bool(past.value or keeps) or at == self.first

    @property
    def keeps(self) -> int:
        """What the goal's number needs."""
        return self.rules.goals[self.goal][2]

    def cuts(self) -> tuple[Instant, ...]:
        """Where counting begins and ends."""
        declared_at, window, _ = self.rules.goals[self.goal]
        enabled = tuple(each for interval in self.rules.enabled for each in interval)
        if self.enrolled_at is None:
            return (declared_at, *enabled)
        return (declared_at, *enabled, self.enrolled_at, self.enrolled_at + window)


@dataclass(frozen=True, slots=True)
class Explains:
    """An enrolment takes the goal of the days before it as its covariate: the visitor's own, or one
    of a day from `earliest` on."""

    covariate: Covariate
    enrolled: Day | None
    earliest: Day

    def wants(self, past: Past) -> bool:
        """Whether the fact is part of it, or may come to be."""
        day = past.at // DAY
        if not self.covariate.amount(past.at, past.value, past.times):
            return False
        if self.enrolled is None:
            return day >= self.earliest - self.covariate.days
        return day < self.enrolled and day >= min(self.earliest, self.enrolled) - self.covariate.days

    @property
    def keeps(self) -> int:
        """How often, where that is what explains."""
        return COUNTS if self.covariate.counted else 0

    def cuts(self) -> tuple[Instant, ...]:
        """Whole days count, from the declaration on."""
        return (self.covariate.declared_at,)


def needs_of(
    goal: str,
    rows: Iterable[Past],
    definitions: Definitions,
    rules: Mapping[str, Rules],
    places: Mapping[str, Enrollment],
    horizon: Instant,
) -> Iterator[Need]:
    """All reasons to keep facts of a goal that are older than `horizon`."""
    declared = definitions.find(Goal, goal)
    covariate = None if declared is None else covariate_of(declared)
    memory = horizon - LOGIN_MEMORY
    if covariate is not None:
        yield Explains(covariate, None, horizon // DAY)
    for name, rule in rules.items():
        if goal not in rule.goals or not rule.enabled:
            continue
        place = places.get(name)
        yield _counts(rule, goal, place, rows, memory)
        if covariate is not None:
            earliest = max(rule.enabled[0][0], memory) // DAY
            yield Explains(covariate, None if place is None else place.enrolled_at // DAY, earliest)


def _counts(
    rules: Rules, goal: str, place: Enrollment | None, rows: Iterable[Past], memory: Instant
) -> Counts:
    if place is None:
        return Counts(rules, goal, None, None, memory)
    declared_at, window, _ = rules.goals[goal]
    start, end = max(declared_at, place.enrolled_at), place.enrolled_at + window
    counted = (row.at for row in rows if start <= row.at < end and rules.was_enabled(row.at))
    return Counts(rules, goal, place.enrolled_at, min(counted, default=None), memory)
