"""Declare goals: by themselves, or with the experiments that name them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from chalicelib.domain.definitions import Definitions
from chalicelib.domain.errors import Conflict, InvalidInput
from chalicelib.domain.experiments.goal import Goal
from chalicelib.domain.experiments.goal_input import GoalFields, goal_from, goal_of_entry
from chalicelib.domain.instant import Instant
from chalicelib.services.store import DefinitionStore


def declare_goal(store: DefinitionStore, entry: object, now: Instant) -> Goal:
    """A new goal, or one that was created by itself until now; InvalidInput when the name is taken.

    The latter keeps its instant, and its type where an experiment counts it: change it by `change_goal`.
    """
    goal = goal_from(entry, now)
    known = store.definitions()
    there = known.goals.get(goal.name)
    if there is not None and there.auto_created and there.type is goal.type:
        return store.save_goal(replace(goal, declared_at=there.declared_at, version=there.version))
    known.check_new("goal", goal.name)
    check_parts([goal], known.goals, "")
    return store.save_goal(goal)


def new_goals(
    known: Definitions, entries: Sequence[str | GoalFields], declared_at: Instant, field: str
) -> list[Goal]:
    """The goals of these entries that are not there yet; InvalidInput for a name that is archived, and for a
    ratio of goals that nobody knows."""
    goals = [goal_of_entry(entry, declared_at) for entry in entries]
    missing = []
    for index, goal in enumerate(goals):
        if goal.name not in known.goals:
            known.check_new("goal", goal.name, f"{field}[{index}]")
            missing.append(goal)
    check_parts(missing, {**known.goals, **{each.name: each for each in missing}}, field)
    return missing


def save_goals(store: DefinitionStore, goals: Iterable[Goal]) -> list[str]:
    """Write goals that were not there; their names."""
    saved = []
    for goal in goals:
        try:
            store.save_goal(goal)
        except Conflict:
            # Another request may have declared it meanwhile.
            if goal.name not in store.definitions().goals:
                raise
        saved.append(goal.name)
    return saved


def check_parts(goals: Iterable[Goal], known: Mapping[str, Goal], field: str) -> None:
    """InvalidInput for a ratio whose parts are no goals, or ratios themselves."""
    for goal in goals:
        for name, part in (("numerator", goal.numerator), ("denominator", goal.denominator)):
            if part is None:
                continue
            other = known.get(part.goal)
            if other is None:
                raise InvalidInput(field or name, f"the ratio {goal.name!r} needs the goal {part.goal!r}")
            if other.parts:
                raise InvalidInput(
                    field or name,
                    f"the ratio {goal.name!r} needs a goal that is no ratio: {part.goal!r} is one",
                )
