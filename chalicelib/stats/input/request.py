"""What is to be analysed: requests as people and reports write them, checked field by field."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from chalicelib.stats.errors import RequestError
from chalicelib.stats.exact import Exact, count, counts, exact, positive
from chalicelib.stats.input.earlier import with_earlier
from chalicelib.stats.input.fields import mapping, sequence
from chalicelib.stats.input.goals import Goal, goal_of
from chalicelib.stats.input.types import PhaseRequest, RequestFields, read_request


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
    fields = read_request(RequestFields, body, "")
    goals = _goals(fields)
    visitors = _visitors(fields, goals)
    if not goals and not visitors:
        visitors = dict.fromkeys(fields.weights or {}, 0)
    weights = weights_of(fields.weights, visitors, "weights")
    current = Phase(0, weights, _by_day(fields, goals, visitors))
    earlier, goals = _phases(fields, goals)
    return Request(
        alpha=0.05 if fields.alpha is None else fields.alpha,
        planned_visitors=fields.max_sample_size
        if fields.planned_visitors is None
        else fields.planned_visitors,
        planned_days=fields.planned_days,
        minimum_effect=fields.minimum_effect,
        looks=_looks(fields.looks, visitors, "looks"),
        provisional=bool(fields.provisional),
        ended=bool(fields.ended),
        days=fields.days,
        power=0.8 if fields.power is None else fields.power,
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


def _goals(fields: RequestFields) -> list[Goal]:
    goals = [goal_of(goal, f"goals[{i}]", fields.days) for i, goal in enumerate(fields.goals)]
    seen: set[str] = set()
    for i, goal in enumerate(goals):
        if goal.key in seen:
            raise RequestError(f"goals[{i}].key", f"{goal.key!r} is there twice")
        seen.add(goal.key)
    return goals


def _phases(fields: RequestFields, goals: list[Goal]) -> tuple[list[Phase], list[Goal]]:
    phases: list[Phase] = []
    for i, item in enumerate(fields.phases or ()):
        path = f"phases[{i}]"
        phase = read_request(PhaseRequest, item, path)
        goals = with_earlier(goals, i, phase, path)
        visitors = _earlier_visitors(phase, goals, path)
        weights = weights_of(phase.weights, phase.weights, f"{path}.weights")
        phases.append(Phase(i + 1 if phase.number is None else phase.number, weights, visitors))
    return phases, goals


def _earlier_visitors(phase: PhaseRequest, goals: Sequence[Goal], path: str) -> Mapping[str, Sequence[int]]:
    if phase.visitors_by_day is not None:
        return _series(phase.visitors_by_day, f"{path}.visitors_by_day")
    arms = [arm for goal in goals for part in goal.earlier[-1:] for arm in part.arms if arm is not None]
    largest: dict[str, Sequence[int]] = {}
    for arm in arms:
        if arm.key not in largest or arm.n[-1] > largest[arm.key][-1]:
            largest[arm.key] = arm.n
    return {key: largest.get(key, [0]) for key in phase.weights}


def _visitors(fields: RequestFields, goals: Sequence[Goal]) -> dict[str, int]:
    if fields.visitors is not None:
        return {key: count(n, f"visitors.{key}") for key, n in fields.visitors.items()}
    if fields.visitors_by_day is not None:
        return {key: days[-1] for key, days in _series(fields.visitors_by_day, "visitors_by_day").items()}
    largest = max(goals, key=lambda goal: sum(arm.n[-1] for arm in goal.shown), default=None)
    return {arm.key: arm.n[-1] for arm in largest.shown} if largest else {}


def _by_day(
    fields: RequestFields, goals: Sequence[Goal], visitors: Mapping[str, int]
) -> Mapping[str, Sequence[int]]:
    """By arm the visitors of each day so far; without a history of their own, those of the largest goal."""
    if fields.visitors_by_day is not None:
        return _series(fields.visitors_by_day, "visitors_by_day")
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
