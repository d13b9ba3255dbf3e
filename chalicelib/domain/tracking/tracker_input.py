"""What people write to define a tracker."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any

from msgspec import Meta, Struct

from chalicelib.domain.errors import InvalidInput
from chalicelib.domain.fields.changes import differing
from chalicelib.domain.fields.number import Lanes, RetentionDays
from chalicelib.domain.fields.reading import FieldError, read
from chalicelib.domain.fields.text import Key, Name, Origin
from chalicelib.domain.instant import Instant
from chalicelib.domain.tracking.tracker import BUILT_IN, Granularity, Tracker

MAX_FIELDS = 50
MAX_ORIGINS = 100
_FIXED = frozenset({"name", "kind", "granularity", "declared_at", "archived_at", "imported_at", "error"})


class TrackerFields(Struct, frozen=True, kw_only=True):
    """What a tracker is, written or stored: `Tracker` says what each field means."""

    name: Name
    kind: Name
    fields: Annotated[tuple[Name, ...], Meta(min_length=1, max_length=MAX_FIELDS)]
    granularity: Granularity = Granularity.DAILY
    count_spiders: bool = False
    strict: bool = False
    declared_only: bool = False
    server_only: bool = False
    public_key: Key | None = None
    origins: Annotated[tuple[Origin, ...], Meta(max_length=MAX_ORIGINS)] = ()
    click_field: Name | None = None
    retention_days: RetentionDays | None = None
    lanes: Lanes = 4

    def __post_init__(self) -> None:
        """The rules across fields."""
        if len(set(self.fields)) < len(self.fields):
            raise FieldError("fields", "has a name twice")
        if self.click_field is not None and self.click_field not in self.fields:
            raise FieldError("click_field", "must be one of the fields")


class TrackerInput(TrackerFields, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A tracker as people write it."""

    def __post_init__(self) -> None:
        """The rules across fields, and the names that leansplit's own trackers have."""
        super().__post_init__()
        if self.name in BUILT_IN:
            raise FieldError("name", f"{self.name!r} is built in")


WRITTEN = frozenset(TrackerInput.__struct_fields__)


def tracker_from(entry: object, now: Instant, field: str = "") -> Tracker:
    """A new tracker; InvalidInput names the field."""
    return tracker_with(read(TrackerInput, entry, field), now)


def changed(tracker: Tracker, shown: Mapping[str, Any], fields: Mapping[str, Any]) -> Tracker:
    """The tracker with other rules; InvalidInput for its name, kind or granularity, and for fewer lanes.

    `shown` is the tracker as the admin API shows it: what is as it is shown changes nothing.
    """
    wanted = differing(shown, fields, WRITTEN, lambda key, value: value)
    for key in wanted:
        if key in _FIXED:
            raise InvalidInput(key, "cannot be changed")
    if not wanted:
        return tracker
    kept = {key: value for key, value in shown.items() if key in WRITTEN}
    after = tracker_from({**kept, **wanted}, tracker.declared_at)
    if after.lanes < tracker.lanes:
        raise InvalidInput("lanes", "must not shrink: what lies in a lane would be left there")
    return replace(after, imported_at=tracker.imported_at, version=tracker.version)


def tracker_with(
    fields: TrackerFields,
    declared_at: Instant,
    version: int = 0,
    archived_at: Instant | None = None,
    problem: InvalidInput | None = None,
) -> Tracker:
    """The tracker of its fields."""
    return Tracker(
        name=fields.name,
        kind=fields.kind,
        fields=fields.fields,
        granularity=fields.granularity,
        count_spiders=fields.count_spiders,
        strict=fields.strict,
        declared_only=fields.declared_only,
        server_only=fields.server_only,
        public_key=fields.public_key,
        origins=tuple(each.lower() for each in fields.origins),
        click_field=fields.click_field,
        retention_days=fields.retention_days,
        lanes=fields.lanes,
        declared_at=declared_at,
        archived_at=archived_at,
        problem=problem,
        version=version,
    )
