"""Change a goal without changing what finished days say."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from chalicelib.domain.errors import InvalidInput, NotFound
from chalicelib.domain.experiments.experiment_input import goal_from
from chalicelib.domain.experiments.goal import Goal, GoalType
from chalicelib.domain.experiments.records import goal_record
from chalicelib.domain.instant import Instant
from chalicelib.services.store import DefinitionStore

_WORDS = frozenset({"unit", "role", "direction", "server_only", "max_value"})
_SKIPPED = ("declared_at", "name")


def change_goal(store: DefinitionStore, name: str, fields: Mapping[str, Any], now: Instant) -> Goal:
    """What is said of a goal and what is taken for it can change at any time, from then on.

    What it counts cannot while an experiment that reports it has begun and is not final: documents
    keep what the old rule needs. InvalidInput names the field; NotFound.
    """
    known = store.definitions()
    goal = known.goals.get(name)
    if goal is None:
        raise NotFound("goal", name)
    counting = sorted(set(fields) - _WORDS)
    running = [
        each.name
        for each in known.experiments.values()
        if name in known.goals_of(each) and each.started_at is not None and each.finalized_at is None
    ]
    if counting and running:
        raise InvalidInput(counting[0], f"cannot change while {running[0]} counts it; declare another goal")
    skipped = _SKIPPED if goal.type is GoalType.ENGAGEMENT else (*_SKIPPED, "metric")
    record = {key: value for key, value in goal_record(goal).items() if key not in skipped}
    written = {key: value for key, value in {**record, **fields}.items() if value is not None}
    changed = goal_from({"name": name, **written}, now)
    changed = replace(changed, declared_at=goal.declared_at, version=goal.version)
    return goal if changed == goal else store.save_goal(changed)
