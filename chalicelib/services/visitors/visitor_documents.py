"""The document that counts for whoever is named, by way of a pointer where there is one."""

from dataclasses import dataclass

from chalicelib.domain.counting.settling import settle
from chalicelib.domain.definitions import Definitions
from chalicelib.domain.errors import Conflict, Refused, Unavailable
from chalicelib.domain.instant import Instant
from chalicelib.domain.visitors.identity import USER_MARK, hashed_id
from chalicelib.domain.visitors.merge import prolonged_pointer
from chalicelib.domain.visitors.visitor import Visitor, claim, prolong
from chalicelib.services.store import VisitorStore


@dataclass(frozen=True, slots=True)
class Found:
    """`named` is the document of the id itself, `visitor` the one that counts: mostly the same."""

    named: Visitor
    named_version: int
    visitor: Visitor
    version: int


def find(store: VisitorStore, visitor_id: str, now: Instant, signed: bool = True) -> Found:
    """Whoever an id stands for.

    Refused("claimed") when the id came without the signature that it had before,
    Refused("erased") when all that was known of it was erased.
    """
    named, version = store.load_visitor(visitor_id, now)
    if named.erased:
        raise Refused("erased")
    if named.claimed_at is not None and not signed:
        raise Refused("claimed")
    if named.belongs_to is None:
        return Found(named, version, named, version)
    visitor, its_version = store.load_visitor(named.belongs_to, now)
    if visitor.erased:
        raise Refused("erased")
    return Found(named, version, visitor, its_version)


def save(
    store: VisitorStore, definitions: Definitions, found: Found, changed: Visitor, now: Instant, signed: bool
) -> Visitor | None:
    """Write what became of the visitor that was found; None when there is nothing new to write.

    Conflict when somebody else wrote it meanwhile.
    """
    if signed and not changed.is_empty:
        changed = _as_linked(claim(changed, now), found.named)
    if changed.is_empty:
        return None
    changed = prolong(changed, now)
    if changed == found.visitor:
        return None
    store.save_visitor(settle(changed, definitions, now), found.version)
    _prolong_pointer(store, found, now)
    return changed


def _as_linked(visitor: Visitor, named: Visitor) -> Visitor:
    """A visitor that expired while its user's pointer did not is linked again."""
    if named.belongs_to is None or visitor.user_id is not None or not named.id.startswith(USER_MARK):
        return visitor
    return visitor._replace(user_id=hashed_id(named.id))


def _prolong_pointer(store: VisitorStore, found: Found, now: Instant) -> None:
    """After the visitor was written: that it cannot be prolonged now must not say that nothing was."""
    if found.named is found.visitor:
        return
    longer = prolonged_pointer(found.named, now)
    if longer is not found.named:
        try:
            store.save_visitor(longer, found.named_version)
        except (Conflict, Unavailable):
            return
