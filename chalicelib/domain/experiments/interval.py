"""The times in which an experiment was enabled: in order, apart, none ending before it begins."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from chalicelib.domain.instant import Instant


@dataclass(frozen=True, slots=True)
class Interval:
    """A time in which the experiment was enabled: [started_at, ended_at), open while it lasts."""

    started_at: Instant
    ended_at: Instant | None = None

    def holds(self, at: Instant) -> bool:
        """Whether the experiment was enabled at that instant."""
        return self.started_at <= at and (self.ended_at is None or at < self.ended_at)


Intervals = tuple[Interval, ...]


def between(started_at: Instant, ended_at: Instant | None) -> Intervals:
    """One interval, or none where it would be empty."""
    return () if ended_at is not None and ended_at <= started_at else (Interval(started_at, ended_at),)


def closed(intervals: Intervals, at: Instant) -> Intervals:
    """What is left when nobody enrols from an instant on: an interval that begins later never was."""
    begun = [each for each in intervals if each.started_at < at]
    return tuple(replace(each, ended_at=earlier(each.ended_at, at)) for each in begun)


def ordered(intervals: Iterable[Interval], started_at: Instant | None) -> Intervals:
    """The same intervals from the experiment's start on, each after the one before, without empty ones.

    Experiments that were saved by earlier versions may hold others.
    """
    found: Intervals = ()
    for each in intervals:
        known = (each.started_at, started_at, *(before.ended_at for before in found))
        found += between(max(at for at in known if at is not None), each.ended_at)
    return found


def earlier(end: Instant | None, at: Instant) -> Instant:
    """The earlier of an end, if there is one, and an instant."""
    return at if end is None else min(end, at)
