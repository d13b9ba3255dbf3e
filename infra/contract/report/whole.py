"""A report: of one experiment and one day."""

from typing import Literal

from msgspec import UNSET, Struct, UnsetType

from infra.contract.definition_answers import Positive
from infra.contract.report.blocks import (
    Cost,
    DailyRow,
    Engine,
    Exclusions,
    ReportedExperiment,
    SampleRatio,
)
from infra.contract.report.goals import PhaseAnalysis, ReportGoal
from infra.contract.report.tallies import ArmTally
from infra.contract.text_formats import Day, Instant

State = Literal["disabled", "enabled", "promoted"]


class ReportHead(Struct, forbid_unknown_fields=True, kw_only=True):
    """What every report begins with. `revision` grows when a day's numbers changed.

    `provisional`: the day was not over when it was counted.
    """

    schema_version: Literal[2]
    generated_at: Instant
    as_of_day: Day
    provisional: bool
    revision: Positive
    engine: Engine


class ReportFigures(ReportHead, forbid_unknown_fields=True, kw_only=True):
    """What every report has whose figures could be computed."""

    data_through: Instant
    experiment: ReportedExperiment
    exclusions: Exclusions
    cost: Cost
    srm: SampleRatio


class Report(ReportFigures, forbid_unknown_fields=True, kw_only=True):
    """A whole report, as its file holds it. Figures that are not defined are null.

    Shares are fractions unless the name ends in `_percent`. `phases` are those before the current one.
    """

    phases: list[PhaseAnalysis]
    goals: list[ReportGoal]
    daily: list[DailyRow]
    tallies: list[ArmTally]


class ReportView(ReportFigures, forbid_unknown_fields=True, kw_only=True):
    """A report without `tallies`. Of a very large one other blocks are missing, too, and `file` says
    where all of it is."""

    phases: list[PhaseAnalysis] | UnsetType = UNSET
    goals: list[ReportGoal] | UnsetType = UNSET
    daily: list[DailyRow] | UnsetType = UNSET
    file: str | UnsetType = UNSET


class ReportError(Struct, forbid_unknown_fields=True):
    """Why there are no figures; `field` is the path of the value at fault, if one is."""

    code: Literal[
        "internal_error",
        "invalid_definition",
        "store_unavailable",
        "unreadable_definition",
        "unreadable_text",
    ]
    message: str
    field: str | None


class FailedExperiment(Struct, forbid_unknown_fields=True):
    """The experiment of a report that failed; `state` is null where its definition cannot be read."""

    name: str
    state: State | None


class FailedReport(ReportHead, forbid_unknown_fields=True, kw_only=True):
    """What is written where a report could not be computed; the next run tries again."""

    experiment: FailedExperiment
    error: ReportError
    last_good_day: Day | None


class IndexRow(Struct, forbid_unknown_fields=True, kw_only=True):
    """An experiment of the index; one whose definition cannot be read has no dates."""

    name: str
    state: State | None
    started_at: Instant | UnsetType | None = UNSET
    ended_at: Instant | UnsetType | None = UNSET
    days: list[Day]
    failed_days: list[Day]
    error: ReportError | None


class ReportIndex(Struct, forbid_unknown_fields=True):
    """`reports/index.json`: every experiment with the days that have a report."""

    generated_at: Instant
    experiments: list[IndexRow]
