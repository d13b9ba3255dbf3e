"""Experiments and goals as JSON: what is stored, and what the admin API shows."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from chalicelib.domain.experiments.experiment import Experiment, Phase, State, Variation, phases_from
from chalicelib.domain.experiments.goal import Direction, Goal, GoalType, Metric, Part, Role
from chalicelib.domain.experiments.interval import Interval, ordered
from chalicelib.domain.experiments.plan_input import Plan
from chalicelib.domain.instant import Instant, iso_at, recorded_at
from chalicelib.domain.values import scaled, unscaled

Record = dict[str, Any]


def experiment_record(experiment: Experiment) -> Record:
    """All of an experiment but its version."""
    return {
        "name": experiment.name,
        "description": experiment.description,
        "state": experiment.state.value,
        "promoted": experiment.promoted,
        "started_at": _iso(experiment.started_at),
        "ended_at": _iso(experiment.ended_at),
        "finalized_at": _iso(experiment.finalized_at),
        "created_at": iso_at(experiment.created_at),
        "goals": list(experiment.goals),
        "alpha": experiment.alpha,
        "planned_visitors": experiment.plan.visitors,
        "planned_days": experiment.plan.days,
        "minimum_effect": experiment.plan.effect,
        "phases": [_phase_record(phase) for phase in experiment.phases],
        "enabled": [[_iso(each.started_at), _iso(each.ended_at)] for each in experiment.enabled],
    }


def experiment_of(record: Mapping[str, Any], version: int = 0) -> Experiment:
    """The experiment of such a record."""
    started_at = _at(record["started_at"])
    intervals = [Interval(recorded_at(start), _at(end)) for start, end in record["enabled"]]
    return Experiment(
        name=record["name"],
        description=record["description"],
        state=State(record["state"]),
        promoted=record["promoted"],
        started_at=started_at,
        ended_at=_at(record["ended_at"]),
        finalized_at=_at(record["finalized_at"]),
        created_at=recorded_at(record["created_at"]),
        goals=tuple(record["goals"]),
        alpha=record["alpha"],
        plan=Plan(
            record.get("planned_visitors", record.get("max_sample_size")),
            record.get("planned_days"),
            record.get("minimum_effect"),
        ),
        phases=phases_from(map(_phase_of, record["phases"]), started_at),
        enabled=ordered(intervals, started_at),
        version=version,
    )


def goal_record(goal: Goal) -> Record:
    """All of a goal but its version."""
    return {
        "name": goal.name,
        "declared_at": iso_at(goal.declared_at),
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
    """The goal of such a record."""
    return Goal(
        name=record["name"],
        declared_at=recorded_at(record["declared_at"]),
        type=GoalType(record["type"]),
        unit=record["unit"],
        role=Role(record["role"]),
        direction=Direction(record["direction"]),
        window_days=record["window_days"],
        server_only=record["server_only"],
        max_value=None if record["max_value"] is None else scaled(record["max_value"]),
        metric=Metric(record["metric"]),
        cap=None if record["cap"] is None else scaled(record["cap"]),
        winsorize=None if record["winsorize"] is None else Decimal(record["winsorize"]),
        covariate_days=record["covariate_days"],
        numerator=_part_of(record["numerator"]),
        denominator=_part_of(record["denominator"]),
        margin=record.get("margin"),
        version=version,
    )


def _part_record(part: Part | None) -> Record | None:
    return None if part is None else {"goal": part.goal, "metric": part.metric.value}


def _part_of(record: Mapping[str, Any] | None) -> Part | None:
    return None if record is None else Part(record["goal"], Metric(record["metric"]))


def _phase_record(phase: Phase) -> Record:
    return {
        "number": phase.number,
        "started_at": iso_at(phase.started_at),
        "seed": phase.seed,
        "coverage": phase.coverage,
        "variations": [{"key": each.key, "weight": each.weight} for each in phase.variations],
    }


def _phase_of(record: Mapping[str, Any]) -> Phase:
    return Phase(
        record["number"],
        recorded_at(record["started_at"]),
        record["seed"],
        tuple(Variation(each["key"], each["weight"]) for each in record["variations"]),
        record["coverage"],
    )


def _iso(at: Instant | None) -> str | None:
    return None if at is None else iso_at(at)


def _at(text: str | None) -> Instant | None:
    return None if text is None else recorded_at(text)
