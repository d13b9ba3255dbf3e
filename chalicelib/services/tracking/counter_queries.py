"""Read what trackers have counted: by object over a period, as a series, the first of them, as a file."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, Protocol

from chalicelib.domain.errors import InvalidInput
from chalicelib.domain.instant import Day, Instant, asked_day, day_of
from chalicelib.domain.tracking.tracker import Bucket, Granularity, Tracker
from chalicelib.domain.values import VALUE_SCALE, unscaled
from chalicelib.services.tracking_store import CounterStore, TrackedStore

MAX_COUNTERS = 200_000
MAX_DAYS = 1_000
_DAYS = 30
_SMALLEST = Decimal("0.0001")


class Store(CounterStore, TrackedStore, Protocol):
    """What reading needs of a store."""


@dataclass(frozen=True, slots=True)
class Period:
    """Days, both included."""

    first: Day
    last: Day


@dataclass(slots=True)
class Sum:
    """A field of an object over a period, in ten-thousandths; `buckets` are those that hold something."""

    amount: int = 0
    buckets: int = 0

    @property
    def average(self) -> str:
        """Per bucket that holds something, to 4 decimals."""
        if not self.buckets:
            return "0"
        exact = Decimal(self.amount) / VALUE_SCALE / self.buckets
        return unscaled(int(exact.quantize(_SMALLEST, ROUND_HALF_EVEN) * VALUE_SCALE))

    def shown(self) -> dict[str, str]:
        """As exact decimals in text."""
        return {"sum": unscaled(self.amount), "average": self.average}


@dataclass(frozen=True, slots=True)
class Row:
    """An object with the sums of its fields."""

    object: str
    label: str
    sums: dict[str, Sum]

    def shown(self, fields: Sequence[str]) -> dict[str, Any]:
        """As JSON."""
        values = {field: self.sums.get(field, Sum()).shown() for field in fields}
        return {"object": self.object, "label": self.label, "fields": values}


def period_from(first: str | None, last: str | None, now: Instant) -> Period:
    """The days of `from` and `to`, today and the 29 before it unless they say otherwise."""
    end = day_of(now) if last is None else asked_day(last, "to")
    begin = end - _DAYS + 1 if first is None else asked_day(first, "from")
    if not 0 <= end - begin < MAX_DAYS:
        raise InvalidInput("from", f"must lie before to, and {MAX_DAYS} days at the most")
    return Period(begin, end)


def rows(store: Store, tracker: Tracker, period: Period, now: Instant) -> list[Row]:
    """Every object that was counted in a period, and every declared one, by name."""
    sums: dict[str, dict[str, Sum]] = {}
    dated = tracker.granularity is not Granularity.TOTAL
    first, last = (period.first, period.last) if dated else (None, None)
    for number, count in enumerate(store.counts_between(tracker, first, last, now)):
        if number >= MAX_COUNTERS:
            raise InvalidInput("from", f"more than {MAX_COUNTERS} counters: narrow the period")
        sum_ = sums.setdefault(count.object, {}).setdefault(count.field, Sum())
        sum_.amount += count.amount
        sum_.buckets += 1
    declared = store.tracked(tracker.name)
    return [
        Row(name, declared[name].label if name in declared else "", sums.get(name, {}))
        for name in sorted({*sums, *declared})
    ]


def fields_of(tracker: Tracker, found: Sequence[Row]) -> list[str]:
    """The declared fields, or those that were found where any name is one."""
    return list(tracker.fields) or sorted({field for row in found for field in row.sums})


def top(found: Sequence[Row], field: str, number: int) -> list[Row]:
    """The rows with the largest sums of a field, those without one left out."""
    having = [row for row in found if field in row.sums]
    return sorted(having, key=lambda row: (-row.sums[field].amount, row.object))[:number]


def series(
    store: CounterStore, tracker: Tracker, object_: str, field: str, period: Period, now: Instant
) -> list[dict[str, str]]:
    """Every bucket of a period in order, `{"at", "value"}`; 0 where nothing was counted."""
    buckets = _buckets(tracker, period)
    found = store.counts_at(tracker, object_, field, buckets, now)
    return [{"at": str(bucket), "value": unscaled(found.get(bucket, 0))} for bucket in buckets]


def _buckets(tracker: Tracker, period: Period) -> list[Bucket]:
    days = range(period.first, period.last + 1)
    if tracker.granularity is Granularity.TOTAL:
        return [Bucket(None)]
    if tracker.granularity is Granularity.DAILY:
        return [Bucket(day) for day in days]
    return [Bucket(day, hour) for day in days for hour in range(24)]
