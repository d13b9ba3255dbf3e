"""Take a batch of events into one visitor's document: one read, and at most one write."""

import random
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chalicelib.domain.counting import rules_of, settle
from chalicelib.domain.definitions import Definitions
from chalicelib.domain.errors import Conflict, Refused
from chalicelib.domain.event import Event, Source, apply
from chalicelib.domain.instant import Instant
from chalicelib.domain.visitor import Visitor, claim, prolong
from chalicelib.services.store import VisitorStore

_ATTEMPTS = 60


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
) -> Collected:
    """Apply the events in order; a refused one leaves the others alone, a repeated one changes nothing.

    `signed` says that the id came with our signature; Refused("claimed") when it did not although
    it did before. Conflict when too many others write the same document all the time.
    """
    for attempt in range(_ATTEMPTS):
        visitor, version = store.load_visitor(visitor_id, now)
        if visitor.claimed_at is not None and not signed:
            raise Refused("claimed")
        changed, refused = _applied(visitor, definitions, events, now, source)
        if signed and not changed.is_empty:
            changed = claim(changed, now)
        if changed.is_empty:
            return Collected(visitor, refused, written=False)
        changed = prolong(changed, now)
        if changed == visitor:
            return Collected(visitor, refused, written=False)
        try:
            store.save_visitor(settle(changed, rules_of(definitions), now), version)
        except Conflict:
            time.sleep(random.uniform(0, 0.002 * min(attempt + 1, 20)))
            continue
        return Collected(changed, refused, written=True)
    raise Conflict(f"visitor {visitor_id} was written by too many at once")


def _applied(
    visitor: Visitor, definitions: Definitions, events: Iterable[Event], now: Instant, source: Source
) -> tuple[Visitor, dict[int, str]]:
    refused = {}
    for index, event in enumerate(events):
        try:
            visitor = apply(event, visitor, definitions, now, source)
        except Refused as error:
            refused[index] = error.reason
    return visitor, refused
