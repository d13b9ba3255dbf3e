"""A recount job as the admin API shows it."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from infra.contract.text_formats import Count, Day, Instant, Name

Pair = Annotated[tuple[str, str], Meta(description="visitor id, reason")]


class ReportFailure(Struct, forbid_unknown_fields=True):
    """A report that could not be computed or written; without a `day` none of the experiment could."""

    experiment: str
    day: Day | None
    code: str
    message: str
    field: str | None


class Calculation(Struct, forbid_unknown_fields=True):
    """The calls of your engagement calculator; `failures` has the first visitors whose call failed."""

    calls: Count
    failed: Count
    slices: Count
    failures: list[Pair]


class Job(Struct, forbid_unknown_fields=True, kw_only=True):
    """A recount. `reports` has the last day written of each experiment; `calculation` comes at the end."""

    id: str
    state: Literal["running", "succeeded", "failed", "cancelled", "timed_out"]
    submitted_at: Instant
    limit_at: Instant
    alive_until: Instant
    ended_at: Instant | None
    error: str | None
    segments: Count
    done: list[Count]
    written: Count
    reports: dict[Name, Day]
    failed: list[ReportFailure]
    documents: Count
    unreadable: list[Pair]
    calculation: Calculation | UnsetType | None = UNSET
