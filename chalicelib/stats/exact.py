"""Exact numbers: what people write becomes an int or a Fraction, never a rounded float."""

import re
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from math import isfinite
from typing import Any

from chalicelib.stats.errors import RequestError

Exact = int | Fraction

_NUMBER = re.compile(
    r"[+-]?(\d{1,40}(\.\d{0,30})?|\.\d{1,30})([eE][+-]?\d{1,2})?|[+-]?\d{1,40}/0*[1-9]\d{0,29}"
)
_MOST = 10**15
_LARGEST = 10**30


def exact(value: Any, path: str) -> Exact:
    """An int, Decimal, Fraction, decimal or rational string ("1/3"), a float as it prints; |value| ≤ 1e30."""
    if type(value) is int:
        return _bounded(value, path)
    if isinstance(value, Fraction):
        return _bounded(_reduced(value), path)
    if isinstance(value, float) and isfinite(value):
        value = repr(value)
    if isinstance(value, Decimal) and value.is_finite():
        value = str(value)
    if not isinstance(value, str) or not _NUMBER.fullmatch(value.strip()):
        raise RequestError(path, "must be a number")
    return _bounded(_reduced(Fraction(value.strip())), path)


def count(value: Any, path: str) -> int:
    """A whole number, zero or more."""
    number = value if type(value) is int else exact(value, path)
    if not isinstance(number, int) or number < 0:
        raise RequestError(path, "must be a whole number, zero or more")
    return _whole_bounded(number, path)


def counts(values: Sequence[Any], path: str) -> Sequence[int]:
    """Whole numbers, zero or more each."""
    # Those of a report are: a set of their types and the extremes are all that is asked.
    if values and set(map(type, values)) == {int} and min(values) >= 0 and max(values) <= _MOST:
        return values
    return [count(value, f"{path}[{i}]") for i, value in enumerate(values)]


def probability(value: Any, path: str) -> float:
    """A number strictly between 0 and 1."""
    number = float(exact(value, path))
    if not 0 < number < 1:
        raise RequestError(path, "must be between 0 and 1, both excluded")
    return number


def positive(value: Any, path: str) -> float:
    """A number above zero."""
    number = float(exact(value, path))
    if number <= 0:
        raise RequestError(path, "must be above 0")
    return number


def _reduced(number: Fraction) -> Exact:
    return number.numerator if number.denominator == 1 else number


def _bounded(number: Exact, path: str) -> Exact:
    if not -_LARGEST <= number <= _LARGEST:
        raise RequestError(path, "must not exceed 1e30 in size")
    return number


def _whole_bounded(number: int, path: str) -> int:
    if number > _MOST:
        raise RequestError(path, "must not exceed 1e15")
    return number
