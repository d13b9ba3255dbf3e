"""A goal: something that a visitor reaches, with or without a value."""

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from chalicelib.domain.errors import InvalidInput
from chalicelib.domain.instant import Instant
from chalicelib.domain.values import VALUE_SCALE

DEFAULT_LIMIT = 10_000 * VALUE_SCALE
"""The `max_value` of goals that are declared without one: what a browser may say is bounded."""


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
    numbers that is taken as the cap. `covariate_days` before the enrolment explain variance. A
    guardrail may get worse by `margin`, a share of the control's mean. One that was `auto_created` is
    shown and decides nothing until somebody declares it. `problem` is what today's rules
    say against a goal that an earlier version stored.
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
    margin: float | None = None
    auto_created: bool = False
    archived_at: Instant | None = None
    problem: InvalidInput | None = field(default=None, compare=False)
    version: int = 0

    @property
    def is_gain(self) -> bool:
        """Whether reaching it is good: what the row `any` counts."""
        return self.role is not Role.GUARDRAIL and self.direction is Direction.INCREASE

    @property
    def parts(self) -> tuple[Part, ...]:
        """Both numbers of a ratio, none of other goals."""
        return tuple(part for part in (self.numerator, self.denominator) if part is not None)
