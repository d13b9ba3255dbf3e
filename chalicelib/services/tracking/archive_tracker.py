"""Archive, restore and delete trackers."""

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from chalicelib.domain.errors import Refusal
from chalicelib.domain.instant import DAY, Instant, day_of
from chalicelib.domain.late import LATE_FROM_SERVERS
from chalicelib.domain.tracking.tracker import NO_DAYS, Tracker
from chalicelib.services.tracking.manage_trackers import own
from chalicelib.services.tracking_store import AsideStore, CounterStore, LaneStore, TrackedStore, TrackerStore

MOST_DAYS = 400
"""How many days are searched for counters while somebody waits for the answer."""


class Store(TrackerStore, CounterStore, LaneStore, TrackedStore, AsideStore, Protocol):
    """What deleting needs of a store."""


def archive_tracker(store: TrackerStore, name: str, now: Instant) -> Tracker:
    """Archive a tracker: it accepts no more events, and its counters stay. Idempotent."""
    return _with_archived_at(store, name, lambda at: now if at is None else at)


def restore_tracker(store: TrackerStore, name: str) -> Tracker:
    """Bring a tracker back. Idempotent."""
    return _with_archived_at(store, name, lambda _: None)


def delete_tracker(store: Store, name: str, now: Instant) -> None:
    """Remove a tracker that counted nothing, with no objects and nothing set aside; Refusal otherwise."""
    tracker = own(store, name)
    if store.tracked(name) or store.aside(name, now, 1):
        raise Refusal(f"the tracker {name!r} has declared objects or events that were set aside: archive it")
    if _has_counted(store, tracker, now):
        raise Refusal(f"the tracker {name!r} has counted: archive it")
    store.remove_definition("tracker", name, tracker.version)


def _with_archived_at(
    store: TrackerStore, name: str, decide: Callable[[Instant | None], Instant | None]
) -> Tracker:
    tracker = own(store, name)
    changed = replace(tracker, archived_at=decide(tracker.archived_at))
    return tracker if changed == tracker else store.save_tracker(changed)


def _has_counted(store: Store, tracker: Tracker, now: Instant) -> bool:
    """Whether it did, or may have."""
    if any(store.pending(tracker.name, lane, now + DAY, 1) for lane in range(tracker.lanes)):
        return True
    if tracker.step is None:
        return next(store.counts_between(tracker, *NO_DAYS, now), None) is not None
    first, last = day_of(tracker.declared_at - LATE_FROM_SERVERS), day_of(now + DAY)
    if tracker.imported_at is not None or last - first > MOST_DAYS:
        return True
    return next(store.counts_between(tracker, first, last, now), None) is not None
