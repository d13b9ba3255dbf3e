"""What people write to define an experiment or a goal, checked and made into one.

The same form in a definitions file, in a replay and in the admin API. django-lean's
`[{"name": "headline"}]` is the smallest one.
"""

import sys
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, TypeVar

from chalicelib.domain.errors import InvalidInput
from chalicelib.domain.experiments.bucketing import equal_weights
from chalicelib.domain.experiments.experiment import CONTROL, Experiment, Phase, State, Variation
from chalicelib.domain.experiments.goal import Direction, Goal, GoalType, Role
from chalicelib.domain.experiments.goal_number_input import NUMBER_KEYS, number_rules
from chalicelib.domain.experiments.interval import Intervals, between, earlier
from chalicelib.domain.experiments.plan_input import PLAN_KEYS, plan_from, relative_change
from chalicelib.domain.instant import Instant, parse_at
from chalicelib.domain.name import ANY_GOAL, checked_name
from chalicelib.domain.values import scaled

EXPERIMENT_KEYS = frozenset(
    {"name", "description", "variations", "weights", "goals", "seed", "coverage", "alpha", *PLAN_KEYS}
    | {"state", "started_at", "ended_at", "promoted"}
)
_E = TypeVar("_E", bound=StrEnum)

GOAL_KEYS = frozenset(
    {"name", "type", "unit", "role", "direction", "window_days", "server_only", "max_value", "margin"}
    | NUMBER_KEYS
)


def experiment_from(entry: object, now: Instant, field: str = "") -> Experiment:
    """A new experiment; its state and dates are taken as written. InvalidInput names the field."""
    path = _Path(field)
    fields = _known(entry, EXPERIMENT_KEYS, path)
    name = checked_name(fields.get("name"), path("name"))
    state = _member(State, fields.get("state", State.DISABLED), path("state"))
    started_at = _instant(fields.get("started_at"), path("started_at"))
    ended_at = _instant(fields.get("ended_at"), path("ended_at"))
    if state is not State.DISABLED and started_at is None:
        started_at = now
    _check_dates(state, started_at, ended_at, now, path)
    if state is not State.ENABLED:
        ended_at = _end_of_stopped(state, started_at, ended_at, now)
    phase = Phase(
        1,
        now if started_at is None else started_at,
        _text(fields.get("seed", name), path("seed")),
        variations_from(fields, path),
        coverage_from(fields.get("coverage", 1.0), path("coverage")),
    )
    return Experiment(
        name=name,
        phases=(phase,),
        state=state,
        description=_text(fields.get("description", ""), path("description")),
        goals=tuple(goal_name(each, path(f"goals[{i}]")) for i, each in _items(fields, "goals", path)),
        promoted=_promoted(fields.get("promoted"), state, phase, path("promoted")),
        started_at=started_at,
        ended_at=ended_at,
        enabled=_enabled(state, started_at, ended_at, now),
        alpha=_fraction(fields.get("alpha", 0.05), path("alpha")),
        plan=plan_from(fields, path),
        created_at=now,
    )


def goal_from(entry: object, now: Instant, field: str = "") -> Goal:
    """A new goal, from its name alone or with its rules; InvalidInput names the field."""
    path = _Path(field)
    fields = {"name": entry} if isinstance(entry, str) else _known(entry, GOAL_KEYS, path)
    largest = fields.get("max_value")
    server_only = fields.get("server_only", False)
    if not isinstance(server_only, bool):
        raise InvalidInput(path("server_only"), "must be true or false")
    kind = _member(GoalType, fields.get("type", GoalType.CONVERSION), path("type"))
    return Goal(
        name=goal_name(entry, field or "name"),
        declared_at=now,
        type=kind,
        **number_rules(fields, kind, path),
        unit=None if fields.get("unit") is None else _text(fields["unit"], path("unit")),
        role=_member(Role, fields.get("role", Role.PRIMARY), path("role")),
        direction=_member(Direction, fields.get("direction", Direction.INCREASE), path("direction")),
        window_days=_optional_count(fields.get("window_days"), path("window_days")),
        margin=_margin(fields, path),
        server_only=server_only,
        max_value=None if largest is None else scaled(largest, path("max_value")),
    )


def goal_name(entry: object, field: str) -> str:
    """The name of a goal written as a name or as an object with one."""
    if isinstance(entry, Mapping):
        entry, field = entry.get("name"), _Path(field)("name") if field != "name" else field
    name = checked_name(entry, field)
    if name == ANY_GOAL:
        raise InvalidInput(field, "'any' is the row of a report that counts every goal")
    return name


def variations_from(fields: Mapping[str, Any], path: "_Path | None" = None) -> tuple[Variation, ...]:
    """Two or more variations, names or objects with a weight; weights are scaled to the sum 1."""
    path = path or _Path("")
    written = fields.get("variations") or [CONTROL, "test"]
    if not isinstance(written, Sequence) or isinstance(written, str) or len(written) < 2:
        raise InvalidInput(path("variations"), "must be a list of two or more")
    keys = [_variation_key(each, path(f"variations[{i}]")) for i, each in enumerate(written)]
    if len(set(keys)) < len(keys):
        raise InvalidInput(path("variations"), "has a name twice")
    weights = _weights(fields.get("weights"), written, path)
    return tuple(Variation(key, weight) for key, weight in zip(keys, weights, strict=True))


def coverage_from(value: object, field: str = "coverage") -> float:
    """A share of the traffic, from 0 to 1."""
    number = _number(value, field)
    if not 0 <= number <= 1:
        raise InvalidInput(field, "must lie between 0 and 1")
    return number


class _Path:
    def __init__(self, base: str) -> None:
        self.base = base

    def __call__(self, field: str) -> str:
        return f"{self.base}.{field}" if self.base else field


def _known(entry: object, keys: frozenset[str], path: _Path) -> Mapping[str, Any]:
    if not isinstance(entry, Mapping):
        raise InvalidInput(path.base or "body", "must be an object")
    for key in entry:
        if key not in keys:
            raise InvalidInput(path(str(key)), f"is not known; known are {', '.join(sorted(keys))}")
    return entry


def _items(fields: Mapping[str, Any], key: str, path: _Path) -> list[tuple[int, Any]]:
    value = fields.get(key) or []
    if not isinstance(value, list):
        raise InvalidInput(path(key), "must be a list")
    return list(enumerate(value))


def _variation_key(entry: object, field: str) -> str:
    if isinstance(entry, Mapping):
        return checked_name(entry.get("key"), f"{field}.key")
    return checked_name(entry, field)


def _weights(weights: object, variations: Sequence[Any], path: _Path) -> list[float]:
    if weights is None and isinstance(variations[0], Mapping) and "weight" in variations[0]:
        weights = [each.get("weight") if isinstance(each, Mapping) else None for each in variations]
    if weights is None:
        return equal_weights(len(variations))
    if not isinstance(weights, list) or len(weights) != len(variations):
        raise InvalidInput(path("weights"), "must be a list with one weight for each variation")
    numbers = [_number(each, path(f"weights[{i}]")) for i, each in enumerate(weights)]
    total = sum(numbers)
    if min(numbers) < 0 or total <= 0:
        raise InvalidInput(path("weights"), "must not be negative, nor all zero")
    return [number / total for number in numbers]


def _check_dates(
    state: State, started_at: Instant | None, ended_at: Instant | None, now: Instant, path: _Path
) -> None:
    if started_at is not None and ended_at is not None and ended_at < started_at:
        raise InvalidInput(path("ended_at"), "lies before started_at")
    if state is State.PROMOTED and started_at is not None and started_at > now:
        raise InvalidInput(path("started_at"), "must not lie in the future of a promoted experiment")


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


def _margin(fields: Mapping[str, Any], path: _Path) -> float | None:
    if fields.get("margin") is not None and fields.get("role") != Role.GUARDRAIL:
        raise InvalidInput(path("margin"), "has a meaning for a guardrail alone")
    return relative_change(fields.get("margin"), path("margin"))


def _promoted(value: object, state: State, phase: Phase, field: str) -> str | None:
    if state is not State.PROMOTED:
        return None
    keys = [each.key for each in phase.variations]
    if value is None and len(keys) == 2:
        return keys[1]
    if value not in keys:
        raise InvalidInput(field, f"must be one of {', '.join(keys)}")
    return str(value)


def _member(kind: type[_E], value: object, field: str) -> _E:
    try:
        return kind(value if isinstance(value, str) else "")
    except ValueError as error:
        raise InvalidInput(field, f"must be one of {', '.join(kind)}") from error


def _instant(value: object, field: str) -> Instant | None:
    return None if value is None else parse_at(value, field)


def _text(value: object, field: str) -> str:
    if not isinstance(value, str):
        raise InvalidInput(field, "must be text")
    return value


def _number(value: object, field: str) -> float:
    # Compared, not converted: a whole number may be larger than any float.
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= sys.float_info.max:
        raise InvalidInput(field, "must be a number")
    return float(value)


def _fraction(value: object, field: str) -> float:
    number = _number(value, field)
    if not 0 < number < 1:
        raise InvalidInput(field, "must lie between 0 and 1")
    return number


def _count(value: object, field: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= sys.float_info.max:
        raise InvalidInput(field, "must be a whole number above 0 and below 1e308")
    return value


def _optional_count(value: object, field: str) -> int | None:
    return None if value is None else _count(value, field)
