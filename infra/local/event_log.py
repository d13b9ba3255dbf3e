"""The recorded event log: JSON lines, read one by one, a bad one set aside with its number.

    {"at": "2026-01-05T10:00:00Z", "visitor": "u1", "user_agent": "Mozilla/5.0 …", "type": "confirm"}
    {"at": …, "visitor": …, "user_agent": …, "type": "enroll", "experiment": "headline", "variation": "test"}
    {"at": …, "visitor": …, "user_agent": …, "type": "goal", "goal": "buy", "value": "9.99"}

`variation` and `value` may be absent, and so may `user_agent`: such a line came from a server and
is not judged. An `id` tells a line that was delivered twice; without it every line is its own event.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.errors import InvalidInput
from chalicelib.domain.instant import Instant, parse_at
from chalicelib.domain.visitors.event import Event, event_from
from chalicelib.web.http.bots import agent_reason

_LONGEST_ID = 256


@dataclass(frozen=True, slots=True)
class Line:
    """`bot` is why the line does not count, or None."""

    number: int
    at: Instant
    visitor: str
    event: Event
    experiment: str
    bot: str | None


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that says nothing that could be counted, and why."""

    number: int
    text: str
    problem: str


def read_lines(lines: Iterable[bytes]) -> Iterator[Line | BadLine]:
    """Every line in order; empty ones are passed over."""
    for number, raw in enumerate(lines, 1):
        text = raw.decode("utf-8", "replace").strip()
        if not text:
            continue
        try:
            yield _line(number, text)
        except InvalidInput as problem:
            yield BadLine(number, text, str(problem))


def _line(number: int, text: str) -> Line:
    fields = _object(text)
    at = parse_at(fields.get("at"), "at")
    event = event_from({"id": _id(number, text), **fields}, at)
    experiment = fields.get("experiment") if fields["type"] == "enroll" else ""
    return Line(number, at, _visitor(fields.get("visitor")), event, str(experiment), _bot(fields))


def _id(number: int, text: str) -> str:
    """The same when the same file is replayed again."""
    return f"{number}-{hashlib.blake2b(text.encode('utf-8', 'replace'), digest_size=16).hexdigest()}"


def _object(text: str) -> dict[str, Any]:
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidInput("line", "is not JSON") from error
    if not isinstance(fields, dict):
        raise InvalidInput("line", "is not an object")
    return fields


def _visitor(value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not 0 < len(value.encode("utf-8", "replace")) <= _LONGEST_ID:
        raise InvalidInput("visitor", f"must be text of 1 to {_LONGEST_ID} bytes")
    return value


def _bot(fields: dict[str, Any]) -> str | None:
    if "user_agent" not in fields:
        return None
    agent = fields["user_agent"]
    if agent is not None and not isinstance(agent, str):
        raise InvalidInput("user_agent", "must be text")
    return agent_reason(agent or "")
