"""What a browser posts: one batch of events, read so that a bad event loses no other."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.errors import InvalidInput
from chalicelib.domain.instant import DAY, Instant
from chalicelib.domain.nesting import is_deep
from chalicelib.domain.visitors.event import Event, event_from
from chalicelib.web.http.responses import as_object, batch_body

MAX_BYTES = 16 * 1024
MAX_EVENTS = 50
_LONGEST_AGE = 400 * DAY


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
    body = as_object(batch_body(raw))
    written = body.get("events", [])
    if not isinstance(written, list) or len(written) > MAX_EVENTS:
        raise InvalidInput("events", f"must be a list of {MAX_EVENTS} at the most")
    events: list[Event] = []
    problems = []
    for index, (fields, at) in enumerate(_with_instants(written, now)):
        try:
            events.append(_event(fields, at, f"events[{index}]"))
        except InvalidInput as problem:
            problems.append(problem)
    named = [each.get("experiment") for each in written if isinstance(each, dict)]
    experiments = [each for each in named if isinstance(each, str)]
    return Batch(body.get("visitor"), events, problems, experiments, body.get("webdriver") is True)


def _event(fields: object, at: Instant | None, field: str) -> Event:
    if not isinstance(fields, dict):
        raise InvalidInput(field, "must be an object")
    if is_deep(fields):
        raise InvalidInput(field, "is nested too deeply")
    if at is None:
        raise InvalidInput(f"{field}.age", "must be a number of milliseconds")
    return event_from(fields, at, field)


def _with_instants(written: list[Any], now: Instant) -> Iterator[tuple[Any, Instant | None]]:
    """Each with now less its age; of those with the same age, each a millisecond after the last."""
    last: dict[Instant, Instant] = {}
    for fields in written:
        age = _age(fields.get("age", 0) if isinstance(fields, dict) else None)
        if age is None:
            yield fields, None
            continue
        at = last.get(age, now - age - 1) + 1
        last[age] = at
        yield fields, at


def _age(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= _LONGEST_AGE:
        return None
    # A browser's clock that was set back makes an event look younger than now.
    return max(0, int(value))
