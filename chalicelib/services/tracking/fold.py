"""Fold what waits in the lanes into the counters.

Kill it between any two calls, or run many at once: a transaction takes each message away and adds
it up, all or nothing, so the counters are right whatever happens. The lease of a lane only keeps
folders from getting into each other's way.
"""

import random
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from chalicelib.domain.errors import Conflict
from chalicelib.domain.instant import SECOND, Instant
from chalicelib.domain.tracking.fold_plan import Batch, plan
from chalicelib.domain.tracking.increment import Message
from chalicelib.domain.tracking.tracker import Tracker
from chalicelib.services.tracking_store import LaneStore, TrackedStore

GRACE = 30 * SECOND
"""The scheduled job leaves younger messages: a request may still be repeating its append."""

LEASE = 60 * SECOND
_PAGE = 99
_ATTEMPTS = 30
_MARGIN = 5 * SECOND


class Store(LaneStore, TrackedStore, Protocol):
    """What folding needs of a store."""


@dataclass(frozen=True, slots=True)
class Folded:
    """How many events of how many messages were counted, and how many were set aside."""

    messages: int = 0
    events: int = 0
    set_aside: int = 0
    transactions: int = 0

    def __add__(self, other: "Folded") -> "Folded":
        return Folded(
            self.messages + other.messages,
            self.events + other.events,
            self.set_aside + other.set_aside,
            self.transactions + other.transactions,
        )


@dataclass(frozen=True, slots=True)
class Folder:
    """One run: `owner` is unique to it, `remaining` gives the milliseconds that are left to it.

    With `wait` it waits for lanes that others hold, and Conflict when they do not let go.
    """

    store: Store
    clock: Callable[[], Instant]
    owner: str
    remaining: Callable[[], int] = lambda: 1 << 62
    sleep: Callable[[float], None] = time.sleep
    wait: bool = False


def fold(folder: Folder, trackers: Iterable[Tracker], before: Instant, most: int | None = None) -> Folded:
    """Fold messages that were appended before an instant, of all lanes, `most` at the most."""
    total = Folded()
    lanes = [(tracker, lane) for tracker in trackers for lane in range(tracker.lanes)]
    # In another order every time: a lane that takes all of a run's time keeps no other waiting for good.
    random.shuffle(lanes)
    for tracker, lane in lanes:
        left = None if most is None else most - total.messages
        total += _fold_lane(folder, tracker, lane, before, left)
    return total


def fold_until(
    store: Store, trackers: Iterable[Tracker], clock: Callable[[], Instant], owner: str, cut: Instant
) -> Folded:
    """Everything that was appended up to and with an instant, waiting for lanes that others hold."""
    return fold(Folder(store, clock, owner, wait=True), trackers, cut + 1)


def waiting(store: LaneStore, trackers: Iterable[Tracker], before: Instant) -> int:
    """How many lanes hold a message that was appended before an instant."""
    lanes = [(tracker.name, lane) for tracker in trackers for lane in range(tracker.lanes)]
    return sum(bool(store.pending(name, lane, before, 1)) for name, lane in lanes)


def _fold_lane(folder: Folder, tracker: Tracker, lane: int, before: Instant, most: int | None) -> Folded:
    total, attempts = Folded(), 0
    while folder.remaining() > _MARGIN:
        limit = _PAGE if most is None else min(_PAGE, most - total.messages)
        messages = folder.store.pending(tracker.name, lane, before, limit) if limit > 0 else []
        if not messages or not _hold(folder, tracker, lane):
            break
        batch = plan(tracker, messages, _declared(folder.store, tracker, messages), folder.clock())
        try:
            folder.store.apply(tracker, batch)
        except Conflict:
            attempts += 1
            if attempts >= _ATTEMPTS:
                raise
            folder.sleep(random.uniform(0, 0.01 * attempts))
        else:
            total += _folded(batch)
            attempts = 0
    if total.transactions:
        folder.store.release(tracker.name, lane, folder.owner)
    return total


def _hold(folder: Folder, tracker: Tracker, lane: int) -> bool:
    given_up_at = folder.clock() + 2 * LEASE
    while not folder.store.lease(tracker.name, lane, folder.owner, folder.clock(), folder.clock() + LEASE):
        if not folder.wait:
            return False
        if folder.clock() > given_up_at:
            raise Conflict(f"lane {lane} of {tracker.name} is held by another folder")
        folder.sleep(0.5)
    return True


def _declared(store: TrackedStore, tracker: Tracker, messages: Iterable[Message]) -> frozenset[str]:
    if not tracker.declared_only:
        return frozenset()
    named = {entry.object for message in messages for entry in message.entries}
    return frozenset(store.tracked(tracker.name, named))


def _folded(batch: Batch) -> Folded:
    return Folded(len(batch.messages), batch.events, len(batch.aside), 1)
