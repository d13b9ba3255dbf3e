"""What one participant came to in one goal, by day."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from chalicelib.domain.instant import DAY, Day, Instant

COUNTS, LASTS = 1, 2
"""What a goal's number needs by day beside the sums."""

_NOTHING: Mapping[Day, Any] = MappingProxyType({})


class Achieved:
    """The first instant; by day the sums of values, how often, and the last value with its instant."""

    __slots__ = ("counts", "first_at", "lasts", "sums")

    def __init__(self, first_at: Instant) -> None:
        self.first_at = first_at
        self.sums: Mapping[Day, int] = _NOTHING
        self.counts: Mapping[Day, int] = _NOTHING
        self.lasts: Mapping[Day, tuple[Instant, int]] = _NOTHING

    def add(self, at: Instant, value: int | None, times: int, last: int | None, keeps: int) -> None:
        """Count facts of one day; `keeps` says what is needed beside the sums."""
        if at < self.first_at:
            self.first_at = at
        if value:
            self.sums = _with(self.sums, at // DAY, value)
        if keeps & COUNTS:
            self.counts = _with(self.counts, at // DAY, times)
        if keeps & LASTS and value is not None:
            told, day = (at, value if last is None else last), at // DAY
            self.lasts = {**self.lasts, day: max(told, self.lasts.get(day, told))}


def _with(days: Mapping[Day, int], day: Day, added: int) -> Mapping[Day, int]:
    return {**days, day: days.get(day, 0) + added} if days else {day: added}
