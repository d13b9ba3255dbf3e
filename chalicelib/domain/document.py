"""The visitor's document as text: one compact JSON body, this is format 1.

{"c": claimed at, "h": [human at, event], "u": user id, "p": whom it belongs to, "x": erased,
 "e": {experiment: [variation, phase, enrolled at, event, [other seen at, event]?]},
 "g": the goals of the facts, "f": [[event, at, number of the goal, value?]],
 "s": {experiment: {goal: [first at, count, {day: sum}, {day: count}?, {day: [at, last]}?]}},
 "b": {goal: {day: value before an enrolment}}}
"""

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from chalicelib.domain.errors import UnreadableDocument
from chalicelib.domain.visitor import Confirmation, Enrollment, Fact, Settled, Sighting, Visitor

FORMAT = 1
MAX_BYTES = 100_000


def body_of(visitor: Visitor) -> str:
    """The document's body; what is empty is left out."""
    goals = list(dict.fromkeys(fact.goal for fact in visitor.facts))
    parts = {
        "v": FORMAT,
        "c": visitor.claimed_at,
        "h": visitor.human,
        "u": visitor.user_id,
        "p": visitor.belongs_to,
        "x": visitor.erased or None,
        "e": {
            name: place if place.other is not None else place[:4]
            for name, place in visitor.enrollments.items()
        },
        "g": goals,
        "f": [_fact_row(fact, goals) for fact in visitor.facts],
        "s": {name: _settled_parts(goals) for name, goals in visitor.settled.items()},
        "b": visitor.past,
    }
    kept = {key: part for key, part in parts.items() if part not in (None, {}, [])}
    return json.dumps(kept, separators=(",", ":"), ensure_ascii=False)


def visitor_of(visitor_id: str, body: str, expires_at: int = 0) -> Visitor:
    """The visitor of a body; UnreadableDocument when it is not of this format."""
    try:
        parts = json.loads(body)
        if parts["v"] != FORMAT:
            raise UnreadableDocument(f"format {parts['v']!r} is not known")
        return _visitor(visitor_id, parts, expires_at)
    except (ValueError, TypeError, AttributeError, LookupError) as error:
        raise UnreadableDocument(f"body of format {FORMAT}: {type(error).__name__}") from error


def _visitor(visitor_id: str, parts: dict[str, Any], expires_at: int) -> Visitor:
    human, goals = parts.get("h"), parts.get("g", ())
    return Visitor(
        visitor_id,
        parts.get("c"),
        None if human is None else Confirmation._make(human),
        parts.get("u"),
        {
            name: Enrollment(*place) if len(place) == 4 else _conflict(*place)
            for name, place in parts.get("e", _NOTHING).items()
        },
        tuple([Fact(event, at, goals[goal], *value) for event, at, goal, *value in parts.get("f", ())]),
        {name: _settled(goals) for name, goals in parts["s"].items()} if "s" in parts else _NOTHING,
        expires_at,
        parts.get("p"),
        "x" in parts,
        {goal: _by_day(days) for goal, days in parts["b"].items()} if "b" in parts else _NOTHING,
    )


def _fact_row(fact: Fact, goals: list[str]) -> list[Any]:
    row = [fact.event, fact.at, goals.index(fact.goal)]
    return row if fact.value is None else [*row, fact.value]


def _conflict(variation: str, phase: int, enrolled_at: int, event: str, other: list[Any]) -> Enrollment:
    return Enrollment(variation, phase, enrolled_at, event, Sighting._make(other))


def _settled(goals: dict[str, Any]) -> dict[str, Settled]:
    return {goal: _settled_goal(*parts) for goal, parts in goals.items()}


def _settled_goal(
    first_at: int,
    times: int,
    sums: dict[str, int],
    counts: Mapping[str, int] = MappingProxyType({}),
    lasts: Mapping[str, list[int]] = MappingProxyType({}),
) -> Settled:
    last_values = {int(day): (at, value) for day, (at, value) in lasts.items()}
    return Settled(first_at, times, _by_day(sums), _by_day(counts), last_values)


def _by_day(values: Mapping[str, int]) -> dict[int, int]:
    return {int(day): value for day, value in values.items()}


def _settled_parts(goals: Mapping[str, Settled]) -> dict[str, Any]:
    return {goal: _settled_part(each) for goal, each in goals.items()}


def _settled_part(settled: Settled) -> Any:
    if settled.lasts:
        return [*settled[:3], dict(settled.counts), settled.lasts]
    return settled[:4] if settled.counts else settled[:3]


_NOTHING: Mapping[str, Any] = {}
