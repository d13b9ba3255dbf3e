"""A call of your function: which are due, each made within its time, its answer or failure counted."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from numbers import Real
from typing import Any, Protocol

from chalicelib.domain.counting.rules import Rules
from chalicelib.domain.errors import InvalidInput
from chalicelib.domain.instant import DAY, Day, iso_day, parse_day
from chalicelib.domain.values import scaled
from chalicelib.domain.visitors.identity import user_of
from chalicelib.domain.visitors.visitor import Enrollment, Visitor
from chalicelib.services.reports.call_timeout import at_most

MOST_FAILURES = 20
CALL_SECONDS = 20.0
_LONGEST_ERROR = 200
_EPOCH = date(1970, 1, 1)
_SMALLEST = Decimal("0.0001")

Partial = dict[str, Any]
"""How far a segment is. `after`: the last visitor that is done; `part`: of one that is not the calls that
are, by id [[experiment, ISO day]…]. `days`: those to score, by experiment. `calls`, of which `failed`;
`failures`: [[visitor id, error]…], the first visitors of them. `scores`: by experiment and ISO day a list
of [phase, variation, users, sum, sum of squares, failed]. `slices`: the invocations; `open`: one has begun
and not handed over; `trying`: whose call it was about to make; `idle`: so many in a row came no further;
`finished`: there is nothing left."""

Due = tuple[str, Enrollment, Day]
"""A call to make: the experiment, the place in it and the report's day."""


class Calculator(Protocol):
    """What ENGAGEMENT_CALCULATOR names."""

    def calculate_user_engagement_score(self, user: str, start_date: date, end_date: date) -> Any:
        """A number for the user from the day of the enrolment to the report's day, both included."""


def due_calls(visitor: Visitor, rules: Mapping[str, Rules], days: Mapping[str, list[str]]) -> Iterator[Due]:
    if user_of(visitor.id, visitor.user_id) is None:
        return
    for name, enrollment in visitor.enrollments.items():
        rule = rules.get(name)
        if rule is None:
            continue
        enrollment = rule.placed(enrollment)
        if not rule.takes_part(visitor, enrollment):
            continue
        for day in map(parse_day, days.get(name, [])):
            seen_other = enrollment.other is not None and enrollment.other.at // DAY <= day
            if enrollment.enrolled_at // DAY <= day and not seen_other:
                yield name, enrollment, day


def make_call(calculator: Calculator, partial: Partial, visitor: Visitor, call: Due) -> None:
    _, enrollment, day = call
    user = str(user_of(visitor.id, visitor.user_id))
    start, end = _EPOCH + timedelta(enrollment.enrolled_at // DAY), _EPOCH + timedelta(day)
    try:
        with at_most(CALL_SECONDS):
            value = calculator.calculate_user_engagement_score(user, start, end)
        score = _score(value)
    except BaseException as error:  # noqa: BLE001 somebody else's code, sys.exit as well: one must not end the night
        set_aside(partial, visitor, call, _told(error))
    else:
        _count(partial, call, 1, score, score * score, 0)


def set_aside(partial: Partial, visitor: Visitor, call: Due, error: str) -> None:
    _count(partial, call, 0, 0, 0, 1)
    partial["failed"] += 1
    failures = partial["failures"]
    if len(failures) < MOST_FAILURES and visitor.id not in (each for each, _ in failures):
        failures.append([visitor.id, error])


def _count(partial: Partial, call: Due, *numbers: int) -> None:
    name, enrollment, day = call
    rows = partial["scores"].setdefault(name, {}).setdefault(iso_day(day), [])
    add_row(rows, enrollment.phase, enrollment.variation, *numbers)
    partial["calls"] += 1


def _told(error: BaseException) -> str:
    """A line for the job; the error is somebody else's too, and may not even print."""
    try:
        said = str(error)
    except Exception:  # noqa: BLE001
        said = "its message cannot be shown"
    line = f"{type(error).__name__}: {said}"[:_LONGEST_ERROR]
    return line.encode("utf-8", "replace").decode()


def _score(value: object) -> int:
    """In ten-thousandths, as values are kept; half to even."""
    if isinstance(value, bool) or not isinstance(value, Real | Decimal):
        raise InvalidInput("score", f"must be a number, not {type(value).__name__}")
    try:
        # By way of float, since numpy's numbers and fractions are Real as well.
        exact = Decimal(value) if isinstance(value, int | Decimal) else Decimal(repr(float(value)))
        return scaled(exact.quantize(_SMALLEST, ROUND_HALF_EVEN), "score")
    except (InvalidOperation, OverflowError) as error:
        raise InvalidInput("score", "must be a finite number up to 1e9") from error


def add_row(rows: list[list[Any]], phase: int, variation: str, *numbers: int) -> None:
    for row in rows:
        if row[:2] == [phase, variation]:
            row[2:] = [a + b for a, b in zip(row[2:], numbers, strict=True)]
            return
    rows.append([phase, variation, *numbers])
