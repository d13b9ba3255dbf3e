"""The visitor: one document that holds all that we know of whom we count.

Every change returns the same object when nothing differs, so that a repeated request is seen
to change nothing. Enrolments and facts keep their own instants; nothing here reads a clock.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from chalicelib.domain.errors import Refused
from chalicelib.domain.instant import DAY, Instant

MAX_OPEN_FACTS = 200
UNCONFIRMED_LIFE = 7 * DAY
CONFIRMED_LIFE = 400 * DAY


class Sighting(NamedTuple):
    """When another variation than one's own was seen, and the id of the event that told it."""

    at: Instant
    event: str


class Enrollment(NamedTuple):
    """A place in an experiment, and the id of the event that brought it.

    `other` is the first sight of another variation: from then on the visitor is a conflict.
    """

    variation: str
    phase: int
    enrolled_at: Instant
    event: str
    other: Sighting | None = None

    @property
    def age(self) -> tuple[Instant, int, str]:
        """What the earlier of two is told by, so that it is the same one in any order."""
        return self.enrolled_at, self.phase, self.event


class Fact(NamedTuple):
    """A goal reached at an instant, with a value in ten-thousandths or without one."""

    event: str
    at: Instant
    goal: str
    value: int | None = None


class Past(NamedTuple):
    """A fact of a goal that is too old for a late arrival to touch, without the id of its event.

    In a document that holds many, those of one day may stand together: `at` is the instant of the
    last one, `value` their sum, `times` how many they are and `last` the last value.
    """

    at: Instant
    value: int | None = None
    times: int = 1
    last: int | None = None

    @property
    def last_value(self) -> int | None:
        """The value of a single fact, or the last one of several."""
        return self.value if self.last is None else self.last


class Confirmation(NamedTuple):
    """The script ran: the visitor is human from this instant on."""

    at: Instant
    event: str


class Visitor(NamedTuple):
    """`enrollments` by experiment, `facts` still open to late arrivals, and the `past` by goal.

    The past is what experiments count or may come to count by a login, oldest first.

    One that was joined to another is a pointer: it keeps nothing but whom it belongs to.
    """

    id: str
    claimed_at: Instant | None = None
    human: Confirmation | None = None
    user_id: str | None = None
    enrollments: Mapping[str, Enrollment] = MappingProxyType({})
    facts: tuple[Fact, ...] = ()
    expires_at: Instant = 0
    belongs_to: str | None = None
    erased: bool = False
    past: Mapping[str, tuple[Past, ...]] = MappingProxyType({})

    @property
    def is_empty(self) -> bool:
        """Whether nothing was ever said of this visitor."""
        told = self.human or self.enrollments or self.facts or self.claimed_at
        return not (told or self.belongs_to or self.erased)


def claim(visitor: Visitor, at: Instant) -> Visitor:
    """Remember that the id was seen signed: from now on it is worth nothing unsigned."""
    return visitor if visitor.claimed_at is not None else visitor._replace(claimed_at=at)


def confirm(visitor: Visitor, confirmation: Confirmation) -> Visitor:
    """Mark as human; of several confirmations the earliest stays."""
    known = visitor.human
    if known is not None and (known.event == confirmation.event or known <= confirmation):
        return visitor
    return visitor._replace(human=confirmation)


def enroll(visitor: Visitor, experiment: str, enrollment: Enrollment) -> Visitor:
    """Take a place in an experiment; of several enrolments the earliest stays."""
    known = visitor.enrollments.get(experiment)
    if known is not None:
        enrollment = joined(known, enrollment)
        if enrollment is known:
            return visitor
    return visitor._replace(enrollments={**visitor.enrollments, experiment: enrollment})


def joined(known: Enrollment, other: Enrollment) -> Enrollment:
    """The earlier of two enrolments, which remembers when another variation was first seen."""
    if other.event == known.event or (known.other is not None and other.event == known.other.event):
        return known
    first, second = (known, other) if known.age <= other.age else (other, known)
    seen = [each for each in (first.other, second.other) if each is not None]
    if second.variation != first.variation:
        seen.append(Sighting(second.enrolled_at, second.event))
    sighting = min(seen, default=None)
    return first if sighting == first.other else first._replace(other=sighting)


def reach(visitor: Visitor, fact: Fact) -> Visitor:
    """Note a goal, once per event id; Refused("too_many_facts") when the document is full."""
    if any(known.event == fact.event for known in visitor.facts):
        return visitor
    if len(visitor.facts) >= MAX_OPEN_FACTS:
        raise Refused("too_many_facts")
    return visitor._replace(facts=(*visitor.facts, fact))


def prolong(visitor: Visitor, now: Instant) -> Visitor:
    """Move the expiry when it lags; a little lag is left alone, so that a visit alone writes nothing."""
    life, slack = (UNCONFIRMED_LIFE, DAY) if visitor.human is None else (CONFIRMED_LIFE, 30 * DAY)
    if now + life - visitor.expires_at <= slack:
        return visitor
    return visitor._replace(expires_at=now + life)
