"""The frame of a report: all that it says before any statistic is computed."""

from collections.abc import Iterable, Mapping
from typing import Any

from chalicelib.domain.counting.arm_tally import ArmTally
from chalicelib.domain.counting.tally import Tally
from chalicelib.domain.definitions import Definitions
from chalicelib.domain.experiments.experiment import Experiment, Phase
from chalicelib.domain.experiments.goal import Goal, GoalType, Metric
from chalicelib.domain.experiments.records import experiment_record, goal_record
from chalicelib.domain.instant import Day, Instant, day_of, iso_at, iso_day, start_of
from chalicelib.services.reports.analysis_request import any_goal
from chalicelib.services.reports.recount_cost import cost_of

SCHEMA_VERSION = 2
RULES = {
    "version": 2,
    "note": "Every day of the experiment is decided by these rules, also the days before they came.",
}
ENGINE = {"name": "leansplit", "version": "0.1.0"}
Frame = dict[str, Any]


def phase_of_day(experiment: Experiment, day: Day) -> Phase:
    """The phase in which a day ended."""
    begun = [phase for phase in experiment.phases if phase.started_at < start_of(day + 1)]
    return (begun or experiment.phases)[-1]


def frame(
    definitions: Definitions,
    experiment: Experiment,
    tally: Tally,
    excluded: Mapping[Day, Mapping[str, int]],
    day: Day,
    now: Instant,
) -> Frame:
    """The report of one experiment and day without its statistics."""
    phase = phase_of_day(experiment, day)
    goals = _reported(definitions.goals_of(experiment), day)
    return {
        "schema_version": SCHEMA_VERSION,
        "generated_at": iso_at(now),
        "as_of_day": iso_day(day),
        "provisional": day >= day_of(now),
        "revision": 1,
        "data_through": iso_at(min(now, start_of(day + 1))),
        "experiment": _experiment(experiment, phase, day, now),
        "engine": ENGINE,
        "exclusions": _exclusions(experiment.name, tally, excluded, day),
        "cost": cost_of(tally.documents),
        "goals": _goals(goals.values(), _deciding(goals, experiment)),
        "tallies": tallies(experiment.name, tally, day),
    }


def tallies(experiment: str, tally: Tally, day: Day) -> list[dict[str, Any]]:
    """What each day up to `day` added: per arm the enrolments, per goal
    [conversions, sum in ten-thousandths, sum of squares in their squares, numbers that are not 0], what
    `measure.py` keeps of numbers that are more than sums, the visitors who saw two variations, and the
    same of `matured` visitors, each whole on the day on which its window was over."""
    arms = sorted(
        (key, arm)
        for key, arm in tally.arms.items()
        if key[0] == experiment and min(arm.enrolled, default=day) <= day
    )
    return [_arm(phase, variation, arm, day) for (_, phase, variation), arm in arms]


def _arm(phase: int, variation: str, arm: ArmTally, last: Day) -> dict[str, Any]:
    return {
        "phase": phase,
        "variation": variation,
        "enrolled": _counts(arm.enrolled, last),
        **_numbers(arm, last),
        "conflicts": _counts(arm.conflicts, last),
        "matured": {
            "windows": {str(length): _counts(days, last) for length, days in sorted(arm.windows.items())},
            **_numbers(arm.matured or ArmTally(), last),
        },
    }


def _numbers(arm: ArmTally, last: Day) -> dict[str, Any]:
    return {
        "goals": {
            goal: rows
            for goal, days in sorted(arm.goals.items())
            if (rows := {iso_day(day): days[day].as_row() for day in sorted(days) if day <= last})
        },
        "parts": {
            goal: parts
            for goal, days in sorted(arm.parts.items())
            if (parts := {iso_day(day): days[day] for day in sorted(days) if day <= last})
        },
    }


def _counts(days: Mapping[Day, int], last: Day) -> dict[str, int]:
    return {iso_day(day): days[day] for day in sorted(days) if day <= last}


def _experiment(experiment: Experiment, phase: Phase, day: Day, now: Instant) -> dict[str, Any]:
    record = experiment_record(experiment)
    started_at = phase.started_at if experiment.started_at is None else experiment.started_at
    names = ("name", "description", "state", "started_at", "ended_at", "alpha")
    plan = ("planned_visitors", "planned_days", "minimum_effect")
    return {
        **{name: record[name] for name in (*names, *plan)},
        "ended": is_closed(experiment, day, now),
        "rules": RULES,
        "day_number": day - day_of(started_at) + 1,
        "variations": [
            {"key": each.key, "weight": each.weight, "role": _role(index)}
            for index, each in enumerate(phase.variations)
        ],
        "phase": phase.number,
        "phases": [_plain_phase(each) for each in record["phases"] if each["number"] <= phase.number],
        "interrupted": len(experiment.enabled) > 1,
    }


def _plain_phase(phase: dict[str, Any]) -> dict[str, Any]:
    return {**phase, "seed": _whole(phase["seed"])}


def _whole(text: str) -> str:
    """Text of an earlier version may hold half a character, which no file can."""
    return text.encode("utf-8", "replace").decode()


def _exclusions(
    experiment: str, tally: Tally, excluded: Mapping[Day, Mapping[str, int]], last: Day
) -> dict[str, Any]:
    bots: dict[str, int] = {}
    for day, reasons in sorted(excluded.items()):
        if day <= last:
            for reason, count in reasons.items():
                bots[reason] = bots.get(reason, 0) + count
    arms = [arm for key, arm in tally.arms.items() if key[0] == experiment]
    conflicts = sum(count for arm in arms for day, count in arm.conflicts.items() if day <= last)
    return {"bots": bots, "conflicts": conflicts, "unreadable": dict(tally.unreadable)}


def is_closed(experiment: Experiment, day: Day, now: Instant) -> bool:
    """Whether a day is the last one and no late fact can change it: only then a plan spends all its alpha."""
    end = experiment.ended_at
    return end is not None and day >= day_of(end) and experiment.is_final(now)


def _reported(goals: Mapping[str, Goal], day: Day) -> dict[str, Goal]:
    """The goals that were declared, and not archived, by the end of a day."""
    end = start_of(day + 1)
    return {
        name: goal
        for name, goal in goals.items()
        if goal.declared_at < end and (goal.archived_at is None or goal.archived_at >= end)
    }


def _deciding(goals: Mapping[str, Goal], experiment: Experiment) -> frozenset[str]:
    """The goals that are decided: those that the experiment names, else those declared by its first day.

    What is declared later is shown: it would change what the others are compared with. So is what was
    created by itself, since anybody can reach a goal of any name.
    """
    if experiment.goals or experiment.started_at is None:
        return frozenset(goals)
    begun = start_of(day_of(experiment.started_at) + 1)
    declared = {name: goal for name, goal in goals.items() if not goal.auto_created}
    early = frozenset(name for name, goal in declared.items() if goal.declared_at < begun)
    return early or frozenset(declared)


def _goals(goals: Iterable[Goal], deciding: frozenset[str]) -> list[dict[str, Any]]:
    rows = [
        {
            "key": goal.name,
            "type": goal.type.value,
            "unit": None if goal.unit is None else _whole(goal.unit),
            "direction": goal.direction.value,
            "role": goal.role.value,
            "window_days": goal.window_days,
            "margin": goal.margin,
            "in_family": goal.name in deciding,
            **goal_number(goal),
        }
        for goal in goals
    ]
    return [*rows, any_goal()]


def goal_number(goal: Goal) -> dict[str, Any]:
    """Which number per visitor a goal compares; nothing for a plain conversion or sum."""
    record = goal_record(goal)
    names = ("metric", "cap", "winsorize", "covariate_days", "numerator", "denominator")
    told = {name: record[name] for name in names if record[name] is not None}
    if goal.type is not GoalType.ENGAGEMENT or told == {"metric": Metric.SUM.value}:
        told.pop("metric")
    return told


def _role(index: int) -> str:
    return "control" if index == 0 else "treatment"
