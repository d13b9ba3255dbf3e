"""Change a goal without changing what finished days say."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from chalicelib.domain.errors import InvalidInput, Refusal
from chalicelib.domain.experiments.goal import Goal
from chalicelib.domain.experiments.goal_input import GoalInput, goal_from
from chalicelib.domain.experiments.shown import shown_goal
from chalicelib.domain.fields.changes import differing
from chalicelib.domain.instant import Instant
from chalicelib.services.experiments.archive import goal_named
from chalicelib.services.experiments.declare_goals import check_parts, check_undivided
from chalicelib.services.store import DefinitionStore

_ALWAYS = frozenset({"unit", "role", "direction", "server_only", "max_value", "margin"})
_FIXED = frozenset({"name", "declared_at", "archived_at", "error"})
_DECLARES = "auto_created"
_WRITTEN = frozenset(GoalInput.__struct_fields__)


def change_goal(store: DefinitionStore, name: str, fields: Mapping[str, Any], now: Instant) -> Goal:
    """What is said of a goal and what is taken for it can change at any time, from then on.

    What it counts cannot while an experiment that reports it has begun and is not final: documents
    keep what the old rule needs; unless today's rules refuse what is stored. What is not named stays,
    and what is named as it is changes nothing. InvalidInput names the field; NotFound; Refusal.
    """
    known = store.definitions()
    goal = goal_named(known, name)
    if goal.archived_at is not None:
        raise Refusal(f"the goal {name!r} is archived: restore it first")
    shown = shown_goal(goal)
    wanted = differing(shown, fields, _WRITTEN, partial(_as_read, shown))
    for key in wanted:
        if key in _FIXED:
            raise InvalidInput(key, "cannot be changed")
    broken = None if goal.problem is None else goal.problem.field
    counts = [key for key in wanted if key not in _ALWAYS | {_DECLARES, broken}]
    counting = sorted(key for key in counts if _is_valid(shown, key))
    running = [
        each.name
        for each in known.experiments.values()
        if name in known.goals_of(each) and each.started_at is not None and each.finalized_at is None
    ]
    if counting and running:
        raise InvalidInput(counting[0], f"cannot change while {running[0]} counts it; declare another goal")
    if not wanted:
        return goal
    if wanted.pop(_DECLARES, False) is not False:
        raise InvalidInput(_DECLARES, "can only be set to false, which declares the goal")
    kept = {key: shown[key] for key in _WRITTEN if key not in _reset(shown, wanted)}
    changed = goal_from({**kept, **wanted}, goal.declared_at)
    check_parts(changed, {**known.goals, name: changed}, "")
    if changed.parts:
        check_undivided(name, known.goals)
    # Whatever somebody says of a goal declares it.
    return store.save_goal(replace(changed, version=goal.version))


def _reset(shown: Mapping[str, Any], wanted: Mapping[str, Any]) -> frozenset[str]:
    """What another type has no use for: it goes with the old type."""
    if wanted.get("type", shown["type"]) == shown["type"]:
        return frozenset()
    return frozenset({"metric", "cap", "winsorize", "covariate_days", "numerator", "denominator"})


def _is_valid(shown: Mapping[str, Any], key: str) -> bool:
    """Whether today's rules take what is stored."""
    try:
        _as_read(shown, key, shown[key])
    except InvalidInput:
        return False
    return True


def _as_read(shown: Mapping[str, Any], key: str, value: object) -> object:
    """A field as it is understood, of a goal of that type and role."""
    if key not in _WRITTEN:
        return value
    alone = {each: shown[each] for each in ("type", "role", "numerator", "denominator") if shown[each]}
    return getattr(goal_from({"name": "any-name", **alone, key: value}, 0), key)
