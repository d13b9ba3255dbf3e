"""What services need of a store, each as small as its users need it.

Any method may raise Unavailable, and one that writes Conflict where others write the same at this moment.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from chalicelib.domain.definitions import Definitions
from chalicelib.domain.experiments.experiment import Experiment
from chalicelib.domain.experiments.goal import Goal
from chalicelib.domain.instant import Instant
from chalicelib.domain.visitors.visitor import Visitor
from chalicelib.services.tracking_store import TrackingStore


@dataclass(frozen=True, slots=True)
class Page:
    """Documents as they lie in the store, and (visitor id, reason) of those that cannot be read.

    `next` is where the next page begins.
    """

    visitors: list[Visitor]
    unreadable: list[tuple[str, str]]
    next: str | None


@dataclass(frozen=True, slots=True)
class Written:
    """A report that is there: whether it must be written again is decided by this.

    `counted_at` is when its recount began; `failed` says that it holds an error in place of figures.
    """

    digest: str
    revision: int
    provisional: bool
    counted_at: Instant = 0
    failed: bool = False


class VisitorStore(Protocol):
    """Visitors' documents, one item each."""

    def load_visitor(self, visitor_id: str, now: Instant) -> tuple[Visitor, int]:
        """The visitor and its version; an empty one if there is none or it has expired.

        UnreadableDocument, with the version, when its content is none.
        """

    def save_visitor(self, visitor: Visitor, version: int) -> None:
        """Write over exactly that version (0: there was none); Conflict when it is another."""

    def save_visitors(self, visitors: Sequence[tuple[Visitor, int]], removed: Mapping[str, int]) -> None:
        """Write several over exactly these versions and remove others, all of it or nothing; Conflict.

        A pointer becomes an alias of whom it belongs to, for as long as it lives.
        """

    def visitor_pages(self, segment: int, segments: int, now: Instant, start: str | None) -> Iterator[Page]:
        """One of `segments` parts of all documents that have not expired, from a page's `next` on."""

    def visitor_bytes(self) -> int:
        """About how large all documents are, maybe hours ago."""


class AliasStore(Protocol):
    """Which ids were joined to a visitor: what an erasure must find."""

    def aliases(self, visitor_id: str) -> list[str]:
        """The ids of all pointers to a visitor that were written and have not expired."""

    def remove_aliases(self, visitor_id: str, aliases: Collection[str]) -> None:
        """Forget these, and none that came meanwhile."""


class DefinitionStore(Protocol):
    """Experiments and goals."""

    def definitions(self) -> Definitions:
        """All of them, as they stand now."""

    def save_experiment(self, experiment: Experiment) -> Experiment:
        """Write over the version that it carries (0: a new one); Conflict when it is another."""

    def save_goal(self, goal: Goal) -> Goal:
        """The same for a goal."""

    def remove_definition(self, kind: str, name: str, version: int) -> None:
        """Remove an `experiment`, `goal` or `tracker` of exactly that version; Conflict for another."""

    def archive_unreadable(self, kind: str, name: str, now: Instant) -> None:
        """Mark one that cannot be read as archived; Conflict when it can be read."""


class ReportStore(Protocol):
    """Reports by experiment and ISO day."""

    def save_report(
        self,
        report: Mapping[str, Any],
        written: Written,
        replaces: Written | None,
        encoded: bytes | None = None,
    ) -> None:
        """Write over exactly `replaces` (None: there was none); Conflict when another one is there.

        `encoded` is the report as `ReportFiles.encoded` gives it, where that is at hand. Of a report
        that is too large for an item, all but its largest blocks is kept.
        """

    def load_report(self, experiment: str, day: str) -> dict[str, Any] | None:
        """The report of a day, or what an item could hold of it: then `file` is where all of it is."""

    def written_reports(self, experiment: str) -> dict[str, Written]:
        """What is known of each report without reading it, by ISO day, oldest first."""


class ScoreStore(Protocol):
    """What your function gave the participants of a day, summed up by arm."""

    def save_scores(self, experiment: str, day: str, scores: Mapping[str, Any], counted_at: Instant) -> None:
        """Replace the scores of an ISO day, unless those that are there come from a later recount."""

    def scores(self, experiment: str) -> dict[str, dict[str, Any]]:
        """By ISO day, oldest first."""


class JobStore(Protocol):
    """Jobs as JSON, under their version like everything else."""

    def load_job(self, job_id: str) -> tuple[dict[str, Any], int] | None:
        """A job and its version."""

    def save_job(self, job_id: str, job: Mapping[str, Any], version: int, expires_at: Instant) -> None:
        """Write over exactly that version (0: a new one); Conflict when it is another."""

    def jobs(self) -> list[dict[str, Any]]:
        """All that are still there."""

    def running_jobs(self) -> list[str]:
        """The ids of all jobs that are running, and maybe of some that have just ended."""

    def forget_running(self, job_id: str) -> None:
        """Leave a job that has ended out of `running_jobs`."""


class ProgressStore(Protocol):
    """How far each segment of a job is, under a version: of two runs of a segment only one goes on."""

    def load_progress(self, job_id: str, segment: int) -> tuple[dict[str, Any], int] | None:
        """What the segment wrote last, and its version."""

    def save_progress(
        self, job_id: str, segment: int, progress: Mapping[str, Any], version: int, expires_at: Instant
    ) -> None:
        """Write over exactly that version (0: a new one); Conflict when it is another."""


class ReportFiles(Protocol):
    """Reports as files, laid out for people: by experiment and day, the latest, and an index."""

    def encoded(self, report: Mapping[str, Any]) -> bytes:
        """The report as it stands in a file: encoding takes time, so it is done once for all places."""

    def write_report(
        self, report: Mapping[str, Any], counted_at: Instant, encoded: bytes | None = None
    ) -> bool:
        """The report of its experiment and day; False when one of a later recount is there."""

    def write_latest(
        self, report: Mapping[str, Any], counted_at: Instant, encoded: bytes | None = None
    ) -> bool:
        """The same report as the experiment's latest."""

    def write_index(self, index: Mapping[str, Any], counted_at: Instant) -> bool:
        """Every experiment with its reports."""


class PartialFiles(Protocol):
    """What the segments of a recount have counted so far; a file is written once and never changed."""

    def read_partial(self, key: str) -> dict[str, Any] | None:
        """What lies under a key."""

    def write_partial(self, job_id: str, segment: int, name: str, partial: Mapping[str, Any]) -> str:
        """Keep what a segment has counted; the key to read it by. `name` is one that nobody else uses."""

    def delete_partials(self, keys: Iterable[str]) -> None:
        """Remove these."""


class Files(ReportFiles, PartialFiles, Protocol):
    """All of what a file store offers."""


class Store(
    VisitorStore,
    AliasStore,
    DefinitionStore,
    ReportStore,
    ScoreStore,
    JobStore,
    ProgressStore,
    TrackingStore,
    Protocol,
):
    """All of what a table store offers."""
