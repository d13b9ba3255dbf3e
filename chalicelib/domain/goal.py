"""A goal: something that a visitor reaches, with or without a value."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from chalicelib.domain.errors import InvalidInput
from chalicelib.domain.instant import Instant

VALUE_SCALE = 10_000
"""Values are kept as whole ten-thousandths, so that sums are exact integers."""

_LARGEST = 1_000_000_000
_SMALLEST = Decimal(1) / VALUE_SCALE


class GoalType(StrEnum):
    """`conversion` compares how many reached it; `engagement` compares the mean of its values."""

    CONVERSION = "conversion"
    ENGAGEMENT = "engagement"


class Role(StrEnum):
    """What a goal is for: `primary` decides, `guardrail` must not suffer."""

    PRIMARY = "primary"
    SECONDARY = "secondary"
    GUARDRAIL = "guardrail"


class Direction(StrEnum):
    """Which way is better."""

    INCREASE = "increase"
    DECREASE = "decrease"


@dataclass(frozen=True, slots=True)
class Goal:
    """Facts count from `declared_at` on, and `window_days` after the enrolment if that is set."""

    name: str
    declared_at: Instant
    type: GoalType = GoalType.CONVERSION
    unit: str | None = None
    role: Role = Role.PRIMARY
    direction: Direction = Direction.INCREASE
    window_days: int | None = None
    server_only: bool = False
    max_value: int | None = None
    version: int = 0


def scaled(value: object, field: str = "value") -> int:
    """A value in ten-thousandths, exactly; InvalidInput for no number, over ±1e9 or a fifth decimal."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise InvalidInput(field, "must be a number")
    try:
        number = Decimal(str(value))
    except InvalidOperation as error:
        raise InvalidInput(field, "must be a number") from error
    if not number.is_finite() or abs(number) > _LARGEST:
        raise InvalidInput(field, "must lie between -1e9 and 1e9")
    if number % _SMALLEST:
        raise InvalidInput(field, "may have 4 decimals at the most")
    return int(number * VALUE_SCALE)


def unscaled(value: int, scale: int = VALUE_SCALE) -> str:
    """The shortest exact decimal of a scaled integer: `unscaled(125000)` is `"12.5"`."""
    sign = "-" if value < 0 else ""
    whole, part = divmod(abs(value), scale)
    digits = str(part).rjust(len(str(scale)) - 1, "0").rstrip("0")
    return f"{sign}{whole}.{digits}" if digits else f"{sign}{whole}"
