"""The goals of a request: their rules, and their arms by day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import lcm
from typing import Any

from chalicelib.domain.counting.goal_series import ArmSeries, GoalSeries
from chalicelib.stats.errors import RequestError
from chalicelib.stats.input import arms as rows
from chalicelib.stats.input.fields import sequence
from chalicelib.stats.input.types import GoalRequest, PriorRequest, read_request

ANY = "any"
DEGREES = {"conversion": (0,), "engagement": (1, 2), "ratio": (1, 2, 1, 2, 2)}
PRE_DEGREES = (1, 2, 2)


@dataclass(frozen=True, slots=True)
class Prior:
    """A Gaussian prior of the effect; an improper one says nothing."""

    mean: float
    sd: float
    proper: bool
    type: str


@dataclass(frozen=True, slots=True)
class Earlier:
    """A goal in an earlier phase: `first` is the row of its first day, None an arm that it didn't have."""

    phase: int
    first: int
    arms: Sequence[ArmSeries | None]


@dataclass(frozen=True, slots=True)
class Goal:
    """One goal. `arms` decide: matured visitors where they are given apart; `shown` are all visitors, and
    `apart` says that the two differ.

    `first` is the row of the current phase's first day, `numbers` each row's day number; values were
    multiplied by `scale`.
    """

    key: str
    type: str
    role: str
    direction: str
    unit: str | None
    window_days: int | None
    difference: str
    prior: Prior
    margin: float | None
    cap: str | None
    cap_removed_all: bool
    in_family: bool
    arms: Sequence[ArmSeries]
    shown: Sequence[ArmSeries]
    scale: int
    numbers: Sequence[float]
    apart: bool = False
    first: int = 0
    earlier: Sequence[Earlier] = ()

    @property
    def counted(self) -> bool:
        """Whether it has a verdict at all: `any` only shows, as does what was declared after the start."""
        return self.in_family and self.key != ANY


def goal_of(value: Any, path: str, days: float | None) -> Goal:
    """A goal whose numbers are rows or series, without earlier phases; `days` is today's day number."""
    fields = read_request(GoalRequest, value, path)
    if isinstance(fields.arms, GoalSeries):
        series, shown, scale = _typed(fields, fields.arms, path)
        apart = fields.matured is not None
        labels: list[Any] = [None] * (len(series[0].n) - 1)
    else:
        series, shown, scale, labels, apart = _written(fields, path)
    return Goal(
        key=fields.key,
        type=fields.type,
        role=fields.role,
        direction=fields.direction,
        unit=fields.unit,
        window_days=fields.window_days,
        difference=fields.difference,
        prior=_prior(fields.prior),
        margin=fields.margin,
        cap=fields.cap,
        cap_removed_all=bool(fields.cap_removed_all),
        in_family=fields.in_family is not False,
        arms=series,
        shown=shown,
        scale=scale,
        numbers=numbered(labels, days),
        apart=apart,
    )


def scale_of(parts: Sequence[Sequence[ArmSeries]], kind: str) -> tuple[list[list[ArmSeries]], int]:
    """Whole numbers in place of fractions, and what they were multiplied by."""
    denominators: set[int] = set()
    for arms in parts:
        for arm in arms:
            for column in (*arm.sums, *arm.pre):
                # Nearly all are whole: a set of their types is all that is asked.
                if set(map(type, column)) != {int}:
                    denominators.update(value.denominator for value in column)
    scale = lcm(*denominators) if denominators else 1
    if scale == 1:
        return [list(arms) for arms in parts], 1
    return [[scaled_by(arm, scale, kind) for arm in arms] for arms in parts], scale


def numbered(labels: Sequence[Any], days: float | None) -> list[float]:
    """The day number of each row, today last: by dates where the history has them, else one a row."""
    if not any(labels):
        today = max(days or 1.0, len(labels) + 1.0)
        if today.is_integer():
            return [*map(float, range(int(today) - len(labels), int(today))), today]
        return [*(today - age for age in range(len(labels), 0, -1)), today]
    dates = [_date(label) for label in labels]
    if None not in dates and dates == sorted(set(dates)):  # type: ignore[type-var]
        ages = [(dates[-1] - each).days + 1 for each in dates if each and dates[-1]]
    else:
        ages = list(range(len(labels), 0, -1))
    today = max(days or 1.0, float(ages[0] + 1))
    return [*(today - age for age in ages), today]


def _typed(fields: GoalRequest, whole: GoalSeries, path: str) -> tuple[list[ArmSeries], list[ArmSeries], int]:
    for i, arm in enumerate(whole.arms):
        rows.checked(arm, f"{path}.arms[{i}]")
    matured = fields.matured or whole
    if matured is not whole:
        for i, arm in enumerate(matured.arms):
            rows.checked(arm, f"{path}.arms[{i}].matured")
    (deciding, shown), scale = scale_of([matured.arms, [last_day(arm) for arm in whole.arms]], fields.type)
    return deciding, shown, scale * whole.scale


def last_day(arm: ArmSeries) -> ArmSeries:
    """Today alone."""
    if len(arm.n) == 1:
        return arm
    return ArmSeries(
        arm.key,
        arm.n[-1:],
        tuple(column[-1:] for column in arm.sums),
        arm.nonzero[-1:],
        tuple(column[-1:] for column in arm.pre),
    )


def _written(fields: GoalRequest, path: str) -> tuple[list[ArmSeries], list[ArmSeries], int, list[Any], bool]:
    kind = fields.type
    if fields.matured is not None:
        raise RequestError(f"{path}.matured", "is not known: it belongs in each arm")
    today = rows.rows_of(sequence(fields.arms, f"{path}.arms"), kind, f"{path}.arms")
    history = sequence(fields.history or (), f"{path}.history")
    found = [rows.day_of(each, kind, today, f"{path}.history[{i}]") for i, each in enumerate(history)]
    labels, days = [label for label, _ in found], [day for _, day in found]
    if today[0].matured is None:
        (series,), scale = scale_of([rows.series_of([*days, today])], kind)
        return series, [last_day(arm) for arm in series], scale, labels, False
    deciding = [[row.matured or row for row in day] for day in (*days, today)]
    # The matured row has no key of its own.
    matured = [_keyed(arm, row.key) for arm, row in zip(rows.series_of(deciding), today, strict=True)]
    (series, shown), scale = scale_of([matured, rows.series_of([today])], kind)
    return series, shown, scale, labels, True


def _keyed(arm: ArmSeries, key: str) -> ArmSeries:
    return ArmSeries(key, arm.n, arm.sums, arm.nonzero, arm.pre)


def scaled_by(arm: ArmSeries, scale: int, kind: str) -> ArmSeries:
    sums = tuple(_times(c, scale**d) for c, d in zip(arm.sums, DEGREES[kind], strict=True))
    pre = tuple(_times(c, scale**d) for c, d in zip(arm.pre, PRE_DEGREES, strict=False))
    return ArmSeries(arm.key, arm.n, sums, arm.nonzero, pre)


def _times(column: Sequence[int | Fraction], factor: int) -> list[int]:
    return [int(value * factor) for value in column] if factor != 1 else [int(v) for v in column]


def _date(label: Any) -> date | None:
    try:
        return date.fromisoformat(label) if isinstance(label, str) else None
    except ValueError:
        return None


def _prior(prior: PriorRequest | None) -> Prior:
    if prior is None:
        return Prior(0.0, 1.0, False, "absolute")
    mean = 0.0 if prior.mean is None else float(prior.mean)
    sd = 1.0 if prior.sd is None else prior.sd
    return Prior(mean, sd, prior.proper is not False, prior.type)
