"""Erase what is known of a person, in every document that counts for it."""

from chalicelib.domain.errors import Conflict, NotFound
from chalicelib.domain.identity import USER_MARK, own_id
from chalicelib.domain.instant import Instant
from chalicelib.domain.merge import tombstone
from chalicelib.domain.visitor import Visitor
from chalicelib.services.identify import Store
from chalicelib.services.retry import attempts

_TOGETHER = 90


def erase(store: Store, visitor_id: str, now: Instant) -> int:
    """Erase a person by any of its ids: how many documents there were. NotFound when there was none.

    Of a visitor's document stays that its id is spent, so that a cookie cannot bring it back; a
    user's own id goes altogether, since it names the user. Again is harmless.
    """
    for _ in attempts():
        documents = _documents(store, visitor_id, now)
        try:
            for first in range(0, len(documents), _TOGETHER):
                _write(store, documents[first : first + _TOGETHER], now)
        except Conflict:
            continue
        store.remove_aliases(documents[-1][0].id)
        return len(documents)
    raise Conflict(f"visitor {visitor_id} was written by too many at once")


def _documents(store: Store, visitor_id: str, now: Instant) -> list[tuple[Visitor, int]]:
    """All of a person's, the one that counts last: until it is gone the others can be found."""
    named, version = store.load_visitor(visitor_id, now)
    if version == 0 or named.erased:
        raise NotFound("visitor", visitor_id)
    found = {named.id: (named, version)}
    canonical = named
    if named.belongs_to is not None:
        canonical, version = store.load_visitor(named.belongs_to, now)
    others = store.aliases(canonical.id)
    if canonical.user_id is not None:
        others.append(own_id(canonical.user_id))
    for each in others:
        other, its_version = store.load_visitor(each, now)
        if other.belongs_to == canonical.id:
            found[each] = (other, its_version)
    found.pop(canonical.id, None)
    return [*found.values(), (canonical, version)]


def _write(store: Store, documents: list[tuple[Visitor, int]], now: Instant) -> None:
    named = {visitor.id: version for visitor, version in documents if visitor.id.startswith(USER_MARK)}
    spent = [
        (tombstone(visitor.id, now), version)
        for visitor, version in documents
        if not visitor.id.startswith(USER_MARK)
    ]
    store.save_visitors(spent, named)
