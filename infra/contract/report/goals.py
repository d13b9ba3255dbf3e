"""The goals of a report: rules, arms, comparisons."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from infra.contract.definition_answers import Direction, GoalPart, GoalType, Metric, Positive, Role
from infra.contract.report.blocks import ArmRole, PhaseSampleRatio
from infra.contract.report.comparison import Comparison, Status
from infra.contract.text_formats import Count, ExactNumber, Number


class ArmInterval(Struct, forbid_unknown_fields=True):
    """The confidence interval of an arm's mean."""

    low: Number
    high: Number
    level: float
    method: Literal["wilson", "student", "delta"]


class ReportArm(Struct, forbid_unknown_fields=True):
    """An arm as of the report's day; `rate` of a conversion or ratio."""

    key: str
    role: ArmRole
    n: Count
    conversions: Count | None
    sum: Number
    mean: Number
    variance: Number
    rate: Number
    ci: ArmInterval


class Omnibus(Struct, forbid_unknown_fields=True):
    """Whether three arms or more differ at all; `df_within` of an analysis of variance."""

    test: Literal["chi_square", "anova"]
    statistic: Number
    df: float
    p_value: Number
    log10_p: Number
    df_within: Number | UnsetType = UNSET


class AnalysedGoal(Struct, forbid_unknown_fields=True, kw_only=True):
    """A goal as it was analysed. `in_family` false: declared after the start, shown and never decided."""

    key: str
    type: GoalType
    unit: str | None
    direction: Direction
    role: Role
    margin: Number
    in_family: bool
    window_days: Positive | None
    cap: ExactNumber | UnsetType = UNSET
    status: Status
    arms: list[ReportArm]
    omnibus: Omnibus | None
    comparisons: list[Comparison]


class ReportGoal(AnalysedGoal, forbid_unknown_fields=True, kw_only=True):
    """A goal with what says which number per visitor it compares, where that is not plain.

    The key `any` counts whoever reached at least one goal. `source` and `failed_users` are of the
    scores of your engagement calculator.
    """

    metric: Metric | UnsetType = UNSET
    winsorize: str | UnsetType = UNSET
    covariate_days: Positive | UnsetType = UNSET
    numerator: GoalPart | UnsetType = UNSET
    denominator: GoalPart | UnsetType = UNSET
    source: Literal["function"] | UnsetType = UNSET
    failed_users: Annotated[int, Meta(ge=0)] | UnsetType = UNSET


class PhaseAnalysis(Struct, forbid_unknown_fields=True):
    """The last analysis of an earlier phase alone."""

    phase: Positive
    srm: PhaseSampleRatio
    goals: list[AnalysedGoal]
