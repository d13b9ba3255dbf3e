"""How people write which number per visitor a goal compares, checked."""

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from chalicelib.domain.errors import InvalidInput
from chalicelib.domain.experiments.goal import GoalType, Metric, Part
from chalicelib.domain.name import checked_name
from chalicelib.domain.values import scaled

NUMBER_KEYS = frozenset({"metric", "cap", "winsorize", "covariate_days", "numerator", "denominator"})
LONGEST_COVARIATE = 60

_DIVIDED = (Metric.MEAN, Metric.PER_DAY)
_Path = Callable[[str], str]


def number_rules(fields: Mapping[str, Any], kind: GoalType, path: _Path) -> dict[str, Any]:
    """The fields of a Goal that NUMBER_KEYS name; InvalidInput for one that its type has no use for."""
    for key in sorted(NUMBER_KEYS):
        if fields.get(key) is not None and key not in _USED[kind]:
            raise InvalidInput(path(key), f"has no meaning for a goal of type {kind}")
    if kind is GoalType.RATIO:
        return {key: _part(fields.get(key), path(key)) for key in ("numerator", "denominator")}
    if kind is GoalType.CONVERSION:
        return {}
    metric = _metric(fields.get("metric", Metric.SUM), path("metric"))
    for key in ("cap", "winsorize"):
        if fields.get(key) is not None and metric in _DIVIDED:
            raise InvalidInput(path(key), f"cannot be used with the metric {metric}")
    if fields.get("cap") is not None and fields.get("winsorize") is not None:
        raise InvalidInput(path("winsorize"), "cannot be used together with cap")
    return {
        "metric": metric,
        "cap": _cap(fields.get("cap"), path("cap")),
        "winsorize": _quantile(fields.get("winsorize"), path("winsorize")),
        "covariate_days": _days(fields.get("covariate_days"), path("covariate_days")),
    }


_USED: Mapping[GoalType, frozenset[str]] = {
    GoalType.CONVERSION: frozenset(),
    GoalType.ENGAGEMENT: frozenset({"metric", "cap", "winsorize", "covariate_days"}),
    GoalType.RATIO: frozenset({"numerator", "denominator"}),
}


def _metric(value: object, field: str) -> Metric:
    try:
        return Metric(value if isinstance(value, str) else "")
    except ValueError as error:
        raise InvalidInput(field, f"must be one of {', '.join(Metric)}") from error


def _part(value: object, field: str) -> Part:
    if not isinstance(value, Mapping):
        return Part(checked_name(value, field), Metric.SUM)
    metric = _metric(value.get("metric", Metric.SUM), f"{field}.metric")
    if metric not in (Metric.SUM, Metric.COUNT):
        raise InvalidInput(f"{field}.metric", "must be sum or count")
    return Part(checked_name(value.get("goal"), f"{field}.goal"), metric)


def _cap(value: object, field: str) -> int | None:
    if value is None:
        return None
    cap = scaled(value, field)
    if cap <= 0:
        raise InvalidInput(field, "must be above 0")
    return cap


def _quantile(value: object, field: str) -> Decimal | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise InvalidInput(field, "must be a quantile like 0.99")
    try:
        quantile = Decimal(str(value))
    except InvalidOperation as error:
        raise InvalidInput(field, "must be a quantile like 0.99") from error
    if not quantile.is_finite() or not Decimal("0.5") <= quantile < 1:
        raise InvalidInput(field, "must lie between 0.5 and 1")
    return quantile


def _days(value: object, field: str) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= LONGEST_COVARIATE:
        raise InvalidInput(field, f"must be a whole number of days, from 1 to {LONGEST_COVARIATE}")
    return value
