"""Erase what is known of a person, in every document that counts for it and in what jobs say of it."""

from collections.abc import Sequence
from typing import Protocol

from chalicelib.domain.errors import Conflict, NotFound, UnreadableDocument
from chalicelib.domain.identity import USER_MARK, own_id
from chalicelib.domain.instant import Instant
from chalicelib.domain.merge import tombstone
from chalicelib.domain.visitor import Visitor
from chalicelib.services import jobs
from chalicelib.services.retry import attempts
from chalicelib.services.store import AliasStore, JobStore, VisitorStore

_TOGETHER = 90

Erased = int | NotFound | Conflict
"""How many documents there were, or why none was erased."""

_Versioned = tuple[Visitor, int]


class Store(VisitorStore, AliasStore, JobStore, Protocol):
    """What an erasure needs of a store."""


def erase(store: Store, visitor_id: str, now: Instant) -> int:
    """Erase a person by any of its ids: how many documents there were. NotFound when there was none.

    Of a visitor's document stays that its id is spent, so that a cookie cannot bring it back; a
    user's own id goes altogether, since it names the user. Again is harmless.
    """
    (found,) = erase_all(store, [visitor_id], now)
    if isinstance(found, Exception):
        raise found
    return found


def erase_all(store: Store, visitor_ids: Sequence[str], now: Instant) -> list[Erased]:
    """The same for several persons, one after the other; what `erase` would raise is in its place."""
    gone, found = set(visitor_ids), list[Erased]()
    for visitor_id in visitor_ids:
        try:
            ids = _erased(store, visitor_id, now)
        except (NotFound, Conflict) as problem:
            found.append(problem)
        else:
            gone |= ids
            found.append(len(ids))
    jobs.forget(store, gone)
    return found


def _erased(store: Store, visitor_id: str, now: Instant) -> set[str]:
    for _ in attempts():
        documents = _documents(store, visitor_id, now)
        try:
            _write_all(store, documents, now)
        except Conflict:
            continue
        store.remove_aliases(documents[-1][0].id)
        return {visitor.id for visitor, _ in documents}
    raise Conflict(f"visitor {visitor_id} was written by too many at once")


def _documents(store: Store, visitor_id: str, now: Instant) -> list[_Versioned]:
    """All of a person's: those last by which the others are found, as long as they are there."""
    named, version = _load(store, visitor_id, now)
    if version == 0 or named.erased:
        raise NotFound("visitor", visitor_id)
    canonical = named
    if named.belongs_to is not None:
        canonical, version = _load(store, named.belongs_to, now)
    own = set() if canonical.user_id is None else {own_id(canonical.user_id)}
    ids = {visitor_id, *own, *store.aliases(canonical.id)} - {canonical.id}
    leading = sorted(each for each in ids if each == visitor_id or each.startswith(USER_MARK))
    found = [_load(store, each, now) for each in [*sorted(ids - {*leading}), *leading]]
    return [each for each in found if each[0].belongs_to == canonical.id] + [(canonical, version)]


def _load(store: VisitorStore, visitor_id: str, now: Instant) -> _Versioned:
    """What cannot be read can be erased all the same, alone."""
    try:
        return store.load_visitor(visitor_id, now)
    except UnreadableDocument as error:
        return Visitor(visitor_id), error.version


def _write_all(store: VisitorStore, documents: list[_Versioned], now: Instant) -> None:
    """From the first on, and the last ones all together: an erasure that is cut short can be repeated."""
    first = len(documents) % _TOGETHER
    for start in range(first - _TOGETHER if first else 0, len(documents), _TOGETHER):
        _write(store, documents[max(start, 0) : start + _TOGETHER], now)


def _write(store: VisitorStore, documents: list[_Versioned], now: Instant) -> None:
    named = {visitor.id: version for visitor, version in documents if visitor.id.startswith(USER_MARK)}
    spent = [
        (tombstone(visitor.id, now), version)
        for visitor, version in documents
        if not visitor.id.startswith(USER_MARK)
    ]
    store.save_visitors(spent, named)
