"""What operators do with trackers: declare them and their objects, and bring in older counters."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from chalicelib.domain.errors import Conflict, InvalidInput, NotFound
from chalicelib.domain.instant import Instant
from chalicelib.domain.tracking.increment import Malformed, emit_from, message_key, messages_of
from chalicelib.domain.tracking.tracked_object import Tracked, tracked_from
from chalicelib.domain.tracking.tracker import BUILT_IN, Granularity, Tracker
from chalicelib.domain.tracking.tracker_input import changed, tracker_from
from chalicelib.services.tracking.append import append
from chalicelib.services.tracking_store import MessageStore, TrackedStore, TrackerStore

MAX_ROWS = 1_000


class ImportStore(TrackerStore, MessageStore, Protocol):
    """What an import needs of a store."""


def get(store: TrackerStore, name: str) -> Tracker:
    """A tracker, built in or declared; NotFound."""
    tracker = store.definitions().trackers.get(name)
    if tracker is None:
        raise NotFound("tracker", name)
    return tracker


def create(store: TrackerStore, entry: object, now: Instant) -> Tracker:
    """A new tracker; InvalidInput when the name is taken."""
    tracker = tracker_from(entry, now)
    if tracker.name in store.definitions().trackers:
        raise InvalidInput("name", f"there is already a tracker {tracker.name!r}")
    return store.save_tracker(tracker)


def change(store: TrackerStore, name: str, entry: Mapping[str, Any]) -> Tracker:
    """Other rules for what is emitted from now on; InvalidInput for a built-in tracker."""
    tracker = _own(store, name)
    after = changed(tracker, entry)
    return tracker if after == tracker else store.save_tracker(after)


def load(store: TrackerStore, entries: object, now: Instant) -> tuple[list[str], list[str]]:
    """Add the trackers that are missing: (their names, a warning for each entry that was left out)."""
    if not isinstance(entries, list):
        raise InvalidInput("trackers", "must be a list")
    known, added, warnings = set(store.definitions().trackers), [], []
    for index, entry in enumerate(entries):
        try:
            tracker = tracker_from(entry, now, f"trackers[{index}]")
        except InvalidInput as error:
            warnings.append(str(error))
            continue
        if tracker.name in known:
            continue
        known.add(tracker.name)
        try:
            store.save_tracker(tracker)
        except Conflict:
            # Another request may have made it meanwhile.
            if tracker.name not in store.definitions().trackers:
                raise
        else:
            added.append(tracker.name)
    return added, warnings


def declare(store: TrackedStore, tracker: Tracker, entries: object) -> list[Tracked]:
    """Declare objects, each over what it was before; InvalidInput for one, and none is written."""
    if not isinstance(entries, list) or not 0 < len(entries) <= MAX_ROWS:
        raise InvalidInput("objects", f"must be a list of 1 to {MAX_ROWS}")
    objects = [tracked_from(each, tracker, f"objects[{index}]") for index, each in enumerate(entries)]
    latest = {each.object: each for each in objects}
    store.save_tracked(tracker.name, list(latest.values()))
    return list(latest.values())


def bring_in(store: ImportStore, name: str, rows: object, now: Instant, once: str) -> int:
    """Append existing counters, however old; how many rows. Under one `once` they count once: again is 0.

    A row is `{"object", "field", "by", "at"}`; `at` may be left out where there are only totals.
    InvalidInput for a row, and none is appended.
    """
    tracker = _own(store, name)
    if not isinstance(rows, list) or not 0 < len(rows) <= MAX_ROWS:
        raise InvalidInput("rows", f"must be a list of 1 to {MAX_ROWS}")
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
    messages = messages_of(emits, {name: tracker}, message_key(now, once))
    return len(emits) if append(store, messages, [], now, f"import#{name}#{once}") else 0


def _own(store: TrackerStore, name: str) -> Tracker:
    if name in BUILT_IN:
        raise InvalidInput("tracker", f"{name!r} is built in")
    return get(store, name)


def newest(trackers: Mapping[str, Tracker]) -> Sequence[Tracker]:
    """In the order of a list: the newest first, the built-in ones last."""
    return sorted(trackers.values(), key=lambda each: (-each.declared_at, each.name))
