"""An experiment: its variations, its state with the dates that follow from it, and its phases."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property

from chalicelib.domain.errors import InvalidInput
from chalicelib.domain.experiments.bucketing import BucketRange, bucket, bucket_ranges, choose
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
    """One of the things compared, and its share of the traffic."""

    key: str
    weight: float


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

    def variation_of(self, visitor_id: str) -> str | None:
        """What the hash gives a visitor; None for one outside the coverage."""
        position = bucket(self.seed, visitor_id)
        index = None if position is None else choose(position, self.ranges)
        return None if index is None else self.variations[index].key


@dataclass(frozen=True, slots=True)
class Interval:
    """A time in which the experiment was enabled: [started_at, ended_at), open while it lasts."""

    started_at: Instant
    ended_at: Instant | None = None

    def holds(self, at: Instant) -> bool:
        """Whether the experiment was enabled at that instant."""
        return self.started_at <= at and (self.ended_at is None or at < self.ended_at)


@dataclass(frozen=True)
class Experiment:
    """A named test. `goals` are the names it reports, none meaning all that are declared."""

    name: str
    phases: tuple[Phase, ...]
    state: State = State.DISABLED
    description: str = ""
    goals: tuple[str, ...] = ()
    promoted: str | None = None
    started_at: Instant | None = None
    ended_at: Instant | None = None
    enabled: tuple[Interval, ...] = ()
    finalized_at: Instant | None = None
    alpha: float = 0.05
    tuning: int = 5000
    max_sample_size: int | None = None
    created_at: Instant = 0
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
        return tuple(variation.key for variation in self.phase.variations)

    def was_enabled(self, at: Instant) -> bool:
        """Whether visitors enrolled and facts counted at that instant."""
        return any(interval.holds(at) for interval in self.enabled)

    def is_final(self, now: Instant) -> bool:
        """Whether it ended so long ago that no late fact can change its report any more."""
        return self.ended_at is not None and now >= self.ended_at + FINAL_AFTER


def enable(experiment: Experiment, now: Instant) -> Experiment:
    """Let visitors enrol: sets the start if there is none, and clears the end."""
    if experiment.state is State.ENABLED:
        return experiment
    if experiment.finalized_at is not None:
        experiment = _with_next_phase(experiment, replace(experiment.phase), now)
    return replace(
        experiment,
        state=State.ENABLED,
        promoted=None,
        started_at=now if experiment.started_at is None else experiment.started_at,
        ended_at=None,
        finalized_at=None,
        enabled=(*experiment.enabled, Interval(now)),
    )


def disable(experiment: Experiment, now: Instant) -> Experiment:
    """Show control to everybody and enrol nobody."""
    if experiment.state is State.DISABLED:
        return experiment
    return replace(_ended(experiment, now), state=State.DISABLED, promoted=None)


def promote(experiment: Experiment, variation: str, now: Instant) -> Experiment:
    """Show one variation to everybody and enrol nobody."""
    if variation not in experiment.variation_keys:
        raise InvalidInput("variation", f"must be one of {', '.join(experiment.variation_keys)}")
    if experiment.state is State.PROMOTED and experiment.promoted == variation:
        return experiment
    return replace(_ended(experiment, now), state=State.PROMOTED, promoted=variation)


def reweigh(experiment: Experiment, variations: Sequence[Variation], now: Instant) -> Experiment:
    """Other variations or weights: the next phase, unless nothing differs."""
    if tuple(variations) == experiment.phase.variations:
        return experiment
    return _with_next_phase(experiment, replace(experiment.phase, variations=tuple(variations)), now)


def cover(experiment: Experiment, coverage: float, now: Instant) -> Experiment:
    """Let another share of the traffic in: growth stays in the phase, shrinking begins the next."""
    changed = replace(experiment.phase, coverage=coverage)
    if coverage < experiment.phase.coverage:
        return _with_next_phase(experiment, changed, now)
    return replace(experiment, phases=(*experiment.phases[:-1], changed))


def _with_next_phase(experiment: Experiment, phase: Phase, now: Instant) -> Experiment:
    if experiment.started_at is None:
        return replace(experiment, phases=(*experiment.phases[:-1], phase))
    phase = replace(phase, number=experiment.phase.number + 1, started_at=now)
    return replace(experiment, phases=(*experiment.phases, phase))


def _ended(experiment: Experiment, now: Instant) -> Experiment:
    if experiment.state is not State.ENABLED and experiment.ended_at is not None:
        return experiment
    closed = tuple(replace(each, ended_at=_earlier(each.ended_at, now)) for each in experiment.enabled)
    return replace(experiment, ended_at=_earlier(experiment.ended_at, now), enabled=closed)


def _earlier(end: Instant | None, now: Instant) -> Instant:
    # An end that was set by hand stays when it has passed.
    return now if end is None else min(end, now)
