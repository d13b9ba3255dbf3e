"""Engagement from your function: one call for each registered participant and day of a report.

A part of the recount: each segment goes through its documents once more and calls the function
with the participant's own dates, for every day that has no scores yet. When its time runs out it
keeps what it has and goes on after the last visitor. Whose call fails is set aside and counted.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import Any, Protocol

from chalicelib.domain.counting import Rules, rules_of
from chalicelib.domain.definitions import Definitions
from chalicelib.domain.errors import InvalidInput
from chalicelib.domain.goal import scaled
from chalicelib.domain.identity import user_of
from chalicelib.domain.instant import DAY, Day, Instant, day_of, iso_day, parse_day
from chalicelib.domain.visitor import Enrollment, Visitor
from chalicelib.services.store import ScoreStore, VisitorStore

_EPOCH = date(1970, 1, 1)
_MARGIN = 30_000
_SAVE_EVERY = 1000
_MOST_FAILURES = 20
_SMALLEST = Decimal("0.0001")

Partial = dict[str, Any]
"""`after`: the last visitor that is done. `days`: those to score, by experiment. `calls`, `failures`:
[[visitor id, error]…]. `scores`: by experiment and ISO day a list of
[phase, variation, users, sum, sum of squares, failed]."""


class Calculator(Protocol):
    """What ENGAGEMENT_CALCULATOR names."""

    def calculate_user_engagement_score(self, user: str, start_date: date, end_date: date) -> Any:
        """A number for the user from the day of the enrolment to the report's day, both included."""


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
    return {"after": None, "days": days, "calls": 0, "failures": [], "scores": {}}


def go_on(
    store: VisitorStore, definitions: Definitions, calculator: Calculator, partial: Partial, work: Slice
) -> bool:
    """Whether the segment came to its end; if not, `partial` holds what it has so far."""
    rules, kept_at = rules_of(definitions), partial["calls"]
    for visitor in _visitors(store, partial, work):
        calls = list(_due(visitor, rules, partial["days"]))
        if calls and work.remaining() < _MARGIN:
            return False
        for name, enrollment, day in calls:
            _call(calculator, partial, visitor, name, enrollment, day)
        partial["after"] = visitor.id
        if partial["calls"] - kept_at >= _SAVE_EVERY:
            work.keep(partial)
            kept_at = partial["calls"]
    return True


def save_scores(store: ScoreStore, partials: list[Partial], now: Instant) -> None:
    """Write the scores of all segments; a day that is not over is scored again another time."""
    for name, days in _combined(partials).items():
        for day, rows in days.items():
            provisional = parse_day(day) >= day_of(now)
            store.save_scores(name, day, {"arms": sorted(rows), "provisional": provisional})


def summary(partials: list[Partial]) -> dict[str, Any] | None:
    """For the job: how many calls there were, and the first failures."""
    if not partials:
        return None
    failures = [failure for partial in partials for failure in partial["failures"]]
    return {"calls": sum(partial["calls"] for partial in partials), "failures": failures[:_MOST_FAILURES]}


def _combined(partials: list[Partial]) -> dict[str, dict[str, list[list[Any]]]]:
    """The scores of all segments, by experiment and ISO day."""
    found: dict[str, dict[str, list[list[Any]]]] = {}
    for partial in partials:
        for name, days in partial["days"].items():
            for day in days:
                rows = found.setdefault(name, {}).setdefault(day, [])
                for row in partial["scores"].get(name, {}).get(day, []):
                    _add(rows, *row)
    return found


def _visitors(store: VisitorStore, partial: Partial, work: Slice) -> Iterator[Visitor]:
    for page in store.visitor_pages(work.segment, work.segments, work.now, partial["after"]):
        yield from page.visitors
        partial["after"] = page.next


def _due(
    visitor: Visitor, rules: Mapping[str, Rules], days: Mapping[str, list[str]]
) -> Iterator[tuple[str, Enrollment, Day]]:
    if user_of(visitor.id, visitor.user_id) is None:
        return
    for name, enrollment in visitor.enrollments.items():
        rule = rules.get(name)
        if rule is None or not rule.takes_part(visitor, enrollment):
            continue
        for day in map(parse_day, days.get(name, [])):
            seen_other = enrollment.other is not None and enrollment.other.at // DAY <= day
            if enrollment.enrolled_at // DAY <= day and not seen_other:
                yield name, enrollment, day


def _call(
    calculator: Calculator, partial: Partial, visitor: Visitor, name: str, enrollment: Enrollment, day: Day
) -> None:
    user = user_of(visitor.id, visitor.user_id)
    start, end = _EPOCH + timedelta(enrollment.enrolled_at // DAY), _EPOCH + timedelta(day)
    partial["calls"] += 1
    rows = partial["scores"].setdefault(name, {}).setdefault(iso_day(day), [])
    arm = (enrollment.phase, enrollment.variation)
    try:
        score = _score(calculator.calculate_user_engagement_score(str(user), start, end))
    except Exception as error:  # noqa: BLE001 somebody else's code: one user must not end the night
        _add(rows, *arm, 0, 0, 0, 1)
        if len(partial["failures"]) < _MOST_FAILURES:
            partial["failures"].append([visitor.id, f"{type(error).__name__}: {error}"[:200]])
    else:
        _add(rows, *arm, 1, score, score * score, 0)


def _score(value: object) -> int:
    """In ten-thousandths, as values are kept; half to even."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise InvalidInput("score", f"must be a number, not {type(value).__name__}")
    try:
        return scaled(Decimal(str(value)).quantize(_SMALLEST, ROUND_HALF_EVEN), "score")
    except InvalidOperation as error:
        raise InvalidInput("score", "must be a finite number up to 1e9") from error


def _add(rows: list[list[Any]], phase: int, variation: str, *numbers: int) -> None:
    for row in rows:
        if row[:2] == [phase, variation]:
            row[2:] = [a + b for a, b in zip(row[2:], numbers, strict=True)]
            return
    rows.append([phase, variation, *numbers])


_TODAY = {"provisional": True}
