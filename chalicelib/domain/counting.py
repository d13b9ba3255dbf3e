"""Which enrolments and facts count, and what they come to.

`reached` sums up a visitor's facts for one experiment. Settling keeps that sum for the facts
that no late arrival can touch, and a tally takes it over all facts: so settling never changes
a tally.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from chalicelib.domain.covariate import Covariate, kept_past
from chalicelib.domain.definitions import Definitions
from chalicelib.domain.experiment import Experiment
from chalicelib.domain.goal import Goal
from chalicelib.domain.instant import DAY, HOUR, Day, Instant
from chalicelib.domain.measure import COUNTS, LASTS, Measure, kept_of, measures_of
from chalicelib.domain.visitor import Enrollment, Fact, Settled, Visitor

LATE_FROM_BROWSERS = DAY
LATE_FROM_SERVERS = 7 * DAY
_CLOCK_MARGIN = HOUR
_NEVER: Instant = 1 << 62


@dataclass(frozen=True, slots=True)
class Rules:
    """What one experiment counts: from goal name to (first instant, time after the enrolment, what
    settling keeps beside the sums). `measures` are the goals whose number is more than a sum."""

    enabled: tuple[tuple[Instant, Instant], ...]
    goals: Mapping[str, tuple[Instant, int, int]]
    finalized: bool
    measures: Mapping[str, Measure]

    def was_enabled(self, at: Instant) -> bool:
        """Whether the experiment took enrolments and facts at that instant."""
        for start, end in self.enabled:  # noqa: SIM110 a recount asks this several times a document
            if start <= at < end:
                return True
        return False

    def takes_part(self, visitor: Visitor, enrollment: Enrollment) -> bool:
        """Whether an enrolment makes a participant: human, and enabled when both were true."""
        human = visitor.human
        if human is None or not self.was_enabled(enrollment.enrolled_at):
            return False
        return human.at <= enrollment.enrolled_at or self.was_enabled(human.at)

    def reached(
        self, enrollment: Enrollment, facts: Iterable[Fact], settled: Mapping[str, Settled]
    ) -> dict[str, Settled]:
        """By goal: what was settled before, and the facts that count added to it."""
        sums, goals, enrolled_at = dict(settled), self.goals, enrollment.enrolled_at
        for fact in facts:
            _, at, goal, _ = fact
            if goal not in goals:
                continue
            declared_at, window, keeps = goals[goal]
            if declared_at <= at and enrolled_at <= at < enrolled_at + window and self.was_enabled(at):
                sums[goal] = _with(sums.get(goal), fact, keeps)
        return sums


@lru_cache(maxsize=4)
def rules_of(definitions: Definitions) -> dict[str, Rules]:
    """The rules of every experiment, by its name; made once for a snapshot."""
    return {
        name: _rules(experiment, definitions.goals_of(experiment))
        for name, experiment in definitions.experiments.items()
    }


def settle(visitor: Visitor, rules: Mapping[str, Rules], now: Instant) -> Visitor:
    """Sum up the facts that are too old for a late arrival to touch, and leave what is final."""
    horizon = now - LATE_FROM_SERVERS - _CLOCK_MARGIN
    old = [fact for fact in visitor.facts if fact.at < horizon]
    kept = {name: place for name, place in visitor.enrollments.items() if _is_open(rules.get(name))}
    if not old and len(kept) == len(visitor.enrollments):
        return visitor
    settled = {
        name: rules[name].reached(place, old, visitor.settled.get(name, {})) for name, place in kept.items()
    }
    return visitor._replace(
        enrollments=kept,
        facts=tuple(fact for fact in visitor.facts if fact.at >= horizon),
        settled={name: goals for name, goals in settled.items() if goals},
        past=kept_past(visitor.past, old, kept.values(), _covariates(rules), horizon),
    )


def _covariates(rules: Mapping[str, Rules]) -> dict[str, Covariate]:
    return {
        goal: measure.covariate
        for rule in rules.values()
        if not rule.finalized
        for goal, measure in rule.measures.items()
        if measure.covariate is not None
    }


def _is_open(rules: Rules | None) -> bool:
    return rules is not None and not rules.finalized


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
    )


def _with(settled: Settled | None, fact: Fact, keeps: int) -> Settled:
    _, at, _, value = fact
    day = at // DAY
    if settled is None:
        settled = Settled(at, 1, {day: value} if value else {})
    else:
        sums = {**settled.sums, day: settled.sums.get(day, 0) + value} if value else settled.sums
        settled = settled._replace(first_at=min(settled.first_at, at), times=settled.times + 1, sums=sums)
    return _with_more(settled, day, fact, keeps) if keeps else settled


def _with_more(settled: Settled, day: Day, fact: Fact, keeps: int) -> Settled:
    if keeps & COUNTS:
        settled = settled._replace(counts={**settled.counts, day: settled.counts.get(day, 0) + 1})
    if keeps & LASTS and fact.value is not None:
        last = (fact.at, fact.value)
        settled = settled._replace(lasts={**settled.lasts, day: max(last, settled.lasts.get(day, last))})
    return settled
