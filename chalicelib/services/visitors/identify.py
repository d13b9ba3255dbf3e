"""A login: join the anonymous visitor of a token to a user, once and for all devices."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from chalicelib.domain.counting.settling import settle
from chalicelib.domain.definitions import Definitions
from chalicelib.domain.errors import Conflict
from chalicelib.domain.instant import Instant
from chalicelib.domain.visitors.identity import own_id, user_of
from chalicelib.domain.visitors.merge import merge, pointer, prolonged_pointer
from chalicelib.domain.visitors.visitor import Confirmation, Visitor, claim, confirm, prolong
from chalicelib.services.retry import attempts
from chalicelib.services.store import AliasStore, VisitorStore


class Outcome(StrEnum):
    """`linked`: the user's first visitor. `joined`: moved into the user's visitor. `known`: it was
    so before. `other_user`: the visitor is somebody else, and this user keeps to an own one."""

    LINKED = "linked"
    JOINED = "joined"
    KNOWN = "known"
    OTHER_USER = "other_user"


@dataclass(frozen=True, slots=True)
class Identified:
    """`visitor_id` is the one that stands for the user on every device."""

    visitor_id: str
    outcome: Outcome


class Store(VisitorStore, AliasStore, Protocol):
    """What a login needs of a store."""


@dataclass(frozen=True, slots=True)
class _Login:
    """The documents as they were read, with their versions."""

    user: Visitor
    user_version: int
    canonical: Visitor
    canonical_version: int
    visitor: Visitor
    visitor_version: int


def identify(
    store: Store,
    definitions: Definitions,
    visitor_id: str,
    user_id: str,
    confirmation: Confirmation,
    now: Instant,
) -> Identified:
    """Join a visitor, whose token was checked before, to a user; again changes nothing.

    The first visitor of a user stands for that user from then on; what others hold moves into it
    and they become pointers. A visitor of another user is left alone.
    """
    for _ in attempts():
        login = _read(store, visitor_id, user_id, now)
        outcome = _outcome(login, user_id)
        try:
            return _write(store, definitions, login, outcome, user_id, confirmation, now)
        except Conflict:
            continue
    raise Conflict(f"visitor {visitor_id} was written by too many at once")


def _read(store: VisitorStore, visitor_id: str, user_id: str, now: Instant) -> _Login:
    user, user_version = store.load_visitor(own_id(user_id), now)
    canonical, canonical_version = user, user_version
    if user.belongs_to is not None:
        canonical, canonical_version = store.load_visitor(user.belongs_to, now)
        if canonical.erased:
            # The user's own document went in the same write; if not, it points nowhere and is written anew.
            user = canonical = Visitor(user.id)
            canonical_version = user_version
    visitor, visitor_version = store.load_visitor(visitor_id, now)
    return _Login(user, user_version, canonical, canonical_version, visitor, visitor_version)


def _outcome(login: _Login, user_id: str) -> Outcome:
    visitor, canonical = login.visitor, login.canonical
    if canonical.id in (visitor.id, visitor.belongs_to):
        return Outcome.KNOWN
    if visitor.erased or visitor.belongs_to or user_of(visitor.id, visitor.user_id) not in (None, user_id):
        return Outcome.OTHER_USER
    if login.user.belongs_to is None and login.user.is_empty:
        return Outcome.LINKED
    return Outcome.JOINED


def _write(
    store: Store,
    definitions: Definitions,
    login: _Login,
    outcome: Outcome,
    user_id: str,
    confirmation: Confirmation,
    now: Instant,
) -> Identified:
    """A pointer only ever together with what it points to, so that no erasure can miss it."""
    canonical, version = login.canonical, login.canonical_version
    before = canonical
    pointers = _used(login, now)
    if outcome is Outcome.LINKED:
        canonical, version = login.visitor, login.visitor_version
        before = canonical
        pointers = [(pointer(login.user.id, canonical.id, now), login.user_version)]
    elif outcome is Outcome.JOINED:
        canonical = merge(canonical, login.visitor)
        pointers += [(pointer(login.visitor.id, canonical.id, now), login.visitor_version)]
    canonical = _as_user(canonical, user_id, confirmation, now)
    if pointers or canonical != before:
        store.save_visitors([*pointers, (settle(canonical, definitions, now), version)], {})
    return Identified(canonical.id, outcome)


def _used(login: _Login, now: Instant) -> list[tuple[Visitor, int]]:
    """The pointers on the way, where their life must be prolonged."""
    found = {login.user.id: (login.user, login.user_version)}
    found[login.visitor.id] = (login.visitor, login.visitor_version)
    on_the_way = [each for each in found.values() if each[0].belongs_to == login.canonical.id]
    longer = [(prolonged_pointer(each, now), version) for each, version in on_the_way]
    return [
        (after, version)
        for (after, version), (before, _) in zip(longer, on_the_way, strict=True)
        if after is not before
    ]


def _as_user(visitor: Visitor, user_id: str, confirmation: Confirmation, now: Instant) -> Visitor:
    """Who logged in is human, is known signed from now on, and is this user."""
    changed = confirm(claim(visitor, now), confirmation)
    if visitor.user_id is None and visitor.id != own_id(user_id):
        changed = changed._replace(user_id=user_id)
    return prolong(changed, now)
