"""The plan of an experiment: how many visitors, how many days, for which effect."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plan:
    """What was decided before the start: visitors over all arms, days, and the smallest relative change of
    the control's mean that matters. Without visitors there is no plan."""

    visitors: int | None = None
    days: int | None = None
    effect: float | None = None


NO_PLAN = Plan()
