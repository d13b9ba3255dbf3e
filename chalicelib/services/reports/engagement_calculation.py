"""Engagement from your function: one call for each registered participant and day of a report.

A part of the recount: each segment goes through its documents once more and calls the function
with the participant's own dates, for every day that has no scores yet. When its time runs out it
keeps what it has and goes on after the last call. Whose call fails is set aside and counted, and
so is a visitor whose call takes too long or ends the process.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from chalicelib.domain.counting.rules import rules_of
from chalicelib.domain.definitions import Definitions
from chalicelib.domain.instant import Instant, day_of, iso_day, parse_day
from chalicelib.domain.visitors.visitor import Visitor
from chalicelib.services.reports.calculator_call import (
    MOST_FAILURES,
    Calculator,
    Due,
    Partial,
    add_row,
    due_calls,
    make_call,
    set_aside,
)
from chalicelib.services.store import ScoreStore, VisitorStore

_MARGIN = 30_000
_SAVE_EVERY = 1000
_SAVE_AFTER = 10_000
_MOST_IDLE = 3


class Store(VisitorStore, ScoreStore, Protocol):
    """What a calculation needs of a store."""


@dataclass(frozen=True, slots=True)
class Slice:
    """One segment's work: `remaining` gives the milliseconds left, `keep` saves what there is so far."""

    segment: int
    segments: int
    now: Instant
    remaining: Callable[[], int]
    keep: Callable[[Partial], None]


def begin(store: ScoreStore, definitions: Definitions, now: Instant) -> Partial:
    """The days that have no scores: those that are over, or today when none of them is missing."""
    days = {}
    for name, experiment in definitions.experiments.items():
        if experiment.started_at is None or experiment.finalized_at is not None:
            continue
        last = day_of(now) if experiment.ended_at is None else min(day_of(now), day_of(experiment.ended_at))
        there = store.scores(name)
        over = range(day_of(experiment.started_at), min(last, day_of(now) - 1) + 1)
        missing = [iso_day(day) for day in over if there.get(iso_day(day), _TODAY)["provisional"]]
        days[name] = missing or ([iso_day(last)] if last == day_of(now) else [])
    return {
        "after": None,
        "part": {},
        "days": days,
        "calls": 0,
        "failed": 0,
        "slices": 0,
        "failures": [],
        "scores": {},
        "open": False,
        "trying": None,
        "idle": 0,
        "finished": False,
    }


def go_on(
    store: VisitorStore, definitions: Definitions, calculator: Calculator, partial: Partial, work: Slice
) -> bool:
    """Whether the segment came to its end; if not, `partial` holds what it has so far.

    Who finds the segment open comes after an invocation that died: it names every visitor before
    the first call. If it dies as well, the third one knows whose call that was, sets the visitor
    aside and hands over. RuntimeError when there is never time for a call.
    """
    if partial["finished"]:
        return True
    place, careful, lost = _place(partial), partial["open"], partial["trying"]
    partial.update(open=True, slices=partial["slices"] + 1)
    keeper = _Keeper(partial, work, careful and lost is None)
    keeper.keep()
    done = _slice(_calls(store, definitions, partial, work), calculator, partial, work, keeper, lost)
    idle = 0 if _place(partial) != place else partial["idle"] + 1
    partial.update(open=False, trying=None, idle=idle, finished=done)
    keeper.keep()
    if not done and partial["idle"] >= _MOST_IDLE:
        raise RuntimeError(f"the function's time limit leaves no call more than {_MARGIN / 1000:.0f} s")
    return done


def _place(partial: Partial) -> tuple[int, str | None]:
    return partial["calls"], partial["after"]


def save_scores(store: ScoreStore, partials: list[Partial], now: Instant) -> None:
    """Write the scores of all segments; a day that is not over is scored again another time.

    A day that a segment did not find missing was written by another job meanwhile: left as it is.
    """
    for name, days in _combined(partials).items():
        for day, rows in days.items():
            provisional = parse_day(day) >= day_of(now)
            store.save_scores(name, day, {"arms": sorted(rows), "provisional": provisional}, now)


def summary(partials: list[Partial]) -> dict[str, Any] | None:
    """For the job: how many calls there were, and the first failures."""
    if not partials:
        return None
    failures = [failure for partial in partials for failure in partial["failures"]]
    totals = {name: sum(partial[name] for partial in partials) for name in ("calls", "failed", "slices")}
    return {**totals, "failures": failures[:MOST_FAILURES]}


class _Keeper:
    """Saves the partial: every so many calls or seconds; before each visitor where it has to be careful."""

    def __init__(self, partial: Partial, work: Slice, careful: bool) -> None:
        self._partial, self._work, self._careful = partial, work, careful
        self._first = self._calls = partial["calls"]
        self._left = work.remaining()

    def keep(self) -> None:
        self._work.keep(self._partial)
        self._calls, self._left = self._partial["calls"], self._work.remaining()

    def before(self, visitor_id: str) -> None:
        # Who died had made fewer calls than these since it kept what it had.
        careful = self._careful and self._partial["calls"] - self._first < _SAVE_EVERY
        trying, said = visitor_id if careful else None, self._partial["trying"]
        self._partial["trying"] = trying
        if trying != said:
            self.keep()

    def page(self) -> None:
        """All calls of a page came back."""
        said = self._partial["trying"]
        self._partial["trying"] = None
        if said is not None:
            self.keep()
        self.after()

    def after(self) -> None:
        calls, spent = self._partial["calls"] - self._calls, self._left - self._work.remaining()
        if calls >= _SAVE_EVERY or spent >= _SAVE_AFTER:
            self.keep()


def _slice(
    visitors: Iterator[tuple[Visitor | None, list[Due]]],
    calculator: Calculator,
    partial: Partial,
    work: Slice,
    keeper: _Keeper,
    lost: str | None,
) -> bool:
    """Make the calls that are due while there is time; `lost` is who ended the process before."""
    for visitor, calls in visitors:
        if visitor is None:
            keeper.page()
            if partial["after"] is not None and work.remaining() < _MARGIN:
                return False
            continue
        if visitor.id != lost:
            keeper.before(visitor.id)
        for call in calls:
            if visitor.id == lost:
                set_aside(partial, visitor, call, "the call did not come back")
            elif work.remaining() < _MARGIN:
                return False
            else:
                make_call(calculator, partial, visitor, call)
            partial["part"].setdefault(visitor.id, []).append(_named(call))
            keeper.after()
        partial.update(after=visitor.id, part={})
        if visitor.id == lost:
            # A new event has all of Lambda's tries before it.
            return False
    return True


def _combined(partials: list[Partial]) -> dict[str, dict[str, list[list[Any]]]]:
    """The scores of all segments, by experiment and ISO day."""
    found: dict[str, dict[str, list[list[Any]]]] = {}
    for name, day in _in_all(partials):
        rows = found.setdefault(name, {}).setdefault(day, [])
        for partial in partials:
            for row in partial["scores"].get(name, {}).get(day, []):
                add_row(rows, *row)
    return found


def _in_all(partials: list[Partial]) -> list[tuple[str, str]]:
    sought = [{(name, day) for name, days in each["days"].items() for day in days} for each in partials]
    return sorted(set.intersection(*sought)) if sought else []


def _calls(
    store: VisitorStore, definitions: Definitions, partial: Partial, work: Slice
) -> Iterator[tuple[Visitor | None, list[Due]]]:
    """Whoever has calls left to make, with them; nobody at the end of each page."""
    rules = rules_of(definitions)
    for page in store.visitor_pages(work.segment, work.segments, work.now, partial["after"]):
        for visitor in page.visitors:
            made = _made(partial, visitor)
            due = due_calls(visitor, rules, partial["days"])
            calls = [call for call in due if _named(call) not in made]
            if calls:
                yield visitor, calls
        partial["after"] = page.next
        yield None, []


def _made(partial: Partial, visitor: Visitor) -> list[list[str]]:
    """The calls that are done of a visitor that was left half-way."""
    found: list[list[str]] = partial["part"].get(visitor.id, [])
    return found


def _named(call: Due) -> list[str]:
    return [call[0], iso_day(call[2])]


_TODAY = {"provisional": True}
