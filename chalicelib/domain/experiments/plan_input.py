"""The plan of an experiment as people write it: how many visitors, how many days, for which effect."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.errors import InvalidInput

PLAN_KEYS = frozenset({"planned_visitors", "planned_days", "minimum_effect", "max_sample_size", "tuning"})
"""`max_sample_size` is the old name of `planned_visitors`; `tuning`, of an older method, is ignored."""

MOST_VISITORS = 10**12
MOST_DAYS = 3650
_LARGEST_EFFECT = 10
_Path = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Plan:
    """What was decided before the start: visitors over all arms, days, and the smallest relative change of
    the control's mean that matters. Without visitors there is no plan."""

    visitors: int | None = None
    days: int | None = None
    effect: float | None = None


NO_PLAN = Plan()


def plan_from(fields: Mapping[str, Any], path: _Path) -> Plan:
    """InvalidInput names the field."""
    visitors = "planned_visitors"
    if fields.get(visitors) is None and fields.get("max_sample_size") is not None:
        visitors = "max_sample_size"
    return Plan(
        _count(fields.get(visitors), path(visitors), MOST_VISITORS),
        _count(fields.get("planned_days"), path("planned_days"), MOST_DAYS),
        relative_change(fields.get("minimum_effect"), path("minimum_effect")),
    )


def relative_change(value: object, field: str) -> float | None:
    """A share of the control's mean: 0.05 is 5 %."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= sys.float_info.max:
        raise InvalidInput(field, "must be a number: 0.05 is 5 %")
    if not 0 < value <= _LARGEST_EFFECT:
        raise InvalidInput(field, f"must be above 0 and at most {_LARGEST_EFFECT}: 0.05 is 5 %")
    return float(value)


def _count(value: object, field: str, most: int) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
        raise InvalidInput(field, f"must be a whole number from 1 to {most}")
    return value
