"""Write the reports that are missing, or that differ from what a recount found.

Each experiment, and each day of it, is on its own: what cannot be computed or written is recorded
as failed and harms no other report, no other experiment, nor the index.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from chalicelib.domain.counting.tally import Tally
from chalicelib.domain.definitions import Definitions
from chalicelib.domain.errors import Conflict
from chalicelib.domain.experiments.experiment import Experiment
from chalicelib.domain.instant import Day, Instant, day_of, iso_at, iso_day
from chalicelib.services.isolation import attempt
from chalicelib.services.reports.due_reports import Due, due_reports, reported_days, revision_after
from chalicelib.services.reports.engagement_scores import Scores, with_scores
from chalicelib.services.reports.failed_report import Failure, error_report, failure_of, unreadable_definition
from chalicelib.services.reports.fill_reports import fill
from chalicelib.services.reports.report_frame import frame
from chalicelib.services.store import DefinitionStore, ReportFiles, ReportStore, ScoreStore, Written
from chalicelib.services.tracking.exclusions import exclusions
from chalicelib.services.tracking_store import CounterStore

_BATCH = 100
_ATTEMPTS = 5
_DISTRUSTED = ("mismatch", "impossible_assignment")
_FAILED = "failed"

Report = dict[str, Any]


class Store(DefinitionStore, CounterStore, ReportStore, ScoreStore, Protocol):
    """What writing reports needs of a store."""


@dataclass(slots=True)
class ReportRun:
    """What writing the reports of a recount came to: (experiment, ISO day) of each that was written,
    what failed, and how many of the newest reports show a split that cannot be trusted."""

    written: list[tuple[str, str]] = field(default_factory=list)
    failed: list[Failure] = field(default_factory=list)
    mismatches: int = 0


def write_reports(
    store: Store,
    files: ReportFiles,
    tally: Tally,
    now: Instant,
    today: bool = True,
    between: Callable[[], None] = lambda: None,
) -> ReportRun:
    """All reports that are due by a tally of all documents at `now`, the instant the recount began.

    A second run with the same tally writes nothing. A day that is over is written again only when
    its numbers differ, with its revision raised; today's report, if wanted, is provisional. A run
    that ends after one which began later changes nothing that the later one wrote. `between` is
    called before each batch and may raise to stop.
    """
    night = _Night(store, files, tally, store.definitions(), now)
    night.note_unreadable(today)
    due = [each for experiment in night.reported for each in night.due(experiment, today)]
    for first in range(0, len(due), _BATCH):
        between()
        for each, report in night.filled(due[first : first + _BATCH]):
            night.save(each, report)
    between()
    files.write_index(night.index(), now)
    night.finalize()
    return night.run


class _Night:
    """One run: what it works on, and what came of it so far."""

    def __init__(
        self, store: Store, files: ReportFiles, tally: Tally, definitions: Definitions, now: Instant
    ) -> None:
        self._store, self._files, self._tally, self._now = store, files, tally, now
        self._definitions = definitions
        self._scores: dict[str, Scores] = {}
        self._excluded: dict[str, dict[Day, dict[str, int]]] | None = None
        self.run = ReportRun()
        self.reported = [
            experiment
            for experiment in definitions.experiments.values()
            if experiment.started_at is not None and experiment.finalized_at is None
        ]

    def note_unreadable(self, today: bool) -> None:
        """Experiments whose definitions cannot be read have a report that says so."""
        for (kind, name), reason in self._definitions.unreadable.items():
            if kind == "experiment":
                self._note(unreadable_definition(name, reason), None, day_of(self._now) - (not today))

    def due(self, experiment: Experiment, today: bool) -> list[Due]:
        """The reports that an experiment is due; none when even that cannot be said."""
        name, last = experiment.name, self._last_day(experiment, today)
        missing = self._definitions.unreadable_goals_of(experiment)
        if missing:
            # Without it the reports of all days would be written again as if nobody had reached it.
            reason = f"goal {missing[0]}: {self._definitions.unreadable['goal', missing[0]]}"
            self._note(unreadable_definition(name, reason), experiment.state.value, last)
            return []
        problem = self._definitions.problem_of(experiment)
        if problem is not None:
            self._note(failure_of(problem, name, None), experiment.state.value, last)
            return []

        def found() -> list[Due]:
            self._scores[name] = self._store.scores(name)
            there, excluded = self._store.written_reports(name), self._exclusions().get(name, {})
            return due_reports(experiment, self._tally, self._scores[name], excluded, there, self._now, today)

        def failed(error: Exception) -> None:
            self._note(failure_of(error, name, None), experiment.state.value, last)

        return attempt(found, failed) or []

    def filled(self, due: Sequence[Due]) -> Iterator[tuple[Due, Report]]:
        """The reports, computed together; one by one where they cannot be."""
        together = attempt(lambda: self._reports(due), lambda error: None)
        if together is not None:
            yield from zip(due, together, strict=True)
            return
        for each in due:
            alone = attempt(lambda each=each: self._reports([each]), self._failing(each))  # type: ignore[misc]
            if alone is not None:
                yield each, alone[0]

    def save(self, each: Due, report: Report) -> None:
        """Write a report to the files and the store."""
        if attempt(lambda: self._write(each, report), self._failing(each)):
            self.run.written.append((each.experiment.name, iso_day(each.day)))
            self.run.mismatches += each.latest and report["srm"]["verdict"] in _DISTRUSTED

    def index(self) -> Report:
        """Every experiment with its days, those that failed, and why the first of this run did."""
        rows = [self._index_row(experiment) for experiment in self._definitions.experiments.values()]
        for (kind, name), reason in self._definitions.unreadable.items():
            if kind == "experiment":
                error = unreadable_definition(name, reason).error()
                rows.append({"name": name, "state": None, "days": [], "failed_days": [], "error": error})
        rows.sort(key=lambda row: str(row["name"]))
        return {"generated_at": iso_at(self._now), "experiments": rows}

    def finalize(self) -> None:
        """Leave experiments alone whose final report is written; not those that failed in any way."""
        failed = {each.experiment for each in self.run.failed}
        for experiment in self.reported:
            if experiment.is_final(self._now) and experiment.name not in failed:
                try:
                    self._store.save_experiment(replace(experiment, finalized_at=self._now))
                except Conflict:
                    continue

    def _reports(self, due: Sequence[Due]) -> list[Report]:
        excluded = self._exclusions()
        frames = [
            with_scores(
                frame(
                    self._definitions,
                    each.experiment,
                    self._tally,
                    excluded.get(each.experiment.name, {}),
                    each.day,
                    self._now,
                ),
                self._scores[each.experiment.name],
            )
            for each in due
        ]
        return fill(frames)

    def _exclusions(self) -> dict[str, dict[Day, dict[str, int]]]:
        """What was excluded since the first day that any of these experiments reports, read once."""
        if self._excluded is None:
            days = [reported_days(each, self._tally, {}, self._now, True) for each in self.reported]
            first = min(each.start for each in days)
            self._excluded = exclusions(self._store, first, day_of(self._now), self._now)
        return self._excluded

    def _write(self, each: Due, report: Report) -> bool:
        """Files first, then the store: what died in between is due again.

        Both refuse what is older than what they hold. False when a later recount was faster.
        """
        there = each.there
        for _ in range(_ATTEMPTS):
            report["revision"] = revision_after(there)
            written = Written(each.digest, report["revision"], report["provisional"], self._now)
            encoded = self._files.encoded(report)
            if not self._write_files(report, each.latest, encoded):
                return False
            try:
                self._store.save_report(report, written, there, encoded)
            except Conflict:
                there = self._store.written_reports(each.experiment.name).get(report["as_of_day"])
                continue
            return True
        raise Conflict(f"the report of {report['as_of_day']} is being written by too many at once")

    def _write_files(self, report: Report, latest: bool, encoded: bytes | None = None) -> bool:
        written = self._files.write_report(report, self._now, encoded)
        if written and latest:
            self._files.write_latest(report, self._now, encoded)
        return written

    def _failing(self, each: Due) -> Callable[[Exception], None]:
        def failed(error: Exception) -> None:
            state = each.experiment.state.value
            self._note(failure_of(error, each.experiment.name, each.day), state, each.day)

        return failed

    def _note(self, failure: Failure, state: str | None, day: Day) -> None:
        """Keep a failure, and leave a report that says so unless the day has a good one."""
        self.run.failed.append(failure)
        if not failure.passing:
            attempt(lambda: self._write_error(failure, state, day), lambda error: None)

    def _write_error(self, failure: Failure, state: str | None, day: Day) -> None:
        written = self._store.written_reports(failure.experiment)
        there = written.get(iso_day(day))
        if there is not None and (there.counted_at > self._now or not (there.failed or there.provisional)):
            return
        report = error_report(state, day, failure, written, self._now)
        report["revision"] = revision_after(there)
        kept = Written(_FAILED, report["revision"], report["provisional"], self._now, failed=True)
        self._write_files(report, latest=iso_day(day) >= max(written, default=""))
        self._store.save_report(report, kept, there)

    def _last_day(self, experiment: Experiment, today: bool) -> Day:
        last = day_of(self._now) - (not today)
        return last if experiment.ended_at is None else min(last, day_of(experiment.ended_at))

    def _index_row(self, experiment: Experiment) -> Report:
        written = attempt(lambda: self._store.written_reports(experiment.name), lambda error: None) or {}
        mine = [each for each in self.run.failed if each.experiment == experiment.name]
        return {
            "name": experiment.name,
            "state": experiment.state.value,
            "started_at": None if experiment.started_at is None else iso_at(experiment.started_at),
            "ended_at": None if experiment.ended_at is None else iso_at(experiment.ended_at),
            "days": [day for day, each in written.items() if not each.failed],
            "failed_days": [day for day, each in written.items() if each.failed],
            "error": mine[0].error() if mine else None,
        }
