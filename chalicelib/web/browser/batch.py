"""What a browser posts: one batch of events, read so that a bad event loses no other."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any

from msgspec import Meta, Struct

from chalicelib.domain.errors import InvalidInput
from chalicelib.domain.fields.reading import read
from chalicelib.domain.instant import Instant
from chalicelib.domain.nesting import is_deep
from chalicelib.domain.visitors.event import Event
from chalicelib.domain.visitors.event_input import EventInput, event_at, read_event
from chalicelib.web.http.responses import batch_body

MAX_BYTES = 16 * 1024
MAX_EVENTS = 50


class BatchInput(Struct, frozen=True, kw_only=True):
    """A visitor's token or id, and what happened; each event is read by itself. `webdriver` says that a
    program drives the browser."""

    visitor: Any = None
    events: Annotated[tuple[Any, ...], Meta(max_length=MAX_EVENTS)] = ()
    webdriver: Any = None


@dataclass(frozen=True, slots=True)
class Batch:
    """`problems` are the events that are none, in the words for who sent them.

    `experiments` are those that it would enrol in; `webdriver` says that a program drives the browser.
    """

    visitor: object
    events: list[Event]
    problems: list[InvalidInput]
    experiments: list[str]
    webdriver: bool


def batch_from(raw: str | bytes, now: Instant) -> Batch:
    """A batch; InvalidInput when it is none at all. Unknown keys are dropped."""
    if len(raw) > MAX_BYTES:
        raise InvalidInput("body", f"must not be longer than {MAX_BYTES} bytes")
    body = read(BatchInput, batch_body(raw))
    written: list[EventInput] = []
    problems = []
    for index, fields in enumerate(body.events):
        try:
            written.append(_event(fields, f"events[{index}]"))
        except InvalidInput as problem:
            problems.append(problem)
    named = [each.get("experiment") for each in body.events if isinstance(each, dict)]
    experiments = [each for each in named if isinstance(each, str)]
    events = [event_at(each, at) for each, at in _with_instants(written, now)]
    return Batch(body.visitor, events, problems, experiments, body.webdriver is True)


def _event(fields: object, field: str) -> EventInput:
    if is_deep(fields):
        raise InvalidInput(field, "is nested too deeply")
    return read_event(fields, field)


def _with_instants(written: list[EventInput], now: Instant) -> Iterator[tuple[EventInput, Instant]]:
    """Each with now less its age; of those with the same age, each a millisecond after the last."""
    last: dict[Instant, Instant] = {}
    for event in written:
        at = last.get(event.age, now - event.age - 1) + 1
        last[event.age] = at
        yield event, at
