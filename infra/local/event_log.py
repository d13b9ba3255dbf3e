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

from msgspec import UNSET, Struct, UnsetType

from chalicelib.domain.errors import InvalidInput
from chalicelib.domain.fields.exact import At, UserId
from chalicelib.domain.fields.reading import read
from chalicelib.domain.instant import Instant
from chalicelib.domain.visitors.event import Enrolled, Event
from chalicelib.domain.visitors.event_input import event_from
from chalicelib.web.http.bots import agent_reason


class LineInput(Struct, frozen=True, kw_only=True):
    """What every line says beside its event; without a `user_agent` it came from a server."""

    at: At
    visitor: Any = None
    user_agent: str | UnsetType | None = UNSET

    @property
    def bot(self) -> str | None:
        """Why the line does not count, or None."""
        return None if isinstance(self.user_agent, UnsetType) else agent_reason(self.user_agent or "")


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
    line = read(LineInput, fields)
    event = event_from({"id": _id(number, text), **fields}, line.at)
    experiment = event.experiment if isinstance(event, Enrolled) else ""
    return Line(number, line.at, _visitor(line.visitor), event, experiment, line.bot)


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
    """A user's id, which a log may hold as a whole number."""
    number = isinstance(value, int) and not isinstance(value, bool)
    return read(UserId, str(value) if number else value, "visitor")
