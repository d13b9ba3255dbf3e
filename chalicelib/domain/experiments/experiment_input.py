"""What people write to define an experiment.

The same form in a definitions file, in a replay and in the admin API. django-lean's
`[{"name": "headline"}]` is the smallest one.
"""

from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType

from chalicelib.domain.errors import InvalidInput
from chalicelib.domain.experiments.experiment import CONTROL, Experiment, Phase, State, Variation
from chalicelib.domain.experiments.goal_input import GoalInput
from chalicelib.domain.experiments.interval import Intervals, between, earlier
from chalicelib.domain.experiments.plan import Plan
from chalicelib.domain.experiments.weights import check_weights, shares
from chalicelib.domain.fields.exact import At
from chalicelib.domain.fields.number import Alpha, DayCount, Effect, Share, VisitorCount, Weight
from chalicelib.domain.fields.reading import FieldError, joined, read
from chalicelib.domain.fields.text import Description, GoalName, Name, Seed
from chalicelib.domain.instant import Instant

MOST_VARIATIONS = 50
MOST_GOALS = 200


class VariationInput(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A variation with its weight."""

    key: Name
    weight: Weight | UnsetType = UNSET


Variations = Annotated[tuple[Name | VariationInput, ...], Meta(min_length=2, max_length=MOST_VARIATIONS)]
Goals = Annotated[tuple[GoalName | GoalInput, ...], Meta(max_length=MOST_GOALS)]


class ExperimentInput(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """An experiment as people write it; `Experiment` says what each field means.

    `weights` may stand in `variations` instead. `max_sample_size` is the old name of
    `planned_visitors`; `tuning`, of an older method, is ignored.
    """

    name: Name
    description: Description = ""
    variations: Variations = (CONTROL, "test")
    weights: tuple[Weight, ...] | UnsetType = UNSET
    goals: Goals = ()
    seed: Seed | UnsetType = UNSET
    coverage: Share = 1.0
    alpha: Alpha = 0.05
    planned_visitors: VisitorCount | None = None
    planned_days: DayCount | None = None
    minimum_effect: Effect | None = None
    max_sample_size: VisitorCount | None = None
    tuning: Any = None
    state: State = State.DISABLED
    started_at: At | None = None
    ended_at: At | None = None
    promoted: Name | None = None

    def __post_init__(self) -> None:
        """The rules across fields."""
        if len(set(self.variation_keys)) < len(self.variations):
            raise FieldError("variations", "has a name twice")
        if len(set(self.goal_names)) < len(self.goals):
            raise FieldError("goals", "has a name twice")
        self._check_weights()
        if self.started_at is not None and self.ended_at is not None and self.ended_at < self.started_at:
            raise FieldError("ended_at", "lies before started_at")
        if self.state is State.PROMOTED and self.promoted is None and len(self.variations) > 2:
            raise FieldError("promoted", f"must be one of {', '.join(self.variation_keys)}")
        if self.state is State.PROMOTED and self.promoted not in (None, *self.variation_keys):
            raise FieldError("promoted", f"must be one of {', '.join(self.variation_keys)}")

    @property
    def variation_keys(self) -> tuple[str, ...]:
        """The names of the variations, control first."""
        return tuple(each if isinstance(each, str) else each.key for each in self.variations)

    @property
    def goal_names(self) -> tuple[str, ...]:
        """The names of the goals."""
        return tuple(each if isinstance(each, str) else each.name for each in self.goals)

    @property
    def plan(self) -> Plan:
        """The plan that was written, with or without the old name of its visitors."""
        visitors = self.max_sample_size if self.planned_visitors is None else self.planned_visitors
        return Plan(visitors, self.planned_days, self.minimum_effect)

    def written_weights(self) -> tuple[float, ...]:
        """One for each variation, as they were written; equal ones where none were."""
        if not isinstance(self.weights, UnsetType):
            return self.weights
        return self._beside() or (1,) * len(self.variations)

    def _beside(self) -> tuple[float, ...]:
        """The weights that stand beside the variations' names; none when none does."""
        written = [UNSET if isinstance(each, str) else each.weight for each in self.variations]
        missing = [i for i, each in enumerate(written) if isinstance(each, UnsetType)]
        if len(missing) == len(written):
            return ()
        if missing:
            raise FieldError(f"variations[{missing[0]}].weight", "is missing: others have a weight")
        return tuple(each for each in written if not isinstance(each, UnsetType))

    def _check_weights(self) -> None:
        weights, beside = self.weights, self._beside()
        if isinstance(weights, UnsetType):
            check_weights(beside or (1,), "variations[{}].weight" if beside else "weights")
            return
        if len(weights) != len(self.variations):
            raise FieldError("weights", "must be a list with one weight for each variation")
        if beside and beside != weights:
            raise FieldError("weights", "differs from the weights that stand in variations")
        check_weights(weights)


def experiment_from(entry: object, now: Instant, field: str = "") -> Experiment:
    """A new experiment; its state and dates are taken as written. InvalidInput names the field."""
    return experiment_with(read(ExperimentInput, entry, field), now, field)


def experiment_with(written: ExperimentInput, now: Instant, field: str = "") -> Experiment:
    """The experiment of its fields."""
    state, started_at, ended_at = written.state, written.started_at, written.ended_at
    start: Instant | None = now if state is not State.DISABLED and started_at is None else started_at
    if start is not None and ended_at is not None and ended_at < start:
        raise InvalidInput(joined(field, "ended_at"), "lies before started_at")
    if state is State.PROMOTED and start is not None and start > now:
        raise InvalidInput(joined(field, "started_at"), "must not lie in the future of a promoted experiment")
    end: Instant | None = ended_at
    if state is not State.ENABLED:
        end = _end_of_stopped(state, start, ended_at, now)
    return Experiment(
        name=written.name,
        phases=(_phase(written, now if start is None else start),),
        state=state,
        description=written.description,
        goals=written.goal_names,
        promoted=_promoted(written),
        started_at=start,
        ended_at=end,
        enabled=_enabled(state, start, end, now),
        alpha=written.alpha,
        plan=written.plan,
        created_at=now,
    )


def variations_of(written: ExperimentInput) -> tuple[Variation, ...]:
    """Its variations with their shares of the traffic."""
    weights = written.written_weights()
    return tuple(map(Variation, written.variation_keys, shares(weights), weights))


def seed_of(written: ExperimentInput) -> str:
    """What the hash begins with: the name, if nothing else was written."""
    return written.name if isinstance(written.seed, UnsetType) else written.seed


def _phase(written: ExperimentInput, started_at: Instant) -> Phase:
    return Phase(1, started_at, seed_of(written), variations_of(written), written.coverage)


def _end_of_stopped(
    state: State, started_at: Instant | None, ended_at: Instant | None, now: Instant
) -> Instant | None:
    """When an experiment ended in which nobody enrols any more; the end of one that is planned stays."""
    begun = started_at is not None and started_at <= now
    if state is State.PROMOTED or (begun and ended_at is not None):
        return earlier(ended_at, now)
    return ended_at


def _enabled(state: State, started_at: Instant | None, ended_at: Instant | None, now: Instant) -> Intervals:
    """The time in which visitors enrol: all of it for an enabled experiment, else what is over."""
    if started_at is None:
        return ()
    if state is not State.ENABLED and (ended_at is None or ended_at > now):
        return ()
    return between(started_at, ended_at)


def _promoted(written: ExperimentInput) -> str | None:
    if written.state is not State.PROMOTED:
        return None
    return written.variation_keys[1] if written.promoted is None else written.promoted
