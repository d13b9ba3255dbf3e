"""What a browser, a server or a log says of a visitor, as it is written. Unknown keys are dropped."""

from collections.abc import Mapping
from typing import Any, cast

from msgspec import Struct

from chalicelib.domain.fields.exact import Age, Amount
from chalicelib.domain.fields.number import PhaseNumber
from chalicelib.domain.fields.reading import read
from chalicelib.domain.fields.text import GoalName, Key, Name
from chalicelib.domain.instant import Instant
from chalicelib.domain.visitors.event import Confirmed, Enrolled, Event, Reached, hashed_event

NOW = cast(Age, 0)


class ConfirmInput(Struct, tag_field="type", tag="confirm", frozen=True, kw_only=True):
    """The script ran in a real browser."""

    id: Key
    age: Age = NOW


class EnrollInput(Struct, tag_field="type", tag="enroll", frozen=True, kw_only=True):
    """A variation was seen."""

    id: Key
    experiment: Name
    variation: Name | None = None
    phase: PhaseNumber | None = None
    age: Age = NOW


class ReachInput(Struct, tag_field="type", tag="goal", frozen=True, kw_only=True):
    """A goal was reached, with a value or without one."""

    id: Key
    goal: GoalName
    value: Amount | None = None
    age: Age = NOW


EventInput = ConfirmInput | EnrollInput | ReachInput


def event_from(fields: Mapping[str, Any], at: Instant, field: str = "") -> Event:
    """The event of its JSON form at an instant; InvalidInput names the field."""
    return event_at(read_event(fields, field), at)


def read_event(fields: object, field: str = "") -> EventInput:
    """An event as it is written; InvalidInput names the field."""
    kind: Any = EventInput
    event: EventInput = read(kind, fields, field)
    return event


def event_at(written: EventInput, at: Instant) -> Event:
    """The event that was written, at an instant."""
    told_id = hashed_event(written.id)
    if isinstance(written, ConfirmInput):
        return Confirmed(told_id, at)
    if isinstance(written, EnrollInput):
        return Enrolled(told_id, at, written.experiment, written.variation, written.phase)
    return Reached(told_id, at, written.goal, written.value)
