"""Numbers: finite, and in ranges in which every statistic of a report can be computed."""

from typing import Annotated

from msgspec import Meta

Weight = Annotated[int, Meta(ge=0, le=1_000_000)] | Annotated[float, Meta(ge=0, le=1_000_000)]
"""A variation's part of the traffic, compared with the other variations' weights."""

Share = Annotated[float, Meta(ge=0, le=1)]
"""A share of the traffic."""

Alpha = Annotated[float, Meta(ge=0.0001, le=0.5)]
"""The rate of false positives that an experiment accepts."""

Effect = Annotated[float, Meta(ge=0.0001, le=10)]
"""A relative change of the control's mean: 0.05 is 5 %."""

MOST_VISITORS = 10**12
MOST_DAYS = 3650
VisitorCount = Annotated[int, Meta(ge=1, le=MOST_VISITORS)]
DayCount = Annotated[int, Meta(ge=1, le=MOST_DAYS)]

WindowDays = Annotated[int, Meta(ge=1, le=365)]
CovariateDays = Annotated[int, Meta(ge=1, le=60)]
RetentionDays = Annotated[int, Meta(ge=1, le=36_500)]
Lanes = Annotated[int, Meta(ge=1, le=64)]
JobSeconds = Annotated[int, Meta(ge=60, le=12 * 3600)]
PhaseNumber = Annotated[int, Meta(ge=1, le=1_000_000)]
