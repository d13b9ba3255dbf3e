"""Experiments and goals as JSON: what is stored, and what the admin API shows.

What is stored is read by the same types that an input is. What these refuse, because an earlier version
stored it under other rules, is read by its structure alone and bears the reason as its `problem`.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any

from msgspec import Meta, Struct

from chalicelib.domain.errors import InvalidInput
from chalicelib.domain.experiments.experiment import Experiment, Phase, State, Variation, phases_from
from chalicelib.domain.experiments.experiment_input import MOST_GOALS, MOST_VARIATIONS
from chalicelib.domain.experiments.goal import Goal, Part
from chalicelib.domain.experiments.goal_input import GoalFields, goal_with
from chalicelib.domain.experiments.interval import Interval, ordered
from chalicelib.domain.experiments.plan import Plan
from chalicelib.domain.experiments.weights import check_weights
from chalicelib.domain.fields.exact import At, RecordedAt
from chalicelib.domain.fields.number import (
    Alpha,
    DayCount,
    Effect,
    PhaseNumber,
    Share,
    VisitorCount,
    Weight,
)
from chalicelib.domain.fields.reading import FieldError
from chalicelib.domain.fields.stored import read_stored
from chalicelib.domain.fields.text import Description, GoalName, Name, Seed
from chalicelib.domain.instant import Instant, iso_at
from chalicelib.domain.values import unscaled

Record = dict[str, Any]


class VariationRecord(Struct, frozen=True, kw_only=True):
    """A variation with its share of the traffic."""

    key: Name
    weight: Share


class PhaseRecord(Struct, frozen=True, kw_only=True):
    """A phase; `weights` are as people wrote them, where that was kept."""

    number: PhaseNumber
    started_at: At
    seed: Seed
    coverage: Share
    variations: Annotated[tuple[VariationRecord, ...], Meta(min_length=2, max_length=MOST_VARIATIONS)]
    weights: tuple[Weight, ...] | None = None

    def __post_init__(self) -> None:
        """No variation twice, and one of the hash's buckets at least for each that has a weight."""
        if len({each.key for each in self.variations}) < len(self.variations):
            raise FieldError("variations", "has a name twice")
        check_weights([each.weight for each in self.variations])


class ExperimentRecord(Struct, frozen=True, kw_only=True):
    """An experiment as it is stored. `max_sample_size` is the old name of `planned_visitors`."""

    name: Name
    description: Description
    state: State
    promoted: Name | None
    started_at: At | None
    ended_at: At | None
    finalized_at: RecordedAt | None
    created_at: RecordedAt
    goals: Annotated[tuple[GoalName, ...], Meta(max_length=MOST_GOALS)]
    alpha: Alpha
    phases: Annotated[tuple[PhaseRecord, ...], Meta(min_length=1)]
    enabled: tuple[tuple[At, At | None], ...]
    planned_visitors: VisitorCount | None = None
    max_sample_size: VisitorCount | None = None
    planned_days: DayCount | None = None
    minimum_effect: Effect | None = None
    archived_at: RecordedAt | None = None

    def __post_init__(self) -> None:
        """No goal twice."""
        if len(set(self.goals)) < len(self.goals):
            raise FieldError("goals", "has a name twice")


class GoalRecord(GoalFields, frozen=True, kw_only=True):
    """A goal as it is stored."""

    declared_at: RecordedAt
    auto_created: bool = False
    archived_at: RecordedAt | None = None


def experiment_record(experiment: Experiment) -> Record:
    """All of an experiment but its version and its problem."""
    return {
        "name": experiment.name,
        "description": experiment.description,
        "state": experiment.state.value,
        "promoted": experiment.promoted,
        "started_at": _iso(experiment.started_at),
        "ended_at": _iso(experiment.ended_at),
        "finalized_at": _iso(experiment.finalized_at),
        "created_at": iso_at(experiment.created_at),
        "archived_at": _iso(experiment.archived_at),
        "goals": list(experiment.goals),
        "alpha": experiment.alpha,
        "planned_visitors": experiment.plan.visitors,
        "planned_days": experiment.plan.days,
        "minimum_effect": experiment.plan.effect,
        "phases": [_phase_record(phase) for phase in experiment.phases],
        "enabled": [[_iso(each.started_at), _iso(each.ended_at)] for each in experiment.enabled],
    }


def experiment_of(record: Mapping[str, Any], version: int = 0) -> Experiment:
    """The experiment of such a record; InvalidInput when even its structure is another."""
    stored, problem = read_stored(ExperimentRecord, record)
    if problem is not None and problem.field.startswith("phases["):
        # A phase that is over cannot be mended any more: what counts is the current one.
        problem = _of_the_phase(read_stored(ExperimentRecord, {**record, "phases": record["phases"][-1:]})[1])
    visitors = stored.max_sample_size if stored.planned_visitors is None else stored.planned_visitors
    return Experiment(
        name=stored.name,
        description=stored.description,
        state=stored.state,
        promoted=stored.promoted,
        started_at=stored.started_at,
        ended_at=stored.ended_at,
        finalized_at=stored.finalized_at,
        created_at=stored.created_at,
        archived_at=stored.archived_at,
        goals=stored.goals,
        alpha=stored.alpha,
        plan=Plan(visitors, stored.planned_days, stored.minimum_effect),
        phases=phases_from(map(_phase_of, stored.phases), stored.started_at),
        enabled=ordered([Interval(*each) for each in stored.enabled], stored.started_at),
        problem=problem,
        version=version,
    )


def _of_the_phase(problem: InvalidInput | None) -> InvalidInput | None:
    """Under the name by which the field is changed."""
    return (
        None if problem is None else InvalidInput(problem.field.removeprefix("phases[0]."), problem.problem)
    )


def goal_record(goal: Goal) -> Record:
    """All of a goal but its version and its problem."""
    return {
        "name": goal.name,
        "declared_at": iso_at(goal.declared_at),
        "archived_at": _iso(goal.archived_at),
        "auto_created": goal.auto_created,
        "type": goal.type.value,
        "unit": goal.unit,
        "role": goal.role.value,
        "direction": goal.direction.value,
        "window_days": goal.window_days,
        "server_only": goal.server_only,
        "max_value": None if goal.max_value is None else unscaled(goal.max_value),
        "metric": goal.metric.value,
        "cap": None if goal.cap is None else unscaled(goal.cap),
        "winsorize": None if goal.winsorize is None else str(goal.winsorize),
        "covariate_days": goal.covariate_days,
        "numerator": _part_record(goal.numerator),
        "denominator": _part_record(goal.denominator),
        "margin": goal.margin,
    }


def goal_of(record: Mapping[str, Any], version: int = 0) -> Goal:
    """The goal of such a record; InvalidInput when even its structure is another."""
    stored, problem = read_stored(GoalRecord, record)
    goal = goal_with(stored, stored.declared_at, version, stored.archived_at, problem)
    return replace(goal, auto_created=stored.auto_created)


def _part_record(part: Part | None) -> Record | None:
    return None if part is None else {"goal": part.goal, "metric": part.metric.value}


def _phase_record(phase: Phase) -> Record:
    written = [each.written for each in phase.variations]
    return {
        "number": phase.number,
        "started_at": iso_at(phase.started_at),
        "seed": phase.seed,
        "coverage": phase.coverage,
        "variations": [{"key": each.key, "weight": each.weight} for each in phase.variations],
        **({} if None in written else {"weights": written}),
    }


def _phase_of(stored: PhaseRecord) -> Phase:
    written = stored.weights or [None] * len(stored.variations)
    return Phase(
        stored.number,
        stored.started_at,
        stored.seed,
        tuple(
            Variation(each.key, each.weight, weight)
            for each, weight in zip(stored.variations, written, strict=True)
        ),
        stored.coverage,
    )


def _iso(at: Instant | None) -> str | None:
    return None if at is None else iso_at(at)
