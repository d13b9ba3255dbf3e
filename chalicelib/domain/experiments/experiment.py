"""An experiment: its variations, its state with the dates that follow from it, and its phases."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property

from chalicelib.domain.errors import InvalidInput
from chalicelib.domain.experiments.bucketing import BucketRange, bucket, bucket_ranges, bucket_spans, choose
from chalicelib.domain.experiments.interval import Interval, Intervals, closed
from chalicelib.domain.experiments.plan import NO_PLAN, Plan
from chalicelib.domain.instant import DAY, Instant

CONTROL = "control"
FINAL_AFTER = 8 * DAY
"""How long after its end an experiment still takes late facts; then its report is final."""


class State(StrEnum):
    """`disabled`: all see control. `enabled`: visitors enrol. `promoted`: all see one variation."""

    DISABLED = "disabled"
    ENABLED = "enabled"
    PROMOTED = "promoted"


@dataclass(frozen=True, slots=True)
class Variation:
    """One of the things compared. `weight` is its share of the traffic, `written` what people wrote."""

    key: str
    weight: float
    written: float | None = None

    @property
    def shown_weight(self) -> float:
        """As it was written; its share where an earlier version kept no more."""
        return self.weight if self.written is None else self.written


@dataclass(frozen=True)
class Phase:
    """A period with the same variations, weights and seed; only its coverage may grow."""

    number: int
    started_at: Instant
    seed: str
    variations: tuple[Variation, ...]
    coverage: float = 1.0

    @cached_property
    def ranges(self) -> list[BucketRange]:
        """The bucket range of each variation."""
        return bucket_ranges(len(self.variations), self.coverage, [v.weight for v in self.variations])

    @property
    def keys(self) -> tuple[str, ...]:
        """The variations, control first."""
        return tuple(variation.key for variation in self.variations)

    def splits_like(self, other: "Phase") -> bool:
        """Whether every visitor gets the same variation as in another phase, at this coverage and at any."""
        if (self.seed, self.keys) != (other.seed, other.keys):
            return False
        mine, others = ([v.weight for v in each.variations] for each in (self, other))
        return all(
            bucket_spans(len(mine), coverage, mine) == bucket_spans(len(others), coverage, others)
            for coverage in (self.coverage, 1.0)
        )

    def variation_of(self, visitor_id: str) -> str | None:
        """What the hash gives a visitor; None for one outside the coverage."""
        position = bucket(self.seed, visitor_id)
        index = None if position is None else choose(position, self.ranges)
        return None if index is None else self.variations[index].key


@dataclass(frozen=True)
class Experiment:
    """A named test. `goals` are the names it reports, none meaning all that are declared.

    `problem` is what today's rules say against it where an earlier version stored it: field and words.
    """

    name: str
    phases: tuple[Phase, ...]
    state: State = State.DISABLED
    description: str = ""
    goals: tuple[str, ...] = ()
    promoted: str | None = None
    started_at: Instant | None = None
    ended_at: Instant | None = None
    enabled: Intervals = ()
    finalized_at: Instant | None = None
    alpha: float = 0.05
    plan: Plan = NO_PLAN
    created_at: Instant = 0
    archived_at: Instant | None = None
    problem: InvalidInput | None = field(default=None, compare=False)
    version: int = 0

    @property
    def phase(self) -> Phase:
        """The current phase."""
        return self.phases[-1]

    def phase_numbered(self, number: int) -> Phase | None:
        """A phase by its number, which counts from 1."""
        return self.phases[number - 1] if 1 <= number <= len(self.phases) else None

    @property
    def variation_keys(self) -> tuple[str, ...]:
        """The variations of the current phase, control first."""
        return self.phase.keys

    def phase_at(self, at: Instant) -> Phase:
        """The phase in force at an instant; the first one before any began."""
        begun = [phase for phase in self.phases if phase.started_at <= at]
        return begun[-1] if begun else self.phases[0]

    def was_enabled(self, at: Instant) -> bool:
        """Whether visitors enrolled and facts counted at that instant.

        Not all that `state` says: an enabled experiment may be scheduled, or have ended as planned.
        """
        return any(interval.holds(at) for interval in self.enabled)

    def has_begun(self, now: Instant) -> bool:
        """Whether anybody can have enrolled yet."""
        return any(interval.started_at <= now for interval in self.enabled)

    def is_over(self, now: Instant) -> bool:
        """Whether its end has come."""
        return self.ended_at is not None and self.ended_at <= now

    def is_final(self, now: Instant) -> bool:
        """Whether it ended so long ago that no late fact can change its report any more."""
        return self.ended_at is not None and now >= self.ended_at + FINAL_AFTER


def enable(experiment: Experiment, now: Instant) -> Experiment:
    """Let visitors enrol, from now on or from a start that lies in the future.

    It sets the start if there is none and clears the end, but for one that was planned before the
    experiment ever began. One that ended as planned begins again.
    """
    if experiment.state is State.ENABLED and not experiment.is_over(now):
        return experiment
    start = _next_start(experiment, now)
    if experiment.finalized_at is not None:
        experiment = _with_next_phase(experiment, experiment.phase, start)
    elif not experiment.enabled:
        # Nothing was counted, so nothing is lost: the phases begin with what they describe.
        phases = tuple(replace(phase, started_at=start) for phase in experiment.phases)
        experiment = replace(experiment, phases=phases)
    end = _planned_end(experiment, start)
    return replace(
        experiment,
        state=State.ENABLED,
        promoted=None,
        started_at=start if experiment.started_at is None else experiment.started_at,
        ended_at=end,
        finalized_at=None,
        enabled=(*experiment.enabled, Interval(start, end)),
    )


def disable(experiment: Experiment, now: Instant) -> Experiment:
    """Show control to everybody and enrol nobody. One that was only scheduled keeps its plan."""
    if experiment.state is State.DISABLED:
        return experiment
    if experiment.state is State.ENABLED and _is_planned(experiment, now):
        return replace(experiment, state=State.DISABLED, enabled=())
    return replace(_ended(experiment, now), state=State.DISABLED, promoted=None)


def promote(experiment: Experiment, variation: str, now: Instant) -> Experiment:
    """Show one variation to everybody and enrol nobody. What was only planned is given up."""
    if variation not in experiment.variation_keys:
        raise InvalidInput("variation", f"must be one of {', '.join(experiment.variation_keys)}")
    if experiment.state is State.PROMOTED and experiment.promoted == variation:
        return experiment
    if _is_planned(experiment, now):
        experiment = replace(experiment, started_at=None)
    return replace(_ended(experiment, now), state=State.PROMOTED, promoted=variation)


def reweigh(
    experiment: Experiment, variations: Sequence[Variation], now: Instant, seed: str | None = None
) -> Experiment:
    """Other variations, weights or another seed: the next phase, unless nobody's variation differs."""
    phase = experiment.phase
    changed = replace(phase, variations=tuple(variations), seed=phase.seed if seed is None else seed)
    if experiment.promoted is not None and experiment.promoted not in changed.keys:
        raise InvalidInput("variations", f"must keep {experiment.promoted!r}, which is promoted")
    if changed == phase:
        return experiment
    if changed.splits_like(phase):
        return replace(experiment, phases=(*experiment.phases[:-1], changed))
    return _changed(experiment, changed, now)


def rephase(
    experiment: Experiment, variations: Sequence[Variation], seed: str, coverage: float, now: Instant
) -> Experiment:
    """Other variations, weights, seed and coverage: one next phase at the most."""
    after = reweigh(experiment, variations, now, seed)
    if len(after.phases) == len(experiment.phases):
        return cover(after, coverage, now)
    return replace(after, phases=(*after.phases[:-1], replace(after.phase, coverage=coverage)))


def cover(experiment: Experiment, coverage: float, now: Instant) -> Experiment:
    """Let another share of the traffic in: growth stays in the phase, shrinking begins the next."""
    changed = replace(experiment.phase, coverage=coverage)
    if coverage < experiment.phase.coverage:
        return _changed(experiment, changed, now)
    return replace(experiment, phases=(*experiment.phases[:-1], changed))


def phases_from(phases: Iterable[Phase], started_at: Instant | None) -> tuple[Phase, ...]:
    """The same phases, none of them before the experiment's start or the phase that it follows.

    Experiments that were saved by earlier versions may hold others.
    """
    found: tuple[Phase, ...] = ()
    for phase in phases:
        known = [each for each in (started_at, found[-1].started_at if found else None) if each is not None]
        found += (replace(phase, started_at=max([phase.started_at, *known])),)
    return found


def _changed(experiment: Experiment, phase: Phase, now: Instant) -> Experiment:
    """With other rules: in the same phase while nothing was counted by the old ones."""
    if experiment.has_begun(now):
        return _with_next_phase(experiment, phase, now)
    return replace(experiment, phases=(*experiment.phases[:-1], phase))


def _with_next_phase(experiment: Experiment, phase: Phase, at: Instant) -> Experiment:
    # Not before the one that it follows: the clocks of two Lambdas may differ.
    started_at = max(at, experiment.phase.started_at)
    phase = replace(phase, number=experiment.phase.number + 1, started_at=started_at)
    return replace(experiment, phases=(*experiment.phases, phase))


def _next_start(experiment: Experiment, now: Instant) -> Instant:
    """When an experiment that is enabled now begins: not before its start, nor before what it counted."""
    ends = (each.ended_at for each in experiment.enabled)
    return max(each for each in (now, experiment.started_at, *ends) if each is not None)


def _planned_end(experiment: Experiment, start: Instant) -> Instant | None:
    """An end that was set by hand for an experiment that has not begun."""
    end = experiment.ended_at
    return None if experiment.enabled or end is None or end <= start else end


def _is_planned(experiment: Experiment, now: Instant) -> bool:
    """Whether its start lies in the future, and nothing came before."""
    return experiment.started_at is not None and experiment.started_at > now


def _ended(experiment: Experiment, now: Instant) -> Experiment:
    """With its intervals closed and the end set; an end that was set by hand stays when it has passed."""
    if experiment.is_over(now):
        return experiment
    held = closed(experiment.enabled, now)
    # Without any the start may lie a little ahead, by another Lambda's clock.
    end = held[-1].ended_at if held else max(now, experiment.started_at or now)
    return replace(experiment, ended_at=end, enabled=held)
