"""The blocks of a report beside its goals: the experiment, the sample ratio, exclusions, cost, the days."""

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from infra.contract.alternatives import either
from infra.contract.definition_answers import Positive, ShownPhase
from infra.contract.text_formats import Count, Day, ExactNumber, Instant, Name, Number, Share

ArmRole = Literal["control", "treatment"]
Whole = Annotated[int, Meta(description="may exceed 2^53: parse it as an integer")]


class Rules(Struct, forbid_unknown_fields=True):
    """Which rules decided."""

    version: Positive
    note: str


class Engine(Struct, forbid_unknown_fields=True):
    """What computed the report."""

    name: str
    version: str


class ReportVariation(Struct, forbid_unknown_fields=True):
    """A variation of the current phase."""

    key: Name
    weight: Share
    role: ArmRole


class ReportedExperiment(Struct, forbid_unknown_fields=True, kw_only=True):
    """The experiment as of the report's day. `phase` is the number of the one that is analysed.

    `ended`: it is over and no late fact can come. `interrupted`: it was disabled in between.
    """

    name: Name
    description: str
    state: Literal["disabled", "enabled", "promoted"]
    started_at: Instant | None
    ended_at: Instant | None
    alpha: Annotated[float, Meta(gt=0, lt=1)]
    planned_visitors: Positive | None
    planned_days: Positive | None
    minimum_effect: float | None
    ended: bool
    rules: Rules
    day_number: int
    variations: list[ReportVariation]
    phase: Positive
    phases: list[ShownPhase]
    interrupted: bool


class Exclusions(Struct, forbid_unknown_fields=True):
    """What counts for nobody: requests of bots by reason, conflicts, documents that cannot be read."""

    bots: dict[str, Count]
    conflicts: Count
    unreadable: dict[str, Count]


class Cost(Struct, forbid_unknown_fields=True):
    """An estimate of what the recount cost to read, for all reports of that run together."""

    documents: Count
    read_units: float
    dollars: float
    estimated: bool


class SampleRatioFigures(Struct, forbid_unknown_fields=True, kw_only=True):
    """Whether the visitors are split as they should be. `left_out`: phases whose split was damaged."""

    chi2: Number
    df: Count
    p_value: Number
    log10_p: Number
    e_value: Number
    log_e_value: Number
    always_valid_p: Number
    threshold: float
    watch: bool
    verdict: Literal["ok", "watch", "mismatch", "impossible_assignment", "no_data"]
    left_out: list[Positive]
    observed: dict[Name, Count]
    expected: dict[Name, float]


class SampleRatio(SampleRatioFigures, forbid_unknown_fields=True, kw_only=True):
    """The check of the current phase; `blocked_since` is the day on which it blocked the verdicts."""

    blocked_since: Day | None


class PhaseSampleRatio(SampleRatioFigures, forbid_unknown_fields=True, kw_only=True):
    """The check of an earlier phase; `blocked_since` counts the days of the phase from 1."""

    blocked_since: Positive | None


class DailyConversions(Struct, forbid_unknown_fields=True):
    """Of a conversion goal, up to the end of a day."""

    conversions: Count


class DailySum(Struct, forbid_unknown_fields=True):
    """Of an engagement goal, up to the end of a day."""

    sum: ExactNumber


class DailyRatio(Struct, forbid_unknown_fields=True):
    """Of a ratio goal, up to the end of a day."""

    numerator_sum: ExactNumber
    denominator_sum: ExactNumber


class DailyArm(Struct, forbid_unknown_fields=True):
    """The participants up to the end of a day, and the numbers of each goal."""

    n: Count
    goals: dict[str, Annotated[Any, either(DailyConversions, DailySum, DailyRatio)]]


class DailyRow(Struct, forbid_unknown_fields=True):
    """A day of the series behind the plots."""

    day: Day
    arms: dict[Name, DailyArm]
