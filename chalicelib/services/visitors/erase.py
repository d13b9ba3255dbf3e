"""Erase what is known of a person, in every document that counts for it and in what jobs say of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from chalicelib.domain.errors import Conflict, NotFound, Unavailable, UnreadableDocument
from chalicelib.domain.instant import Instant
from chalicelib.domain.visitors.identity import USER_MARK, own_id
from chalicelib.domain.visitors.merge import tombstone
from chalicelib.domain.visitors.visitor import Visitor
from chalicelib.services import jobs
from chalicelib.services.retry import attempts
from chalicelib.services.store import AliasStore, JobStore, VisitorStore

_TOGETHER = 90

Erased = int | NotFound | Conflict | Unavailable
"""How many documents there were, or why none was erased."""


class Store(VisitorStore, AliasStore, JobStore, Protocol):
    """What an erasure needs of a store."""


@dataclass(frozen=True, slots=True)
class _Person:
    """The versions of all documents of a person, by id.

    `leading` are the canonical one and those that are found without a list of devices: as long as
    they are there the same request finds `others` again. `spent` were erased by an earlier one.
    """

    canonical_id: str
    leading: Mapping[str, int]
    others: Mapping[str, int]
    spent: frozenset[str]
    aliases: frozenset[str]

    @property
    def ids(self) -> set[str]:
        """Under which jobs may speak of the person."""
        return {*self.leading, *self.others, *self.spent}


def erase(store: Store, visitor_id: str, now: Instant) -> int:
    """Erase a person by any of its ids: how many documents there were. NotFound when there was none.

    Of a visitor's document stays that its id is spent, so that a cookie cannot bring it back; a
    user's own id goes altogether, since it names the user. Again is harmless, and completes what
    was cut short.
    """
    (found,) = erase_all(store, [visitor_id], now)
    if isinstance(found, Exception):
        raise found
    return found


def erase_all(store: Store, visitor_ids: Sequence[str], now: Instant) -> list[Erased]:
    """The same for several persons, one after the other; what `erase` would raise is in its place.

    Jobs forget them before, since nobody could be found by a repeated request afterwards, and again
    afterwards, for what was written meanwhile.
    """
    people = [_looked_up(store, visitor_id, now) for visitor_id in visitor_ids]
    gone = set(visitor_ids).union(*(person.ids for person in people if isinstance(person, _Person)))
    jobs.forget(store, gone)
    found = list[Erased]()
    try:
        for visitor_id, person in zip(visitor_ids, people, strict=True):
            found.append(_count(store, visitor_id, person, gone, now))
    finally:
        jobs.forget(store, gone)
    return found


def _looked_up(store: Store, visitor_id: str, now: Instant) -> _Person | Unavailable | None:
    try:
        return _person(store, visitor_id, now)
    except Unavailable as problem:
        return problem


def _count(
    store: Store, visitor_id: str, person: _Person | Unavailable | None, gone: set[str], now: Instant
) -> Erased:
    if isinstance(person, Unavailable):
        return person
    erased = set[str]()
    try:
        _erase(store, visitor_id, person, erased, now)
    except (NotFound, Conflict, Unavailable) as problem:
        return problem
    finally:
        gone |= erased
    return len(erased)


def _erase(store: Store, visitor_id: str, person: _Person | None, erased: set[str], now: Instant) -> None:
    """Again with what is there then, when anybody writes meanwhile; `erased` gathers what is gone."""
    for _ in attempts():
        if person is None and not erased:
            raise NotFound("visitor", visitor_id)
        if person is None or _is_written(store, person, erased, now):
            return
        person = _person(store, visitor_id, now)
    raise Conflict(f"visitor {visitor_id} was written by too many at once")


def _person(store: Store, visitor_id: str, now: Instant) -> _Person | None:
    """None when nothing is known of it any more."""
    named, version = _load(store, visitor_id, now)
    if version == 0 or named.erased:
        return None
    canonical = named
    if named.belongs_to is not None:
        canonical, version = _load(store, named.belongs_to, now)
    known = {visitor_id} if canonical.user_id is None else {visitor_id, own_id(canonical.user_id)}
    aliases = frozenset(store.aliases(canonical.id))
    found = [_load(store, each, now, canonical.id) for each in sorted({*known, *aliases} - {canonical.id})]
    versions = {visitor.id: each for visitor, each in found if visitor.belongs_to == canonical.id}
    return _Person(
        canonical.id,
        {canonical.id: version} | {each: versions.pop(each) for each in known & {*versions}},
        versions,
        frozenset(visitor.id for visitor, _ in found if visitor.erased),
        aliases,
    )


def _load(
    store: VisitorStore, visitor_id: str, now: Instant, belongs_to: str | None = None
) -> tuple[Visitor, int]:
    """What cannot be read can be erased all the same: with whom it is known to belong to, or alone."""
    try:
        return store.load_visitor(visitor_id, now)
    except UnreadableDocument as error:
        return Visitor(visitor_id, belongs_to=belongs_to), error.version


def _is_written(store: Store, person: _Person, erased: set[str], now: Instant) -> bool:
    """The leading ones together and last; aliases before them, but only of ids that no login can
    make an alias again without writing the canonical document too."""
    others = list(person.others.items())
    try:
        for start in range(0, len(others), _TOGETHER):
            _write(store, dict(others[start : start + _TOGETHER]), erased, now)
        store.remove_aliases(person.canonical_id, person.aliases & person.ids)
        _write(store, person.leading, erased, now)
    except Conflict:
        return False
    store.remove_aliases(person.canonical_id, person.aliases - person.ids)
    return True


def _write(store: VisitorStore, versions: Mapping[str, int], erased: set[str], now: Instant) -> None:
    named = {each: version for each, version in versions.items() if each.startswith(USER_MARK)}
    spent = [(tombstone(each, now), version) for each, version in versions.items() if each not in named]
    store.save_visitors(spent, named)
    erased.update(versions)
