"""What people write to define a goal: its name alone, or an object with its rules."""

from collections.abc import Mapping
from typing import Literal, cast

from msgspec import Struct, field

from chalicelib.domain.errors import InvalidInput
from chalicelib.domain.experiments.goal import DEFAULT_LIMIT, Direction, Goal, GoalType, Metric, Part, Role
from chalicelib.domain.fields.exact import PositiveAmount, Quantile
from chalicelib.domain.fields.number import CovariateDays, Effect, WindowDays
from chalicelib.domain.fields.reading import FieldError, read
from chalicelib.domain.fields.text import GoalName, Unit
from chalicelib.domain.instant import Instant

_USED: Mapping[GoalType, frozenset[str]] = {
    GoalType.CONVERSION: frozenset(),
    GoalType.ENGAGEMENT: frozenset({"metric", "cap", "winsorize", "covariate_days"}),
    GoalType.RATIO: frozenset({"numerator", "denominator"}),
}
_NUMBER_FIELDS = sorted(frozenset().union(*_USED.values()))
_DIVIDED = (Metric.MEAN, Metric.PER_DAY)


class PartInput(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """One of the two numbers of a ratio."""

    goal: GoalName
    metric: Literal["sum", "count"] = "sum"


class GoalFields(Struct, frozen=True, kw_only=True):
    """What a goal is, written or stored: `Goal` says what each field means."""

    name: GoalName
    type: GoalType = GoalType.CONVERSION
    unit: Unit | None = None
    role: Role = Role.PRIMARY
    direction: Direction = Direction.INCREASE
    window_days: WindowDays | None = None
    server_only: bool = False
    max_value: PositiveAmount | None = None
    metric: Metric = Metric.SUM
    cap: PositiveAmount | None = None
    winsorize: Quantile | None = None
    covariate_days: CovariateDays | None = None
    numerator: GoalName | PartInput | None = None
    denominator: GoalName | PartInput | None = None
    margin: Effect | None = None

    def __post_init__(self) -> None:
        """The rules across fields: what the goal's type has a use for."""
        for name in _NUMBER_FIELDS:
            if name not in _USED[self.type] and getattr(self, name) not in (None, Metric.SUM):
                raise FieldError(name, f"has no meaning for a goal of type {self.type}")
        for name in ("numerator", "denominator"):
            if self.type is GoalType.RATIO and getattr(self, name) is None:
                raise FieldError(name, "is missing: a ratio divides the numbers of two goals")
        for name in ("cap", "winsorize"):
            if self.metric in _DIVIDED and getattr(self, name) is not None:
                raise FieldError(name, f"cannot be used with the metric {self.metric}")
        if self.cap is not None and self.winsorize is not None:
            raise FieldError("winsorize", "cannot be used together with cap")
        if self.margin is not None and self.role is not Role.GUARDRAIL:
            raise FieldError("margin", "has a meaning for a guardrail alone")


class GoalInput(GoalFields, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A goal as people write it: `max_value` is DEFAULT_LIMIT unless it is written, null is no limit."""

    max_value: PositiveAmount | None = field(default_factory=lambda: cast(PositiveAmount, DEFAULT_LIMIT))


def goal_from(entry: object, now: Instant, path: str = "") -> Goal:
    """A new goal, from its name alone or with its rules; InvalidInput names the field."""
    if isinstance(entry, str):
        return goal_of_entry(read(GoalName, entry, path or "name"), now)
    return goal_with(read(GoalInput, entry, path), now)


def goal_of_entry(entry: str | GoalFields, now: Instant) -> Goal:
    """The goal of an entry that was read already."""
    return goal_with(GoalInput(name=entry) if isinstance(entry, str) else entry, now)


def goal_with(
    fields: GoalFields,
    declared_at: Instant,
    version: int = 0,
    archived_at: Instant | None = None,
    problem: InvalidInput | None = None,
) -> Goal:
    """The goal of its fields."""
    return Goal(
        name=fields.name,
        declared_at=declared_at,
        type=fields.type,
        unit=fields.unit,
        role=fields.role,
        direction=fields.direction,
        window_days=fields.window_days,
        server_only=fields.server_only,
        max_value=fields.max_value,
        metric=fields.metric,
        cap=fields.cap,
        winsorize=fields.winsorize,
        covariate_days=fields.covariate_days,
        numerator=_part(fields.numerator),
        denominator=_part(fields.denominator),
        margin=fields.margin,
        archived_at=archived_at,
        problem=problem,
        version=version,
    )


def _part(written: str | PartInput | None) -> Part | None:
    if written is None:
        return None
    if isinstance(written, str):
        return Part(written, Metric.SUM)
    return Part(written.goal, Metric(written.metric))
