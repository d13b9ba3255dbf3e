"""What is emitted to a tracker: checked at the door, and kept in a message until it is folded."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast
from zlib import crc32

from msgspec import Struct

from chalicelib.domain.errors import InvalidInput, LeansplitError, UnreadableDocument
from chalicelib.domain.fields.exact import Age, Amount, At, ObjectId
from chalicelib.domain.fields.reading import read
from chalicelib.domain.fields.text import Name, is_name
from chalicelib.domain.instant import SECOND, Instant, is_usual, iso_at
from chalicelib.domain.late import LATE_FROM_BROWSERS, LATE_FROM_SERVERS
from chalicelib.domain.nesting import is_deep
from chalicelib.domain.tracking.tracker import BUILT_IN, Tracker, checked_object, is_object
from chalicelib.domain.values import VALUE_SCALE, unscaled

MAX_ENTRIES = 50
"""Entries of a message: as each may touch a counter of its own, one transaction must hold them."""

_FUTURE_MARGIN = 60 * SECOND
_LONGEST_KEPT = 2_000
_MOST_KEPT = 10**30
"""Far above what the door lets in, and so far below what a counter holds that sums stay exact."""

_SIGNS = {"incr": 1, "decr": -1}


class Malformed(LeansplitError):
    """An event that cannot be counted; `reason` is one word, `problem` says it to people."""

    def __init__(self, reason: str, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")
        self.reason = reason
        self.field = field
        self.problem = problem


class BrowserEmitInput(Struct, frozen=True, kw_only=True):
    """What a browser emits; keys that are not known are dropped."""

    tracker: str
    object: ObjectId
    field: Name
    op: Literal["incr", "decr"] = "incr"
    by: Amount = cast(Amount, VALUE_SCALE)
    age: Age = cast(Age, 0)


class EmitInput(BrowserEmitInput, frozen=True, kw_only=True):
    """A server may say when it was in place of how long ago."""

    at: At | None = None


_REASONS = {
    "tracker": "unknown_tracker",
    "object": "unknown_object",
    "field": "unknown_field",
    "op": "unknown_op",
    "by": "no_number",
    "age": "bad_time",
    "at": "bad_time",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """`amount` in ten-thousandths, signed; `at` decides the bucket."""

    object: str
    field: str
    at: Instant
    amount: int


@dataclass(frozen=True, slots=True)
class Emit:
    """An entry with the tracker that it is for."""

    tracker: str
    entry: Entry


@dataclass(frozen=True, slots=True)
class Message:
    """What one request appended for one tracker, under a key that sorts by the time of appending.

    `unreadable` is what lies there when it is no list of entries.
    """

    tracker: str
    lane: int
    key: str
    entries: tuple[Entry, ...]
    unreadable: str | None = None


def message_key(appended_at: Instant, message_id: str) -> str:
    """A key that sorts by time."""
    return f"{appended_at:013d}#{message_id}"


def emit_from(
    fields: object, trackers: Mapping[str, Tracker], now: Instant, server: bool, any_age: bool = False
) -> Emit:
    """The event of its JSON form, by a tracker's rules; Malformed says what is wrong with it.

    `{"tracker", "object", "field", "op": "incr"|"decr", "by": 1, "age": milliseconds}`; a server
    may give `at` in place of the age. What may emit to a tracker is not looked at here.
    """
    if not isinstance(fields, dict):
        raise Malformed("no_object", "event", "must be an object")
    if is_deep(fields):
        raise Malformed("too_deep", "event", "is nested too deeply")
    for key in ("tracker", "object", "field"):
        if key not in fields:
            raise Malformed("missing_key", key, "is missing")
    tracker = _tracker(fields["tracker"], trackers)
    try:
        entry = _entry(read(EmitInput if server else BrowserEmitInput, fields), tracker, now)
    except InvalidInput as error:
        raise Malformed(_REASONS[error.field], error.field, error.problem) from error
    if not any_age and entry.at < now - (LATE_FROM_SERVERS if server else LATE_FROM_BROWSERS):
        raise Malformed("too_old", "age", "is older than what is still taken")
    return Emit(tracker.name, entry)


def takes(tracker: Tracker, entry: Entry, declared: frozenset[str]) -> str | None:
    """The reason why a tracker, as it is now, does not count an entry; None when it does."""
    if not is_usual(entry.at):
        return "bad_time"
    if abs(entry.amount) > _MOST_KEPT:
        return "no_number"
    if not is_name(entry.field) or (tracker.fields and entry.field not in tracker.fields):
        return "unknown_field"
    if not is_object(entry.object, tracker.kind):
        return "unknown_object"
    if tracker.declared_only and entry.object not in declared:
        return "unknown_object"
    return None


def messages_of(emits: Iterable[Emit], trackers: Mapping[str, Tracker], key: str) -> list[Message]:
    """One message for each tracker, or several of MAX_ENTRIES; `key` must be new, and picks the lanes."""
    by_tracker: dict[str, list[Entry]] = {}
    for emit in emits:
        by_tracker.setdefault(emit.tracker, []).append(emit.entry)
    lane = crc32(key.encode())
    return [
        Message(
            name,
            (lane + first) % trackers[name].lanes,
            f"{key}-{first}",
            tuple(entries[first : first + MAX_ENTRIES]),
        )
        for name, entries in by_tracker.items()
        for first in range(0, len(entries), MAX_ENTRIES)
    ]


def body_of(entries: Iterable[Entry]) -> str:
    """Entries as they are stored: `[[object, field, at, amount], …]`."""
    rows = [[each.object, each.field, each.at, each.amount] for each in entries]
    return json.dumps(rows, separators=(",", ":"), ensure_ascii=False)


def message_of(tracker: str, lane: int, key: str, body: str) -> Message:
    """The message of what lies in a lane."""
    try:
        return Message(tracker, lane, key, entries_of(body))
    except UnreadableDocument:
        return Message(tracker, lane, key, (), unreadable=body[:_LONGEST_KEPT])


def entries_of(body: str) -> tuple[Entry, ...]:
    """The entries of a stored body; UnreadableDocument when it is none."""
    try:
        entries = tuple([Entry(*row) for row in json.loads(body)])
        valid = all(
            [isinstance(each.object, str) and isinstance(each.field, str) for each in entries]
            + [isinstance(each.at, int) and isinstance(each.amount, int) for each in entries]
        )
    except (ValueError, TypeError, RecursionError) as error:
        raise UnreadableDocument("no list of entries") from error
    if not valid:
        raise UnreadableDocument("an entry of other types")
    return entries


def event_of(tracker: str, entry: Entry) -> dict[str, Any]:
    """The JSON form of an entry, as a server would have sent it."""
    return {
        "tracker": tracker,
        "object": entry.object,
        "field": entry.field,
        "op": "decr" if entry.amount < 0 else "incr",
        "by": unscaled(abs(entry.amount)),
        "at": iso_at(entry.at) if is_usual(entry.at) else entry.at,
    }


def _tracker(name: object, trackers: Mapping[str, Tracker]) -> Tracker:
    tracker = trackers.get(name) if isinstance(name, str) and name not in BUILT_IN else None
    if tracker is None:
        problem = f"no tracker {name[:64]!r}" if isinstance(name, str) else "must be a name"
        raise Malformed("unknown_tracker", "tracker", problem)
    return tracker


def _entry(written: BrowserEmitInput, tracker: Tracker, now: Instant) -> Entry:
    name = checked_object(written.object, "object", tracker.kind)
    if tracker.fields and written.field not in tracker.fields:
        raise Malformed("unknown_field", "field", f"{tracker.name!r} has no field {written.field!r}")
    return Entry(name, written.field, _instant(written, now), _SIGNS[written.op] * written.by)


def _instant(written: BrowserEmitInput, now: Instant) -> Instant:
    if not isinstance(written, EmitInput) or written.at is None:
        return now - written.age
    if written.at > now + _FUTURE_MARGIN:
        raise Malformed("in_the_future", "at", "lies in the future")
    return written.at
