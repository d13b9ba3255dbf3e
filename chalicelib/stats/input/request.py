"""What is to be analysed: requests as people and reports write them, checked field by field."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from chalicelib.stats.errors import RequestError
from chalicelib.stats.exact import Exact, count, counts, exact, positive, probability
from chalicelib.stats.input.earlier import with_earlier
from chalicelib.stats.input.fields import flag, known, mapping, optional, sequence
from chalicelib.stats.input.goals import Goal, goal_of

FIELDS = frozenset(
    {"alpha", "power", "tuning", "max_sample_size", "planned_visitors", "planned_days", "minimum_effect"}
    | {"looks", "provisional", "ended", "days", "weights", "visitors", "visitors_by_day", "phases", "goals"}
)
PHASE_FIELDS = frozenset({"number", "weights", "visitors_by_day", "first", "goals"})


@dataclass(frozen=True, slots=True)
class Phase:
    """A phase's expected shares, and by arm its visitors as of each of its days."""

    number: int
    weights: Mapping[str, Exact]
    visitors: Mapping[str, Sequence[int]]


@dataclass(frozen=True, slots=True)
class Request:
    """One experiment on one day. The last phase is the current one; `looks` are the totals of visitors at
    looks before the first row."""

    alpha: float
    planned_visitors: float | None
    planned_days: float | None
    minimum_effect: float | None
    looks: Sequence[float]
    provisional: bool
    ended: bool
    days: float | None
    power: float
    weights: Mapping[str, Exact]
    visitors: Mapping[str, int]
    phases: Sequence[Phase]
    goals: Sequence[Goal]


def parse(body: Any) -> Request:
    """Raises RequestError, which names the first field at fault."""
    fields = known(body, FIELDS, "")
    days = optional(fields, "days", positive, "days")
    goals = _goals(fields.get("goals"), days)
    visitors = _visitors(fields, goals)
    if not goals and not visitors:
        visitors = dict.fromkeys(mapping(fields.get("weights") or {}, "weights"), 0)
    weights = weights_of(fields.get("weights"), visitors, "weights")
    current = Phase(0, weights, _by_day(fields, goals, visitors))
    earlier, goals = _phases(fields.get("phases"), goals, days)
    return Request(
        alpha=_or(optional(fields, "alpha", probability, "alpha"), 0.05),
        planned_visitors=_planned(fields),
        planned_days=optional(fields, "planned_days", positive, "planned_days"),
        minimum_effect=optional(fields, "minimum_effect", positive, "minimum_effect"),
        looks=_looks(fields.get("looks"), visitors, "looks"),
        provisional=flag(fields, "provisional", False, "provisional"),
        ended=flag(fields, "ended", False, "ended"),
        days=days,
        power=_or(optional(fields, "power", probability, "power"), 0.8),
        weights=weights,
        visitors=visitors,
        phases=[*earlier, replace(current, number=len(earlier) + 1)],
        goals=goals,
    )


def weights_of(value: Any, visitors: Mapping[str, Any], path: str) -> dict[str, Exact]:
    """The expected shares; equal ones where none are given."""
    if value is None:
        return dict.fromkeys(visitors, 1)
    weights = {str(key): exact(w, f"{path}.{key}") for key, w in mapping(value, path).items()}
    for key, weight in weights.items():
        if weight < 0:
            raise RequestError(f"{path}.{key}", "must not be negative")
        if key not in visitors:
            raise RequestError(f"{path}.{key}", "no such arm")
    if not any(weights.values()):
        raise RequestError(path, "one weight at least must be above 0")
    return weights


def _or(value: float | None, default: float) -> float:
    return default if value is None else value


def _planned(fields: Mapping[str, Any]) -> float | None:
    planned = optional(fields, "planned_visitors", positive, "planned_visitors")
    if planned is None:
        # The name that it had before the plan was part of the definition.
        planned = optional(fields, "max_sample_size", positive, "max_sample_size")
    return planned


def _goals(value: Any, days: float | None) -> list[Goal]:
    goals = [goal_of(goal, f"goals[{i}]", days) for i, goal in enumerate(sequence(value, "goals"))]
    seen: set[str] = set()
    for i, goal in enumerate(goals):
        if goal.key in seen:
            raise RequestError(f"goals[{i}].key", f"{goal.key!r} is there twice")
        seen.add(goal.key)
    return goals


def _phases(value: Any, goals: list[Goal], days: float | None) -> tuple[list[Phase], list[Goal]]:
    phases: list[Phase] = []
    for i, item in enumerate(sequence(value or (), "phases")):
        path = f"phases[{i}]"
        fields = known(item, PHASE_FIELDS, path)
        goals = with_earlier(goals, i, fields, path)
        weights = mapping(fields.get("weights"), f"{path}.weights")
        visitors = _earlier_visitors(fields, goals, weights, path)
        number = optional(fields, "number", count, f"{path}.number")
        phases.append(
            Phase(
                i + 1 if number is None else number, weights_of(weights, weights, f"{path}.weights"), visitors
            )
        )
    return phases, goals


def _earlier_visitors(
    fields: Mapping[str, Any], goals: Sequence[Goal], weights: Mapping[str, Any], path: str
) -> Mapping[str, Sequence[int]]:
    if fields.get("visitors_by_day") is not None:
        return _series(fields["visitors_by_day"], f"{path}.visitors_by_day")
    arms = [arm for goal in goals for part in goal.earlier[-1:] for arm in part.arms if arm is not None]
    largest: dict[str, Sequence[int]] = {}
    for arm in arms:
        if arm.key not in largest or arm.n[-1] > largest[arm.key][-1]:
            largest[arm.key] = arm.n
    return {key: largest.get(key, [0]) for key in weights}


def _visitors(fields: Mapping[str, Any], goals: Sequence[Goal]) -> dict[str, int]:
    value = fields.get("visitors")
    if value is not None:
        return {str(key): count(n, f"visitors.{key}") for key, n in mapping(value, "visitors").items()}
    if fields.get("visitors_by_day") is not None:
        return {key: days[-1] for key, days in _series(fields["visitors_by_day"], "visitors_by_day").items()}
    largest = max(goals, key=lambda goal: sum(arm.n[-1] for arm in goal.shown), default=None)
    return {arm.key: arm.n[-1] for arm in largest.shown} if largest else {}


def _by_day(
    fields: Mapping[str, Any], goals: Sequence[Goal], visitors: Mapping[str, int]
) -> Mapping[str, Sequence[int]]:
    """By arm the visitors of each day so far; without a history of their own, those of the largest goal."""
    if fields.get("visitors_by_day") is not None:
        return _series(fields["visitors_by_day"], "visitors_by_day")
    today = {key: [n] for key, n in visitors.items()}
    largest = max(goals, key=lambda goal: sum(arm.n[-1] for arm in goal.arms), default=None)
    if largest is None or len(largest.arms[0].n) == 1:
        return today
    past = {arm.key: list(arm.n[:-1]) for arm in largest.arms}
    nobody = [0] * (len(largest.arms[0].n) - 1)
    return {key: [*past.get(key, nobody), *today.get(key, [0])] for key in {**past, **today}}


def _series(value: Any, path: str) -> Mapping[str, Sequence[int]]:
    found = {
        str(key): counts(sequence(days, f"{path}.{key}"), f"{path}.{key}")
        for key, days in mapping(value, path).items()
    }
    lengths = {len(days) for days in found.values()}
    if not found or len(lengths) > 1 or 0 in lengths:
        raise RequestError(path, "must give each arm a count for each day, today last")
    return found


def _looks(value: Any, visitors: Mapping[str, int], path: str) -> list[float]:
    if value is None:
        return []
    if isinstance(value, (list, tuple)):
        looks = [positive(look, f"{path}[{i}]") for i, look in enumerate(value)]
        if looks != sorted(looks):
            raise RequestError(path, "must not fall")
        return looks
    number = count(value, path)
    if not 1 <= number <= 1000:
        raise RequestError(path, "must be from 1 to 1000")
    return [sum(visitors.values()) * look / number for look in range(1, number)]
