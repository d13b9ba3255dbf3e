"""Trackers, their counters and what was set aside, as they are answered."""

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType, field

from infra.contract.definition_answers import DefinitionProblem, UnreadableDefinition
from infra.contract.text_formats import Amount, Bucket, Count, Day, Instant, Name, ObjectId

Granularity = Literal["total", "daily", "hourly"]
Outcome = Annotated[
    str,
    Meta(
        description="`replayed`, `dismissed`, `gone`, `try again`, or `still malformed: …`",
        pattern="^(replayed$|dismissed$|gone$|try again$|still malformed: )",
    ),
]


class ShownTracker(Struct, forbid_unknown_fields=True, kw_only=True):
    """A tracker as it stands. No `fields`: any name is one."""

    name: Name
    kind: Name
    fields: list[Name]
    granularity: Granularity
    count_spiders: bool
    strict: bool
    declared_only: bool
    server_only: bool
    public_key: str | None
    origins: list[str]
    click_field: Name | None
    retention_days: Annotated[int, Meta(ge=1)] | None
    lanes: Annotated[int, Meta(ge=1, le=64)]
    declared_at: Instant
    archived_at: Instant | None
    imported_at: Instant | None
    error: DefinitionProblem | None


class TrackerList(Struct, forbid_unknown_fields=True):
    """Trackers, newest first, the built-in ones last. `unreadable`: stored ones that cannot be read."""

    trackers: list[ShownTracker]
    unreadable: list[UnreadableDefinition] | UnsetType = UNSET


class FieldSum(Struct, forbid_unknown_fields=True):
    """`average` is the sum per day or hour that holds something."""

    sum: Amount
    average: Amount


class CounterRow(Struct, forbid_unknown_fields=True):
    """An object with the sums of its fields."""

    object: str
    label: str
    fields: dict[Name, FieldSum]


class TrackerTable(Struct, forbid_unknown_fields=True, kw_only=True):
    """A page of a tracker's objects; `filtered` are those that the search found. `draw` comes back."""

    tracker: ShownTracker
    first: Day = field(name="from")
    last: Day = field(name="to")
    draw: str | UnsetType = UNSET
    total: Count
    filtered: Count
    start: Count
    length: Count
    rows: list[CounterRow]


class TopObjects(Struct, forbid_unknown_fields=True, kw_only=True):
    """The objects with the largest sums of a field."""

    first: Day = field(name="from")
    last: Day = field(name="to")
    field_: Name = field(name="field")
    rows: list[CounterRow]


class SeriesPoint(Struct, forbid_unknown_fields=True):
    """A counter."""

    at: Bucket
    value: Amount


class CounterSeries(Struct, forbid_unknown_fields=True, kw_only=True):
    """Every day or hour of a period, 0 where nothing was counted."""

    tracker: Name
    object: ObjectId
    field_: Name = field(name="field")
    first: Day = field(name="from")
    last: Day = field(name="to")
    series: list[SeriesPoint]


class ExportedCounters(Struct, forbid_unknown_fields=True, kw_only=True):
    """Every object with its sums and averages."""

    first: Day = field(name="from")
    last: Day = field(name="to")
    objects: list[CounterRow]


class TrackedObject(Struct, forbid_unknown_fields=True):
    """A declared object; `target` is the only address that its redirect leads to."""

    object: ObjectId
    label: str
    target: str | None


class DeclaredObjects(Struct, forbid_unknown_fields=True):
    """The objects as they stand now."""

    declared: list[TrackedObject]


class ObjectTable(Struct, forbid_unknown_fields=True):
    """A page of the declared objects; `filtered` are those that the search found."""

    total: Count
    filtered: Count
    start: Count
    length: Count
    rows: list[TrackedObject]


class ImportedCounters(Struct, forbid_unknown_fields=True):
    """`imported` is 0 when the same id came before."""

    rows: Count
    imported: Count


class SetAsideEvent(Struct, forbid_unknown_fields=True):
    """An event that could not be counted, as it came; `tracker` is null where it names none that exists."""

    id: str
    tracker: str | None
    reason: str
    problem: str
    event: Any
    received_at: Instant


class SetAsideTable(Struct, forbid_unknown_fields=True):
    """A page of what was set aside; `filtered` are those that the search found."""

    total: Count
    filtered: Count
    start: Count
    length: Count
    rows: list[SetAsideEvent]


class Replayed(Struct, forbid_unknown_fields=True):
    """How many were counted, and what became of each id."""

    replayed: Count
    results: dict[str, Outcome]


class Dismissed(Struct, forbid_unknown_fields=True):
    """How many were thrown away, and what became of each id."""

    dismissed: Count
    results: dict[str, Outcome]


class TrackResult(Struct, forbid_unknown_fields=True):
    """What became of one event; all but `status` only where there is something to say."""

    status: Literal["accepted", "spider", "refused", "malformed"]
    reason: str | UnsetType = UNSET
    field: str | UnsetType = UNSET
    error: str | UnsetType = UNSET


class TrackedBatch(Struct, forbid_unknown_fields=True):
    """A result for each event, in their order."""

    accepted: Count
    results: list[TrackResult]


class Target(Struct, forbid_unknown_fields=True):
    """Where the redirect would lead."""

    target: str
