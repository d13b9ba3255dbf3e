"""Values are whole ten-thousandths, so that sums of them are exact integers."""

import re
from decimal import Decimal, InvalidOperation

from chalicelib.domain.errors import InvalidInput

VALUE_SCALE = 10_000
"""How many of what is stored make 1."""

_TEXT = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,9})?", re.ASCII)
"""No blanks, underscores and digits of other scripts, which Decimal would take."""

_LONGEST = 100
_LARGEST = 1_000_000_000
_SMALLEST = Decimal(1) / VALUE_SCALE
_LAST_DECIMAL = _SMALLEST.adjusted()


def scaled(value: object, field: str = "value") -> int:
    """A value in ten-thousandths, exactly; InvalidInput for no number, over ±1e9 or a fifth decimal."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise InvalidInput(field, "must be a number")
    if isinstance(value, str) and not (len(value) <= _LONGEST and _TEXT.fullmatch(value)):
        raise InvalidInput(field, "must be a number")
    try:
        number = Decimal(str(value))
    except InvalidOperation as error:
        raise InvalidInput(field, "must be a number") from error
    # copy_abs(), since abs() itself exceeds the largest exponent of "1e999999999".
    if not number.is_finite() or number.copy_abs() > _LARGEST:
        raise InvalidInput(field, "must lie between -1e9 and 1e9")
    # What is too small for a context of decimals is rounded to 0 by %.
    if number % _SMALLEST or (number and number.adjusted() < _LAST_DECIMAL):
        raise InvalidInput(field, "may have 4 decimals at the most")
    return int(number * VALUE_SCALE)


def unscaled(value: int, scale: int = VALUE_SCALE) -> str:
    """The shortest exact decimal of a scaled integer: `unscaled(125000)` is `"12.5"`."""
    sign = "-" if value < 0 else ""
    whole, part = divmod(abs(value), scale)
    digits = str(part).rjust(len(str(scale)) - 1, "0").rstrip("0")
    return f"{sign}{whole}.{digits}" if digits else f"{sign}{whole}"
