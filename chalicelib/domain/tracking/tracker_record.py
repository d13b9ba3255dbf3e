"""A tracker as JSON: what is stored, and what the admin API shows."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from chalicelib.domain.fields.changes import shown_problem
from chalicelib.domain.fields.exact import RecordedAt
from chalicelib.domain.fields.stored import read_stored
from chalicelib.domain.instant import iso_at
from chalicelib.domain.tracking.tracker import Tracker
from chalicelib.domain.tracking.tracker_input import TrackerFields, tracker_with


class TrackerRecord(TrackerFields, frozen=True, kw_only=True):
    """A tracker as it is stored."""

    declared_at: RecordedAt
    archived_at: RecordedAt | None = None
    imported_at: RecordedAt | None = None


def tracker_record(tracker: Tracker) -> dict[str, Any]:
    """All of a tracker but its version and its problem."""
    return {
        "name": tracker.name,
        "kind": tracker.kind,
        "fields": list(tracker.fields),
        "granularity": tracker.granularity.value,
        "count_spiders": tracker.count_spiders,
        "strict": tracker.strict,
        "declared_only": tracker.declared_only,
        "server_only": tracker.server_only,
        "public_key": tracker.public_key,
        "origins": list(tracker.origins),
        "click_field": tracker.click_field,
        "retention_days": tracker.retention_days,
        "lanes": tracker.lanes,
        "declared_at": iso_at(tracker.declared_at),
        # An earlier version reads no tracker with fields that it does not know.
        **({} if tracker.archived_at is None else {"archived_at": iso_at(tracker.archived_at)}),
        **({} if tracker.imported_at is None else {"imported_at": iso_at(tracker.imported_at)}),
    }


def shown_tracker(tracker: Tracker) -> dict[str, Any]:
    """Its record, and what is wrong with it."""
    nothing = {"archived_at": None, "imported_at": None}
    return {**nothing, **tracker_record(tracker), "error": shown_problem(tracker.problem)}


def tracker_of(record: Mapping[str, Any], version: int = 0) -> Tracker:
    """The tracker of such a record; InvalidInput when even its structure is another."""
    stored, problem = read_stored(TrackerRecord, record)
    tracker = tracker_with(stored, stored.declared_at, version, stored.archived_at, problem)
    return replace(tracker, imported_at=stored.imported_at)
