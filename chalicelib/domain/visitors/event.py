"""What a browser, a server or a log tells of a visitor, and what it does to the document."""

import base64
import hashlib
from dataclasses import dataclass, replace

from chalicelib.domain.definitions import Definitions
from chalicelib.domain.errors import Refused
from chalicelib.domain.experiments.experiment import Experiment, Phase
from chalicelib.domain.instant import SECOND, Instant
from chalicelib.domain.late import LATE_FROM_BROWSERS, LATE_FROM_SERVERS
from chalicelib.domain.visitors.identity import hashed_id
from chalicelib.domain.visitors.visitor import Confirmation, Enrollment, Fact, Visitor, confirm, enroll, reach

_CLOCK_MARGIN = 60 * SECOND
"""By how much two clocks may differ."""


@dataclass(frozen=True, slots=True)
class Source:
    """Who told it: how late it may come, whether its variation is taken as seen, goals of servers."""

    late: Instant
    seen: bool = False
    server: bool = False


BROWSER = Source(LATE_FROM_BROWSERS)
SERVER = Source(LATE_FROM_SERVERS, server=True)
LOG = Source(LATE_FROM_SERVERS, seen=True, server=True)


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The script ran in a real browser."""

    id: str
    at: Instant


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A variation was seen; `variation` and `phase` are what the sender bucketed, if it said so."""

    id: str
    at: Instant
    experiment: str
    variation: str | None = None
    phase: int | None = None


@dataclass(frozen=True, slots=True)
class Reached:
    """A goal was reached, with a value in ten-thousandths or without one."""

    id: str
    at: Instant
    goal: str
    value: int | None = None


Event = Confirmed | Enrolled | Reached


def apply(
    event: Event,
    visitor: Visitor,
    definitions: Definitions,
    now: Instant,
    source: Source,
    hashed_by: str | None = None,
) -> Visitor:
    """The visitor after an event, the same object if nothing differs; Refused says why not.

    `hashed_by` is the id that the sender chose the variation by, where it is not the visitor's.
    """
    check_instant(event.at, now, source)
    if isinstance(event, Confirmed):
        return confirm(visitor, Confirmation(event.at, event.id))
    if isinstance(event, Enrolled):
        event = _in_its_phase(event, definitions)
        if _seen_again(event, visitor.enrollments.get(event.experiment)):
            return visitor
        enrollment = _enrollment(event, hashed_id(hashed_by or visitor.id), definitions, now, source)
        return enroll(visitor, event.experiment, enrollment)
    return reach(visitor, _fact(event, definitions, source))


def within_limit(event: Event, definitions: Definitions) -> Event:
    """The event without a value that is above its goal's limit; the goal itself was reached all the same."""
    goal = definitions.goals.get(event.goal) if isinstance(event, Reached) else None
    if goal is None or goal.max_value is None or not isinstance(event, Reached) or event.value is None:
        return event
    return replace(event, value=None) if abs(event.value) > goal.max_value else event


def check_instant(at: Instant, now: Instant, source: Source) -> None:
    """Refused when it lies longer ago than the source may tell of, or in the future."""
    if at < now - source.late:
        raise Refused("too_late")
    if at > now + _CLOCK_MARGIN:
        raise Refused("in_the_future")


def _in_its_phase(event: Enrolled, definitions: Definitions) -> Enrolled:
    """The same enrolment, not before the phase that it names: clocks differ, and a browser may lie.

    One from a time in which nobody enrolled stays where it is, to be refused, unless clocks explain it.
    """
    experiment = definitions.experiments.get(event.experiment)
    phase = None if experiment is None or event.phase is None else experiment.phase_numbered(event.phase)
    if experiment is None or phase is None or phase.started_at <= event.at:
        return event
    if not experiment.was_enabled(event.at) and event.at < phase.started_at - _CLOCK_MARGIN:
        return event
    return replace(event, at=phase.started_at)


def _seen_again(event: Enrolled, place: Enrollment | None) -> bool:
    """Whether it tells what is known, maybe remembered from before a login or a change of weights."""
    if place is None:
        return False
    told = place._replace(enrolled_at=event.at, phase=event.phase or place.phase, event=event.id)
    if told.age < place.age:
        return False
    return event.variation is None or event.variation == place.variation


def _enrollment(
    event: Enrolled, visitor_id: str, definitions: Definitions, now: Instant, source: Source
) -> Enrollment:
    experiment = definitions.experiments.get(event.experiment)
    if experiment is None:
        raise Refused("unknown_experiment")
    phase = _phase_of(experiment, event)
    # What is dated a little after now, by a clock or by its phase, must not get in before the start.
    enabled = experiment.was_enabled(event.at) and experiment.was_enabled(min(event.at, now))
    if not enabled or not phase.started_at <= event.at <= now + _CLOCK_MARGIN:
        raise Refused("not_enabled")
    if source.seen and event.variation is not None:
        variation: str | None = event.variation
        if variation not in [each.key for each in phase.variations]:
            raise Refused("unknown_variation")
    else:
        variation = phase.variation_of(visitor_id)
    if variation is None:
        raise Refused("outside_coverage")
    if event.variation is not None and event.variation != variation:
        raise Refused("other_variation")
    return Enrollment(variation, phase.number, event.at, event.id)


def _phase_of(experiment: Experiment, event: Enrolled) -> Phase:
    """The phase that it names, or the one in force at its instant."""
    if event.phase is None:
        return experiment.phase_at(event.at)
    phase = experiment.phase_numbered(event.phase)
    if phase is None:
        raise Refused("unknown_phase")
    return phase


def _fact(event: Reached, definitions: Definitions, source: Source) -> Fact:
    goal = definitions.goals.get(event.goal)
    if goal is None:
        raise Refused("unknown_goal")
    if goal.parts:
        raise Refused("ratio_goal")
    if goal.server_only and not source.server:
        raise Refused("server_only")
    return Fact(event.id, event.at, event.goal, event.value)


def hashed_event(text: str) -> str:
    """8 bytes that stand for an event."""
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")
