"""What a function may answer or do: a number counts, everything else is a failure with its error."""

import sys
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import partial as bound

import numpy as np
import pytest

from chalicelib.domain.instant import DAY
from chalicelib.domain.visitors.visitor import Confirmation, Enrollment, Visitor
from chalicelib.services.reports import calculator_call
from chalicelib.services.reports.calculator_call import make_call

VISITOR = Visitor("~42", DAY, Confirmation(DAY, "c"), None, {"price": Enrollment("test", 1, DAY, "e")}, ())
CALL = ("price", VISITOR.enrollments["price"], 3)


class Answers:
    def __init__(self, answer):
        self.answer, self.asked = answer, []

    def calculate_user_engagement_score(self, *asked):
        self.asked.append(asked)
        return self.answer() if callable(self.answer) else self.answer


def after(answer, times=1):
    found = {"calls": 0, "failed": 0, "failures": [], "scores": {}}
    for _ in range(times):
        make_call(Answers(answer), found, VISITOR, CALL)
    return found


def row(answer):
    return after(answer)["scores"]["price"]["1970-01-04"]


def test_the_user_and_both_days_are_told():
    answers = Answers(1)
    make_call(answers, {"calls": 0, "scores": {}}, VISITOR, CALL)

    assert answers.asked == [("42", date(1970, 1, 2), date(1970, 1, 4))]


@pytest.mark.parametrize(
    ("answer", "kept"),
    [
        (3, 30_000),
        (-2.5, -25_000),
        (Decimal("0.00005"), 0),
        (Decimal("0.00015"), 2),
        (Fraction(1, 3), 3_333),
        (np.float64(1.5), 15_000),
        (np.float32(0.1), 1_000),
        (np.int64(7), 70_000),
        (10**9, 10**13),
    ],
)
def test_every_kind_of_number_counts_in_ten_thousandths(answer, kept):
    assert row(answer) == [[1, "test", 1, kept, kept * kept, 0]]


class Mute(Exception):
    def __str__(self):
        raise ValueError("no words")


def raising(error):
    raise error


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (None, "InvalidInput: score: must be a number, not NoneType"),
        (True, "InvalidInput: score: must be a number, not bool"),
        ("7", "InvalidInput: score: must be a number, not str"),
        (float("nan"), "InvalidInput: score: must lie between -1e9 and 1e9"),
        (float("-inf"), "InvalidInput: score: must be a finite number up to 1e9"),
        (10**400, "InvalidInput: score: must be a finite number up to 1e9"),
        (bound(sys.exit, 3), "SystemExit: 3"),
        (bound(raising, KeyboardInterrupt()), "KeyboardInterrupt: "),
        (bound(raising, MemoryError()), "MemoryError: "),
        (bound(raising, Mute()), "Mute: its message cannot be shown"),
        (bound(raising, ValueError("\udcff")), "ValueError: ?"),
    ],
)
def test_everything_else_is_a_failure_with_its_error(answer, error):
    found = after(answer)

    assert found["failures"] == [["~42", error]]
    assert found["scores"]["price"]["1970-01-04"] == [[1, "test", 0, 0, 0, 1]]
    assert (found["calls"], found["failed"]) == (1, 1)


def test_an_error_is_told_in_at_most_200_characters():
    assert [len(error) for _, error in after(bound(raising, ValueError("x" * 10_000)))["failures"]] == [200]


def test_a_visitor_is_named_once_among_the_failures_and_counted_each_time():
    found = after(None, times=30)

    assert (len(found["failures"]), found["failed"]) == (1, 30)


def test_a_call_that_takes_too_long_is_set_aside(monkeypatch):
    monkeypatch.setattr(calculator_call, "CALL_SECONDS", 0.01)

    def waits():
        while True:
            pass

    assert after(waits)["failures"] == [["~42", "TimedOut: no answer within 0.01 s"]]
