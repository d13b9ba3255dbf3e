"""Fields whose rules no range or pattern can say: amounts, quantiles, instants, ages and ids.

The types exist in annotations alone: what is read is a plain int, str or Decimal, which any encoder takes.
"""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from chalicelib.domain.errors import InvalidInput
from chalicelib.domain.fields.text import NAME_PATTERN
from chalicelib.domain.instant import DAY, parse_at, recorded_at
from chalicelib.domain.values import scaled

LONGEST_AGE = 400 * DAY
LONGEST_USER_ID = 256
LONGEST_OBJECT_ID = 128
NO_USER_IDS = frozenset(
    ("", "0", "undefined", "null", "none", "nil", "nan", "[object object]", "true", "false", "{}", "[]")
)
"""What programs write where an id is missing, in lower case and without white space: under one of them all
visitors would become one person."""

_QUANTILE = "must be a quantile like 0.99"


class _Plain(type):
    def __instancecheck__(cls, value: object) -> bool:
        return isinstance(value, cls.__base__ or object)


class Amount(int, metaclass=_Plain):
    """A value in ten-thousandths, written as a number or as decimal text of at most 4 decimals."""


class PositiveAmount(int, metaclass=_Plain):
    """An amount above 0."""


class Quantile(Decimal, metaclass=_Plain):
    """From 0.5 to below 1, written as a number or as decimal text."""


class At(int, metaclass=_Plain):
    """An instant of the years 2000 to 2200, written in ISO 8601 with its offset from UTC."""


class RecordedAt(int, metaclass=_Plain):
    """An instant of any year: what was stored can always be read."""


class Age(int, metaclass=_Plain):
    """How many milliseconds ago, up to 400 days. A browser's clock that was set back makes an event look
    younger than now: a negative age is 0."""


class UserId(str, metaclass=_Plain):
    """The id that a site gives to its user: text of 1 to 256 bytes in UTF-8."""


class AnyUserId(str, metaclass=_Plain):
    """The same for one who is to be forgotten: earlier versions took ids that are refused today."""


class ObjectId(str, metaclass=_Plain):
    """`kind:id`, what a tracker counts for. The percent sign would not survive a URL."""


def decoded(kind: Any, value: Any) -> object:
    """A field of one of these types; ValueError says what it must be."""
    try:
        return _READERS[kind](value)
    except InvalidInput as error:
        raise ValueError(error.problem) from error


def is_object_part(text: str) -> bool:
    """Whether it can be the part of an object's name behind its kind."""
    short = 0 < len(text) <= LONGEST_OBJECT_ID
    return short and text.isprintable() and text == text.strip() and "%" not in text


def _positive(value: object) -> int:
    amount = scaled(value)
    if amount <= 0:
        raise ValueError("must be above 0")
    return amount


def _quantile(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise ValueError(_QUANTILE)
    text = str(value)
    if not re.fullmatch(r"\d?\.?\d{1,20}", text, re.ASCII):
        raise ValueError(_QUANTILE)
    quantile = Decimal(text)
    if not Decimal("0.5") <= quantile < 1:
        raise ValueError("must lie between 0.5 and 1")
    return quantile


def _age(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= LONGEST_AGE:
        raise ValueError("must be a number of milliseconds, at most 400 days")
    return max(0, int(value))


def _user_id(value: object) -> str:
    text = _any_user_id(value)
    if text.strip().lower() in NO_USER_IDS:
        raise ValueError(f"is {text!r}, which a program writes for a missing id: leave it out")
    return text


def _any_user_id(value: object) -> str:
    text = value if isinstance(value, str) and not re.search("[\ud800-\udfff]", value) else ""
    if 0 < len(text.encode()) <= LONGEST_USER_ID:
        return text
    raise ValueError(f"must be text of 1 to {LONGEST_USER_ID} bytes in UTF-8")


def _object_id(value: object) -> str:
    kind, _, part = value.partition(":") if isinstance(value, str) else ("", "", "")
    if not is_object_part(part):
        raise ValueError(f"must be kind:id, the id 1 to {LONGEST_OBJECT_ID} printable characters without %")
    if not re.match(NAME_PATTERN, kind):
        raise ValueError("must be kind:id, the kind a name")
    return str(value)


_READERS: dict[type, Callable[[Any], object]] = {
    Age: _age,
    AnyUserId: _any_user_id,
    Amount: scaled,
    At: parse_at,
    ObjectId: _object_id,
    PositiveAmount: _positive,
    Quantile: _quantile,
    RecordedAt: recorded_at,
    UserId: _user_id,
}
