"""What is emitted to a tracker: checked at the door, and kept in a message until it is folded."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from zlib import crc32

from chalicelib.domain.errors import InvalidInput, LeansplitError, UnreadableDocument
from chalicelib.domain.instant import SECOND, Instant, is_usual, iso_at, parse_at
from chalicelib.domain.late import LATE_FROM_BROWSERS, LATE_FROM_SERVERS
from chalicelib.domain.name import checked_name, is_name
from chalicelib.domain.nesting import is_deep
from chalicelib.domain.tracking.tracker import BUILT_IN, Tracker, checked_object, is_object
from chalicelib.domain.values import scaled, unscaled

MAX_ENTRIES = 50
"""Entries of a message: as each may touch a counter of its own, one transaction must hold them."""

_FUTURE_MARGIN = 60 * SECOND
_LONGEST_KEPT = 2_000
_MOST_KEPT = 10**30
"""Far above what the door lets in, and so far below what a counter holds that sums stay exact."""

_LONGEST_AGE = 400 * 24 * 3600 * SECOND
_SIGNS = {"incr": 1, "decr": -1}
_PLAIN = re.compile(r"[+-]?\d+(\.\d+)?", re.ASCII)


class Malformed(LeansplitError):
    """An event that cannot be counted; `reason` is one word, `problem` says it to people."""

    def __init__(self, reason: str, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")
        self.reason = reason
        self.field = field
        self.problem = problem


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
    if not isinstance(fields, Mapping):
        raise Malformed("no_object", "event", "must be an object")
    if is_deep(fields):
        raise Malformed("too_deep", "event", "is nested too deeply")
    for key in ("tracker", "object", "field"):
        if key not in fields:
            raise Malformed("missing_key", key, "is missing")
    name = fields["tracker"]
    tracker = trackers.get(name) if isinstance(name, str) and name not in BUILT_IN else None
    if tracker is None:
        raise Malformed(
            "unknown_tracker",
            "tracker",
            f"no tracker {name[:64]!r}" if isinstance(name, str) else "must be a name",
        )
    entry = Entry(
        _object(fields["object"], tracker),
        _field(fields["field"], tracker),
        _instant(fields, now, server),
        _amount(fields),
    )
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


def _object(value: object, tracker: Tracker) -> str:
    try:
        return checked_object(value, "object", tracker.kind)
    except InvalidInput as error:
        raise Malformed("unknown_object", error.field, error.problem) from error


def _field(value: object, tracker: Tracker) -> str:
    try:
        name = checked_name(value, "field")
    except InvalidInput as error:
        raise Malformed("unknown_field", error.field, error.problem) from error
    if tracker.fields and name not in tracker.fields:
        raise Malformed("unknown_field", "field", f"{tracker.name!r} has no field {name!r}")
    return name


def _amount(fields: Mapping[str, Any]) -> int:
    op = fields.get("op", "incr")
    sign = _SIGNS.get(op) if isinstance(op, str) else None
    if sign is None:
        raise Malformed("unknown_op", "op", "must be incr or decr")
    value = fields.get("by", 1)
    if isinstance(value, str) and not _PLAIN.fullmatch(value):
        raise Malformed("no_number", "by", "must be a number")
    try:
        return sign * scaled(value, "by")
    except InvalidInput as error:
        raise Malformed("no_number", error.field, error.problem) from error


def _instant(fields: Mapping[str, Any], now: Instant, server: bool) -> Instant:
    if server and fields.get("at") is not None:
        try:
            at = parse_at(fields["at"])
        except InvalidInput as error:
            raise Malformed("bad_time", error.field, error.problem) from error
        if at > now + _FUTURE_MARGIN:
            raise Malformed("in_the_future", "at", "lies in the future")
        return at
    age = fields.get("age", 0)
    if isinstance(age, bool) or not isinstance(age, int | float) or not 0 <= age <= _LONGEST_AGE:
        raise Malformed("bad_time", "age", "must be a number of milliseconds, not negative")
    return now - int(age)
