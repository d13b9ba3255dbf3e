"""The visitor's document as text: one compact JSON body, this is format 2.

{"v": 2, "c": claimed at, "h": [human at, event], "u": user id, "p": whom it belongs to, "x": erased,
 "e": {experiment: [variation, phase, enrolled at, event, [other seen at, event]?]},
 "g": the goals of the facts, "f": [[event, at, number of the goal, value?]],
 "b": {goal: [past, ...]}}

A past fact without a value is how long it came after the one before it in the list, as all instants
of the list; otherwise it is [that, value, times?, last value?].

msgspec reads it, straight into the visitor's own parts: a recount reads millions of them.
"""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, NamedTuple

import msgspec

from chalicelib.domain.errors import UnreadableDocument
from chalicelib.domain.instant import LAST
from chalicelib.domain.visitors.visitor import Confirmation, Enrollment, Fact, Past, Visitor
from chalicelib.services.store import Page

FORMAT = 2
MAX_BYTES = 100_000

_Instant = Annotated[int, msgspec.Meta(ge=0, lt=LAST)]
"""None outside of 1970 to 2200 was ever written by us: there may be no date for it."""


class _FactRow(NamedTuple):
    event: str
    at: _Instant
    goal: int
    value: int | None = None


class _Body(msgspec.Struct, frozen=True):
    v: int
    c: _Instant | None = None
    h: Confirmation | None = None
    u: str | None = None
    p: str | None = None
    x: bool = False
    e: dict[str, Enrollment] = {}
    g: list[str] = []
    f: list[_FactRow] = []
    b: dict[str, list[int | Past]] = {}


_read = msgspec.json.Decoder(_Body).decode
_write = msgspec.json.Encoder().encode


def body_of(visitor: Visitor) -> str:
    """The document's body; what is empty is left out."""
    goals = list(dict.fromkeys(fact.goal for fact in visitor.facts))
    parts = {
        "v": FORMAT,
        "c": visitor.claimed_at,
        "h": visitor.human,
        "u": visitor.user_id,
        "p": visitor.belongs_to,
        "x": visitor.erased or None,
        "e": {name: _without_empty_end(place) for name, place in visitor.enrollments.items()},
        "g": goals,
        "f": [_without_empty_end((*fact[:2], goals.index(fact.goal), fact.value)) for fact in visitor.facts],
        "b": {goal: _past_rows(rows) for goal, rows in visitor.past.items()},
    }
    return _write({key: part for key, part in parts.items() if part not in (None, {}, [])}).decode()


def visitor_of(visitor_id: str, body: str, expires_at: int = 0) -> Visitor:
    """The visitor of a body; UnreadableDocument when it is not of this format."""
    try:
        parts = _read(body)
        goals = parts.g
        facts = tuple([Fact(event, at, goals[goal], value) for event, at, goal, value in parts.f])
    except (msgspec.DecodeError, LookupError) as error:
        raise UnreadableDocument(_problem(body, error)) from error
    if parts.v != FORMAT:
        raise UnreadableDocument(_problem(body, None))
    past = {goal: _past_of(rows) for goal, rows in parts.b.items()}
    if not _plausible(parts, past):
        raise UnreadableDocument(f"format {FORMAT}: an instant outside of 1970 to 2200")
    return Visitor(
        visitor_id,
        parts.c,
        parts.h,
        parts.u,
        parts.e,
        facts,
        expires_at,
        parts.p,
        parts.x,
        past,
    )


def loaded(visitor_id: str, body: str, expires_at: int, version: int) -> Visitor:
    """The same; an UnreadableDocument tells its version."""
    try:
        return visitor_of(visitor_id, body, expires_at)
    except UnreadableDocument as error:
        raise UnreadableDocument(str(error), version) from error


def page_of(documents: Iterable[tuple[str, str]], following: str | None) -> Page:
    """A page of (visitor id, body): those that cannot be read stand aside."""
    visitors, unreadable = [], []
    for visitor_id, body in documents:
        try:
            visitors.append(visitor_of(visitor_id, body))
        except UnreadableDocument as error:
            unreadable.append((visitor_id, str(error)))
    return Page(visitors, unreadable, following)


def _plausible(parts: _Body, past: Mapping[str, tuple[Past, ...]]) -> bool:
    """Whether every instant that msgspec did not look at lies where ours do."""
    human = parts.h
    if human is not None and not 0 <= human[0] < LAST:
        return False
    for _, _, enrolled_at, _, other in parts.e.values():
        if not 0 <= enrolled_at < LAST or (other is not None and not 0 <= other[0] < LAST):
            return False
    return not past or all([0 <= row[0] < LAST for rows in past.values() for row in rows])


def _problem(body: str, error: Exception | None) -> str:
    """Without what the document holds, so that equal faults count as one."""
    try:
        written: Any = msgspec.json.decode(body)["v"]
    except (msgspec.DecodeError, LookupError, TypeError):
        return "not a document"
    return f"format {written!r} is not known" if written != FORMAT else f"format {FORMAT}: {error}"


def _without_empty_end(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return row if row[-1] is not None else row[:-1]


def _past_rows(rows: Iterable[Past]) -> list[Any]:
    written: list[Any] = []
    before = 0
    for at, value, times, last in rows:
        row: tuple[Any, ...] = (at - before, value, times, last)
        if last is None:
            row = row[:3] if times > 1 else row[:2]
        written.append(row[0] if row[1:] == (None,) else row)
        before = at
    return written


def _past_of(rows: Iterable[int | Past]) -> tuple[Past, ...]:
    found = []
    at = 0
    for row in rows:
        past = Past(row) if isinstance(row, int) else row
        at += past.at
        found.append(past._replace(at=at))
    return tuple(found)
