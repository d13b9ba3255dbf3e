"""Instants are whole milliseconds since 1970 in UTC; days are numbered from there.

Integers, because a recount compares millions of them; ISO text at every border.
"""

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from chalicelib.domain.errors import InvalidInput

Instant = int
Day = int

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

FIRST = 946_684_800_000
"""2000-01-01: what is said to be earlier is a mistake, and is refused."""

LAST = 7_258_118_400_000
"""2200-01-01: and what is said to be later."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY = date(1970, 1, 1)
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def day_of(at: Instant) -> Day:
    """The UTC day in which an instant lies."""
    return at // DAY


def start_of(day: Day) -> Instant:
    """The first instant of a day."""
    return day * DAY


@lru_cache(maxsize=4096)
def iso_day(day: Day) -> str:
    """`2026-11-21`; a recount asks for the same days again and again."""
    return (_EPOCH_DAY + timedelta(days=day)).isoformat()


def parse_day(text: object, field: str = "day") -> Day:
    """A day from `2026-11-21`, of any year; InvalidInput names `field`."""
    if not isinstance(text, str) or not _ISO_DAY.fullmatch(text):
        raise InvalidInput(field, "must be a date like 2026-11-21")
    try:
        return (date.fromisoformat(text) - _EPOCH_DAY).days
    except ValueError as error:
        raise InvalidInput(field, "is no date of the calendar") from error


def asked_day(text: object, field: str = "day") -> Day:
    """A day that somebody asks for; InvalidInput for any outside 2000 to 2200."""
    day = parse_day(text, field)
    if not is_usual(start_of(day)):
        raise InvalidInput(field, "must lie between 2000-01-01 and 2200-01-01")
    return day


def iso_at(at: Instant) -> str:
    """`2026-11-21T09:30:00.000Z`."""
    moment = _EPOCH + timedelta(milliseconds=at)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def is_usual(at: Instant) -> bool:
    """Whether it lies in the years that leansplit counts in."""
    return FIRST <= at <= LAST


def parse_at(text: object, field: str = "at") -> Instant:
    """An instant that somebody sends, in ISO 8601 with offset; InvalidInput outside 2000 to 2200."""
    at = recorded_at(text, field)
    if not is_usual(at):
        raise InvalidInput(field, "must lie between 2000-01-01 and 2200-01-01")
    return at


def recorded_at(text: object, field: str = "at") -> Instant:
    """An instant of a record of ours, whatever year it lies in: what is stored can always be read."""
    if not isinstance(text, str):
        raise InvalidInput(field, "must be an ISO 8601 time like 2026-11-21T09:30:00Z")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(field, "must be an ISO 8601 time like 2026-11-21T09:30:00Z") from error
    if moment.tzinfo is None:
        raise InvalidInput(field, "needs its offset from UTC, as in 2026-11-21T09:30:00Z")
    return from_datetime(moment)


def from_datetime(moment: datetime) -> Instant:
    """The instant of an aware datetime, cut to the millisecond."""
    return (moment - _EPOCH) // timedelta(milliseconds=1)
