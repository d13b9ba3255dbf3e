"""A login: what one document holds moves into another, and the first becomes a pointer."""

from collections.abc import Mapping
from typing import TypeVar

from chalicelib.domain.instant import DAY, Day, Instant
from chalicelib.domain.visitor import (
    CONFIRMED_LIFE,
    Enrollment,
    Fact,
    Settled,
    Visitor,
    joined,
)

_T = TypeVar("_T", bound=tuple[object, ...] | int)


def merge(into: Visitor, other: Visitor) -> Visitor:
    """`into` with all that both were told; the same object when `other` adds nothing.

    The earlier enrolment wins and remembers a second variation. Facts are united by event id,
    and what was settled is added up.
    """
    goals = into.past.keys() | other.past.keys()
    merged = into._replace(
        claimed_at=_earlier(into.claimed_at, other.claimed_at),
        human=_earlier(into.human, other.human),
        enrollments=_enrollments(into.enrollments, other.enrollments),
        facts=_facts(into.facts, other.facts),
        settled=_settled(into.settled, other.settled),
        past={goal: _sums(into.past.get(goal, {}), other.past.get(goal, {})) for goal in goals},
        expires_at=max(into.expires_at, other.expires_at),
    )
    return into if merged == into else merged


def pointer(visitor_id: str, belongs_to: str, now: Instant) -> Visitor:
    """A document that keeps nothing but whom it belongs to, for as long as a cookie lives."""
    return Visitor(visitor_id, claimed_at=now, expires_at=now + CONFIRMED_LIFE, belongs_to=belongs_to)


def tombstone(visitor_id: str, now: Instant) -> Visitor:
    """All that stays of an erased visitor: that its id is spent, for as long as a cookie lives."""
    return Visitor(visitor_id, expires_at=now + CONFIRMED_LIFE, erased=True)


def prolonged_pointer(visitor: Visitor, now: Instant) -> Visitor:
    """A pointer that was used, with its life moved when it lags by a month."""
    if now + CONFIRMED_LIFE - visitor.expires_at <= 30 * DAY:
        return visitor
    return visitor._replace(expires_at=now + CONFIRMED_LIFE)


def _earlier(one: _T | None, other: _T | None) -> _T | None:
    return min((each for each in (one, other) if each is not None), default=None)


def _enrollments(one: Mapping[str, Enrollment], other: Mapping[str, Enrollment]) -> dict[str, Enrollment]:
    places = dict(one)
    for name, place in other.items():
        known = places.get(name)
        places[name] = place if known is None else joined(known, place)
    return places


def _facts(one: tuple[Fact, ...], other: tuple[Fact, ...]) -> tuple[Fact, ...]:
    known = {fact.event for fact in one}
    return one + tuple(fact for fact in other if fact.event not in known)


def _settled(
    one: Mapping[str, Mapping[str, Settled]], other: Mapping[str, Mapping[str, Settled]]
) -> dict[str, dict[str, Settled]]:
    merged = {name: dict(goals) for name, goals in one.items()}
    for name, goals in other.items():
        mine = merged.setdefault(name, {})
        for goal, theirs in goals.items():
            mine[goal] = _added(mine[goal], theirs) if goal in mine else theirs
    return merged


def _added(one: Settled, other: Settled) -> Settled:
    return Settled(
        min(one.first_at, other.first_at),
        one.times + other.times,
        _sums(one.sums, other.sums),
        _sums(one.counts, other.counts),
        {**other.lasts, **{day: max(last, other.lasts.get(day, last)) for day, last in one.lasts.items()}},
    )


def _sums(one: Mapping[Day, int], other: Mapping[Day, int]) -> dict[Day, int]:
    return {day: one.get(day, 0) + other.get(day, 0) for day in one.keys() | other.keys()}
