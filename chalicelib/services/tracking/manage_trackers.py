"""What operators do with trackers: declare them and their objects, and bring in older counters."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from chalicelib.domain.errors import InvalidInput, NotFound, Refusal
from chalicelib.domain.instant import Instant
from chalicelib.domain.tracking.increment import Malformed, emit_from, message_key, messages_of
from chalicelib.domain.tracking.tracked_object import Tracked, tracked_from
from chalicelib.domain.tracking.tracker import BUILT_IN, Granularity, Tracker
from chalicelib.domain.tracking.tracker_input import changed, tracker_from
from chalicelib.domain.tracking.tracker_record import shown_tracker
from chalicelib.services.tracking.append import append
from chalicelib.services.tracking_store import MessageStore, TrackedStore, TrackerStore

MAX_ROWS = 1_000


class ImportStore(TrackerStore, MessageStore, Protocol):
    """What an import needs of a store."""


def get(store: TrackerStore, name: str) -> Tracker:
    """A tracker, built in or declared, archived or not; NotFound."""
    tracker = store.definitions().find(Tracker, name)
    if tracker is None:
        raise NotFound("tracker", name)
    return tracker


def create(store: TrackerStore, entry: object, now: Instant) -> Tracker:
    """A new tracker; InvalidInput when the name is taken."""
    tracker = tracker_from(entry, now)
    store.definitions().check_new("tracker", tracker.name)
    return store.save_tracker(tracker)


def change(store: TrackerStore, name: str, fields: Mapping[str, Any]) -> Tracker:
    """Other rules for what is emitted from now on; InvalidInput for a built-in tracker."""
    tracker = living(store, name)
    after = changed(tracker, shown_tracker(tracker), fields)
    return tracker if after == tracker else store.save_tracker(after)


def living(store: TrackerStore, name: str) -> Tracker:
    """A tracker that was declared; InvalidInput for a built-in one, Refusal for one that is archived."""
    tracker = own(store, name)
    if tracker.archived_at is not None:
        raise Refusal(f"the tracker {name!r} is archived: restore it first")
    return tracker


def own(store: TrackerStore, name: str) -> Tracker:
    """A tracker that was declared, archived or not; InvalidInput for a built-in one."""
    if name in BUILT_IN:
        raise InvalidInput("tracker", f"{name!r} is built in")
    return get(store, name)


def declare(store: TrackedStore, tracker: Tracker, entries: Sequence[object]) -> list[Tracked]:
    """Declare objects, each over what it was before; InvalidInput for one, and none is written."""
    objects = [tracked_from(each, tracker, f"objects[{index}]") for index, each in enumerate(entries)]
    latest = {each.object: each for each in objects}
    store.save_tracked(tracker.name, list(latest.values()))
    return list(latest.values())


def bring_in(store: ImportStore, name: str, rows: Sequence[object], now: Instant, once: str) -> int:
    """Append existing counters, however old; how many rows. Under one `once` they count once: again is 0.

    A row is `{"object", "field", "by", "at"}`; `at` may be left out where there are only totals.
    InvalidInput for a row, and none is appended.
    """
    tracker = living(store, name)
    emits = []
    for index, row in enumerate(rows):
        if not isinstance(row, Mapping):
            raise InvalidInput(f"rows[{index}]", "must be an object")
        if "at" not in row and tracker.granularity is not Granularity.TOTAL:
            raise InvalidInput(f"rows[{index}].at", "is missing")
        try:
            event = {**row, "tracker": name}
            emits.append(emit_from(event, {name: tracker}, now, server=True, any_age=True))
        except Malformed as error:
            raise InvalidInput(f"rows[{index}].{error.field}", error.problem) from error
    if tracker.imported_at is None:
        # Its counters may lie on any day from now on, so that it cannot be known to have none.
        store.save_tracker(replace(tracker, imported_at=now))
    messages = messages_of(emits, {name: tracker}, message_key(now, once))
    return len(emits) if append(store, messages, [], now, f"import#{name}#{once}") else 0


def newest(trackers: Iterable[Tracker]) -> Sequence[Tracker]:
    """In the order of a list: the newest first, the built-in ones last."""
    return sorted(trackers, key=lambda each: (-each.declared_at, each.name))
