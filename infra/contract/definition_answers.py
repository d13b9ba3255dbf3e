"""Experiments and goals as the admin API shows them, and what loading a file of them did."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from infra.contract.text_formats import Amount, Count, Day, Instant, Name, Share

Positive = Annotated[int, Meta(ge=1)]
GoalType = Literal["conversion", "engagement", "ratio"]
Role = Literal["primary", "secondary", "guardrail"]
Direction = Literal["increase", "decrease"]
Metric = Literal["sum", "count", "mean", "per_day", "last"]


class ShownVariation(Struct, forbid_unknown_fields=True):
    """A variation and its share of the traffic; the weights of a phase add up to 1."""

    key: Name
    weight: Share


class ShownPhase(Struct, forbid_unknown_fields=True):
    """A period with the same variations and weights. Visitors are bucketed by `seed`.

    `weights` are as they were written, where that is known.
    """

    number: Positive
    started_at: Instant
    seed: str
    coverage: Share
    variations: Annotated[list[ShownVariation], Meta(min_length=2)]
    weights: list[float] | UnsetType = UNSET


class DefinitionProblem(Struct, forbid_unknown_fields=True):
    """Why today's rules refuse what an earlier version stored; without a `field` it cannot be read."""

    field: str | None
    message: str


class UnreadableDefinition(Struct, forbid_unknown_fields=True):
    """A stored definition that cannot be read."""

    name: str
    error: DefinitionProblem


class ShownExperiment(Struct, forbid_unknown_fields=True, kw_only=True):
    """An experiment as it stands. No `goals`: it reports all that are declared.

    `variations`, `weights`, `seed` and `coverage` are those of the current phase. `enabled` has the
    intervals in which visitors could enroll, the last one without an end while it lasts.
    """

    name: Name
    description: str
    state: Literal["disabled", "enabled", "promoted"]
    promoted: Name | None
    started_at: Instant | None
    ended_at: Instant | None
    finalized_at: Instant | None
    created_at: Instant
    archived_at: Instant | None
    goals: list[Name]
    alpha: Annotated[float, Meta(gt=0, lt=1)]
    planned_visitors: Positive | None
    planned_days: Positive | None
    minimum_effect: Annotated[float, Meta(gt=0)] | None
    phases: Annotated[list[ShownPhase], Meta(min_length=1)]
    enabled: list[tuple[Instant, Instant | None]]
    variations: list[Name]
    weights: list[float]
    seed: str
    coverage: Share
    error: DefinitionProblem | None


class PublishedExperiment(ShownExperiment, forbid_unknown_fields=True):
    """An experiment after a change. `published` false: browsers get the change within a minute."""

    published: bool


class ExperimentList(Struct, forbid_unknown_fields=True):
    """Experiments, newest first. `unreadable` is there if a stored one cannot be read."""

    experiments: list[ShownExperiment]
    unreadable: list[UnreadableDefinition] | UnsetType = UNSET


class GoalPart(Struct, forbid_unknown_fields=True):
    """One of the two numbers of a ratio."""

    goal: Name
    metric: Literal["sum", "count"]


class ShownGoal(Struct, forbid_unknown_fields=True, kw_only=True):
    """A goal as it stands. One that was `auto_created` decides nothing until somebody declares it."""

    name: Name
    declared_at: Instant
    archived_at: Instant | None
    type: GoalType
    unit: str | None
    role: Role
    direction: Direction
    window_days: Positive | None
    server_only: bool
    max_value: Amount | None
    metric: Metric
    cap: Amount | None
    winsorize: str | None
    covariate_days: Positive | None
    numerator: GoalPart | None
    denominator: GoalPart | None
    margin: Annotated[float, Meta(gt=0)] | None
    auto_created: bool
    error: DefinitionProblem | None


class GoalList(Struct, forbid_unknown_fields=True):
    """Goals by name. `unreadable` is there if a stored goal cannot be read."""

    goals: list[ShownGoal]
    unreadable: list[UnreadableDefinition] | UnsetType = UNSET


class LoadedDefinitions(Struct, forbid_unknown_fields=True, kw_only=True):
    """What loading a file did, by name. `published` false: browsers get it within a minute.

    `orphaned` experiments exist and are not in the file. Each entry that was left out has a warning.
    """

    added: list[str]
    existing: list[str]
    orphaned: list[str]
    goals: list[str]
    warnings: list[str]
    trackers: list[str]
    published: bool


class PublishedSite(Struct, forbid_unknown_fields=True):
    """The bucket that was written; empty without one."""

    site: str


class ReportDays(Struct, forbid_unknown_fields=True):
    """The days that have a report. `message` says why there is none yet, or what failed."""

    experiment: Name
    days: list[Day]
    failed_days: list[Day]
    message: str


class ReportLink(Struct, forbid_unknown_fields=True):
    """An address of the whole report."""

    experiment: Name
    day: Day
    url: str
    expires_in_seconds: Count
