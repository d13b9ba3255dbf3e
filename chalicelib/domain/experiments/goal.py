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
_LAST_DECIMAL = _SMALLEST.adjusted()


class GoalType(StrEnum):
    """`conversion` compares how many reached it; `engagement` the mean of a number per visitor;
    `ratio` the quotient of two such numbers' totals."""

    CONVERSION = "conversion"
    ENGAGEMENT = "engagement"
    RATIO = "ratio"


class Metric(StrEnum):
    """The number per visitor: of the goal's values the sum, the mean, the sum per day since the
    enrolment or the last one; or how often the goal was reached."""

    SUM = "sum"
    COUNT = "count"
    MEAN = "mean"
    PER_DAY = "per_day"
    LAST = "last"


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
class Part:
    """One of the two numbers of a ratio: the sum or the count of another goal."""

    goal: str
    metric: Metric


@dataclass(frozen=True, slots=True)
class Goal:
    """Facts count from `declared_at` on, and `window_days` after the enrolment if that is set.

    A visitor's number above `cap` counts as the cap; `winsorize` is the quantile of all visitors'
    numbers that is taken as the cap. `covariate_days` before the enrolment explain variance.
    """

    name: str
    declared_at: Instant
    type: GoalType = GoalType.CONVERSION
    unit: str | None = None
    role: Role = Role.PRIMARY
    direction: Direction = Direction.INCREASE
    window_days: int | None = None
    server_only: bool = False
    max_value: int | None = None
    metric: Metric = Metric.SUM
    cap: int | None = None
    winsorize: Decimal | None = None
    covariate_days: int | None = None
    numerator: Part | None = None
    denominator: Part | None = None
    version: int = 0

    @property
    def parts(self) -> tuple[Part, ...]:
        """Both numbers of a ratio, none of other goals."""
        return tuple(part for part in (self.numerator, self.denominator) if part is not None)


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
