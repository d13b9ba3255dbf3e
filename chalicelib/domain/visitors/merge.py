"""A login: what one document holds moves into another, and the first becomes a pointer."""

from collections.abc import Mapping
from typing import TypeVar

from chalicelib.domain.instant import DAY, Instant
from chalicelib.domain.visitors.visitor import (
    CONFIRMED_LIFE,
    Enrollment,
    Fact,
    Past,
    Visitor,
    joined,
)

_T = TypeVar("_T", bound=tuple[object, ...] | int)


def merge(into: Visitor, other: Visitor) -> Visitor:
    """`into` with all that both were told; the same object when `other` adds nothing.

    The earlier enrolment wins and remembers a second variation. Facts are united by event id; the
    past, which has no ids any more, is added up.
    """
    merged = into._replace(
        claimed_at=_earlier(into.claimed_at, other.claimed_at),
        human=_earlier(into.human, other.human),
        enrollments=_enrollments(into.enrollments, other.enrollments),
        facts=_facts(into.facts, other.facts),
        past=_past(into.past, other.past),
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


def _past(
    one: Mapping[str, tuple[Past, ...]], other: Mapping[str, tuple[Past, ...]]
) -> Mapping[str, tuple[Past, ...]]:
    if not other:
        return one
    return {
        goal: tuple(sorted(one.get(goal, ()) + other.get(goal, ()), key=_at)) for goal in {**one, **other}
    }


def _at(past: Past) -> Instant:
    return past.at
