"""Take a batch of events into one visitor's document: one read, and at most one write."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chalicelib.domain.definitions import Definitions
from chalicelib.domain.errors import Conflict, Refused
from chalicelib.domain.instant import Instant
from chalicelib.domain.visitors.event import Event, Source, apply, within_limit
from chalicelib.domain.visitors.visitor import Confirmation, Visitor, confirm
from chalicelib.services.retry import attempts
from chalicelib.services.store import VisitorStore
from chalicelib.services.visitors.visitor_documents import Found, find, save


@dataclass(frozen=True, slots=True)
class Collected:
    """What became of a batch: the reason of each event that was refused, by its place."""

    visitor: Visitor
    refused: dict[int, str]
    written: bool

    @property
    def reasons(self) -> Counter[str]:
        """How many events were refused, by reason."""
        return Counter(self.refused.values())


def collect(
    store: VisitorStore,
    definitions: Definitions,
    visitor_id: str,
    events: Sequence[Event],
    now: Instant,
    source: Source,
    signed: bool = False,
    registered: bool = False,
) -> Collected:
    """Apply the events in order; a refused one leaves the others alone, a repeated one changes nothing.

    `signed` says that the id came with our signature; Refused as by `find`. An id that was joined
    to another counts for that one, which is the visitor of the answer. A `registered` user is human
    from the first event on that is taken. Conflict when too many
    others write the same document all the time.
    """
    for _ in attempts():
        found = find(store, visitor_id, now, signed)
        changed, refused = _applied(found, definitions, events, now, source, registered)
        if refused and changed is found.visitor:
            # Nothing was taken: whoever gets an error has changed nothing.
            return Collected(found.visitor, refused, False)
        try:
            written = save(store, definitions, found, changed, now, signed)
        except Conflict:
            continue
        return Collected(found.visitor if written is None else written, refused, written is not None)
    raise Conflict(f"visitor {visitor_id} was written by too many at once")


def _applied(
    found: Found,
    definitions: Definitions,
    events: Iterable[Event],
    now: Instant,
    source: Source,
    registered: bool,
) -> tuple[Visitor, dict[int, str]]:
    visitor, refused = found.visitor, {}
    for index, event in enumerate(events):
        limited = within_limit(event, definitions)
        if limited is not event:
            refused[index] = "over_max_value"
        try:
            changed = apply(limited, visitor, definitions, now, source, found.named.id)
        except Refused as error:
            refused[index] = error.reason
            continue
        if registered and changed is not visitor:
            changed = confirm(changed, Confirmation(event.at, event.id))
        visitor = changed
    return visitor, refused
