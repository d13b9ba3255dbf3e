"""Declare goals: by themselves, or with the experiments that name them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from chalicelib.domain.definitions import Definitions, problem_of_parts
from chalicelib.domain.errors import Conflict, InvalidInput
from chalicelib.domain.experiments.goal import Goal
from chalicelib.domain.experiments.goal_input import GoalFields, goal_from, goal_of_entry
from chalicelib.domain.fields.reading import joined
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
    check_parts(goal, known.goals, "")
    return store.save_goal(goal)


def new_goals(
    known: Definitions, entries: Sequence[str | GoalFields], declared_at: Instant, field: str
) -> list[Goal]:
    """The goals of these entries that are not there yet; InvalidInput for a name that is archived, and for a
    ratio of goals that nobody knows."""
    missing = {}
    for index, entry in enumerate(entries):
        goal = goal_of_entry(entry, declared_at)
        if goal.name not in known.goals:
            known.check_new("goal", goal.name, f"{field}[{index}]")
            missing[f"{field}[{index}]"] = goal
    after = {**known.goals, **{each.name: each for each in missing.values()}}
    for path, goal in missing.items():
        check_parts(goal, after, path)
    return list(missing.values())


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


def check_parts(goal: Goal, known: Mapping[str, Goal], path: str) -> None:
    """InvalidInput for a ratio whose parts are no goals, or ratios themselves."""
    problem = problem_of_parts(goal, known)
    if problem is not None:
        raise InvalidInput(joined(path, problem.field), problem.problem)


def check_undivided(name: str, known: Mapping[str, Goal]) -> None:
    """InvalidInput when a ratio divides a goal that is to be a ratio."""
    for other in known.values():
        if name in [part.goal for part in other.parts] and other.name != name:
            raise InvalidInput("type", f"the ratio {other.name!r} divides {name!r}, which must be no ratio")
