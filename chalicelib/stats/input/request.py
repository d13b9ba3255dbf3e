"""What is to be analysed: requests as people and reports write them, checked field by field."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib.stats.errors import RequestError
from chalicelib.stats.exact import Exact, count, exact, positive, probability
from chalicelib.stats.input.arms import Arm, Known, arms_of, days_of

TYPES = ("conversion", "engagement", "ratio")
ROLES = ("primary", "secondary", "guardrail")
DIRECTIONS = ("increase", "decrease")
SCALES = ("absolute", "relative")


@dataclass(frozen=True, slots=True)
class Prior:
    """A Gaussian prior of the effect; an improper one says nothing."""

    mean: float
    sd: float
    proper: bool
    type: str


@dataclass(frozen=True, slots=True)
class Goal:
    """One goal: its cumulative tallies now (first arm = control) and at the end of each earlier final day."""

    key: str
    type: str
    role: str
    direction: str
    unit: str | None
    window_days: int | None
    difference: str
    prior: Prior
    arms: Sequence[Arm]
    history: Sequence[Sequence[Arm]]
    cap: str | None


@dataclass(frozen=True, slots=True)
class Request:
    """One experiment on one day; `looks` are the totals of visitors at earlier final looks."""

    alpha: float
    tuning: float
    max_sample_size: float | None
    looks: Sequence[float]
    provisional: bool
    days: float | None
    power: float
    weights: Mapping[str, Exact]
    visitors: Mapping[str, int]
    goals: Sequence[Goal]


def parse(body: Any, path: str = "", known: Known | None = None) -> Request:
    """Raises RequestError, which names the first field at fault."""
    known = {} if known is None else known
    fields = _mapping(body, path)
    dot = f"{path}." if path else ""
    goals = _goals(fields.get("goals"), f"{dot}goals", known)
    visitors = _visitors(fields.get("visitors"), goals, f"{dot}visitors")
    if not goals and not visitors:
        visitors = dict.fromkeys(fields.get("weights") or (), 0)
    limit = _optional(fields, "max_sample_size", positive, dot)
    return Request(
        alpha=_optional(fields, "alpha", probability, dot) or 0.05,
        tuning=_optional(fields, "tuning", positive, dot) or 5000.0,
        max_sample_size=limit,
        looks=_looks(fields.get("looks"), visitors, f"{dot}looks"),
        provisional=bool(fields.get("provisional")),
        days=_optional(fields, "days", positive, dot),
        power=_optional(fields, "power", probability, dot) or 0.8,
        weights=_weights(fields.get("weights"), visitors, f"{dot}weights"),
        visitors=visitors,
        goals=goals,
    )


def _goals(value: Any, path: str, known: Known) -> list[Goal]:
    goals = [_goal(goal, f"{path}[{i}]", known) for i, goal in enumerate(_sequence(value, path))]
    seen: set[str] = set()
    for i, goal in enumerate(goals):
        if goal.key in seen:
            raise RequestError(f"{path}[{i}].key", f"{goal.key!r} is there twice")
        seen.add(goal.key)
    return goals


def _goal(value: Any, path: str, known: Known) -> Goal:
    fields = _mapping(value, path)
    kind = _choice(fields, "type", TYPES, None, path)
    arms = arms_of(_sequence(fields.get("arms"), f"{path}.arms"), kind, f"{path}.arms")
    history = _sequence(fields.get("history") or (), f"{path}.history")
    window = fields.get("window_days")
    return Goal(
        key=_name(fields.get("key"), f"{path}.key"),
        type=kind,
        role=_choice(fields, "role", ROLES, "primary", path),
        direction=_choice(fields, "direction", DIRECTIONS, "increase", path),
        unit=None if fields.get("unit") is None else _name(fields["unit"], f"{path}.unit"),
        window_days=None if window is None else count(window, f"{path}.window_days"),
        difference=_choice(fields, "difference", SCALES, "absolute", path),
        prior=_prior(fields.get("prior"), f"{path}.prior"),
        arms=arms,
        history=days_of(history, kind, arms, f"{path}.history", known),
        cap=None if fields.get("cap") is None else str(fields["cap"]),
    )


def _prior(value: Any, path: str) -> Prior:
    if value is None:
        return Prior(0.0, 1.0, False, "absolute")
    fields = _mapping(value, path)
    return Prior(
        mean=float(exact(fields.get("mean", 0), f"{path}.mean")),
        sd=positive(fields.get("sd", 1), f"{path}.sd"),
        proper=bool(fields.get("proper", True)),
        type=_choice(fields, "type", SCALES, "absolute", path),
    )


def _visitors(value: Any, goals: Sequence[Goal], path: str) -> dict[str, int]:
    if value is not None:
        return {str(key): count(n, f"{path}.{key}") for key, n in _mapping(value, path).items()}
    largest = max(goals, key=lambda goal: sum(arm.n for arm in goal.arms), default=None)
    return {arm.key: arm.n for arm in largest.arms} if largest else {}


def _weights(value: Any, visitors: Mapping[str, int], path: str) -> dict[str, Exact]:
    if value is None:
        return dict.fromkeys(visitors, 1)
    weights = {str(key): exact(w, f"{path}.{key}") for key, w in _mapping(value, path).items()}
    for key, weight in weights.items():
        if weight < 0:
            raise RequestError(f"{path}.{key}", "must not be negative")
        if key not in visitors:
            raise RequestError(f"{path}.{key}", "no such arm")
    if not any(weights.values()):
        raise RequestError(path, "one weight at least must be above 0")
    return weights


def _looks(value: Any, visitors: Mapping[str, int], path: str) -> list[float]:
    if value is None:
        return []
    if isinstance(value, (list, tuple)):
        return [positive(look, f"{path}[{i}]") for i, look in enumerate(value)]
    looks = count(value, path)
    if not 1 <= looks <= 1000:
        raise RequestError(path, "must be from 1 to 1000")
    return [sum(visitors.values()) * look / looks for look in range(1, looks)]


def _optional(fields: Mapping[str, Any], key: str, read: Any, dot: str) -> float | None:
    value = fields.get(key)
    return None if value is None else read(value, f"{dot}{key}")


def _choice(
    fields: Mapping[str, Any], key: str, allowed: Sequence[str], default: str | None, path: str
) -> str:
    value = fields.get(key, default)
    if value not in allowed:
        raise RequestError(f"{path}.{key}", f"must be one of {', '.join(allowed)}")
    return str(value)


def _name(value: Any, path: str) -> str:
    if not isinstance(value, str) or not value:
        raise RequestError(path, "must be a text that is not empty")
    return value


def _mapping(value: Any, path: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise RequestError(path or "request", "must be an object")
    return value


def _sequence(value: Any, path: str) -> Sequence[Any]:
    if not isinstance(value, (list, tuple)):
        raise RequestError(path, "must be an array")
    return value
