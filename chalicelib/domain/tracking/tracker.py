"""A tracker: named counters of objects, one total or one for each day or hour in UTC."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from chalicelib.domain.errors import InvalidInput
from chalicelib.domain.fields.exact import ObjectId, is_object_part
from chalicelib.domain.fields.reading import read
from chalicelib.domain.instant import DAY, HOUR, Day, Instant, day_of, iso_day

NO_DAY = "total"
"""Where the counters lie that belong to no day."""

NO_DAYS = (None, None)
"""The period of a tracker of totals."""


class Granularity(StrEnum):
    """How long a counter adds up before the next one begins."""

    TOTAL = "total"
    DAILY = "daily"
    HOURLY = "hourly"


@dataclass(frozen=True, slots=True)
class Tracker:
    """What may be counted, by whom, and for how long it is kept.

    No `fields`: any name is one. `strict` makes a malformed event an error at the door; otherwise
    it is set aside. `declared_only` takes only objects that were declared. `public_key` and
    `origins` restrict browsers, `server_only` keeps them out. `lanes` may grow and never shrink.
    `problem` is what today's rules say against a tracker that an earlier version stored.
    """

    name: str
    kind: str
    fields: tuple[str, ...]
    granularity: Granularity = Granularity.DAILY
    count_spiders: bool = False
    strict: bool = False
    declared_only: bool = False
    server_only: bool = False
    public_key: str | None = None
    origins: tuple[str, ...] = ()
    click_field: str | None = None
    retention_days: int | None = None
    lanes: int = 4
    declared_at: Instant = 0
    archived_at: Instant | None = None
    imported_at: Instant | None = None
    problem: InvalidInput | None = field(default=None, compare=False)
    version: int = 0

    @property
    def clicked(self) -> str:
        """The field that a redirect counts."""
        return self.click_field or self.fields[0]

    @property
    def step(self) -> int | None:
        """Milliseconds from one bucket to the next; None when there is only one."""
        return {Granularity.TOTAL: None, Granularity.DAILY: DAY, Granularity.HOURLY: HOUR}[self.granularity]

    def bucket_of(self, at: Instant) -> "Bucket":
        """The bucket in which an instant lies."""
        if self.granularity is Granularity.TOTAL:
            return Bucket(None)
        hour = at % DAY // HOUR if self.granularity is Granularity.HOURLY else None
        return Bucket(day_of(at), hour)

    def expires_at(self, bucket: "Bucket") -> Instant | None:
        """When a counter may be forgotten; None for never."""
        if self.retention_days is None or bucket.day is None:
            return None
        return (bucket.day + 1 + self.retention_days) * DAY


class Bucket(NamedTuple):
    """A day, an hour of one, or neither: everything."""

    day: Day | None
    hour: int | None = None

    @property
    def iso_day(self) -> str:
        """`2026-11-21`, or `total`."""
        return NO_DAY if self.day is None else iso_day(self.day)

    def __str__(self) -> str:
        return self.iso_day if self.hour is None else f"{self.iso_day}T{self.hour:02d}Z"


def checked_object(value: object, field: str, kind: str | None = None) -> str:
    """`value` if it is `kind:id`; InvalidInput otherwise."""
    name = str(read(ObjectId, value, field))
    if kind is not None and not name.startswith(f"{kind}:"):
        raise InvalidInput(field, f"must be of the kind {kind!r}: {kind}:id")
    return name


def is_object(value: str, kind: str) -> bool:
    """Whether it is `kind:id`."""
    given, _, part = value.partition(":")
    return given == kind and is_object_part(part)


EXCLUDED = Tracker("excluded", "experiment", (), server_only=True)
"""Requests that count for nobody, by experiment and reason: bots, forced views."""

REFUSED = Tracker("refused", "event", (), server_only=True, retention_days=400, lanes=2)
"""Events that a visitor's document did not take, by reason."""

UNKNOWN_GOALS = Tracker("unknown_goals", "goal", ("times",), server_only=True, retention_days=90, lanes=2)
"""Goals that were reached without being declared."""

MAIL_PROXIES = Tracker("mail_proxies", "goal", ("times",), server_only=True, retention_days=400, lanes=2)
"""Goals that mailed pictures counted, fetched by a mail provider in place of the reader's browser."""

BUILT_IN = {each.name: each for each in (EXCLUDED, REFUSED, UNKNOWN_GOALS, MAIL_PROXIES)}
"""What leansplit itself counts; nobody else emits to them, and they cannot be changed."""
