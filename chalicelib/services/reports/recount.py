"""The recount: read every visitor's document once and write the reports that follow.

A job has segments. Each folds its part of the documents into a partial tally. When its time runs
out it keeps how far it came and is invoked again. The last one to finish adds the partials up and
writes the reports.

Any run may die, be late or come twice. Every step of a segment is a new file, and an entry of the
store, written over exactly the version that was read, says which file counts: of two runs of one
segment only one gets further, and what is finished stays. Writing the reports is idempotent.
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from chalicelib.domain.counting.rules import Rules, rules_of
from chalicelib.domain.counting.tally import Tally, tally_of
from chalicelib.domain.errors import Unavailable
from chalicelib.domain.instant import SECOND, Instant, recorded_at
from chalicelib.services import jobs
from chalicelib.services.isolation import attempt
from chalicelib.services.reports import recount_job
from chalicelib.services.reports.calculator_call import Calculator
from chalicelib.services.reports.engagement_calculation import Slice, begin, go_on, save_scores, summary
from chalicelib.services.reports.recount_job import FAILED, RUNNING, SUCCEEDED
from chalicelib.services.reports.segment_progress import Overtaken, Progress, finished_partials
from chalicelib.services.reports.write_reports import ReportRun
from chalicelib.services.store import (
    DefinitionStore,
    JobStore,
    Page,
    PartialFiles,
    ProgressStore,
    ScoreStore,
    VisitorStore,
)

_MARGIN = 30_000
_LOOK_EVERY = 5 * SECOND
_SHOWN_REPORTS = 2_000
_SHOWN_FAILURES = 100

Invoke = Callable[[str, int], None]
"""Run a segment of a job somewhere else: (job id, segment)."""

Finish = Callable[[Tally, Instant, Callable[[], None]], ReportRun]
"""Write the reports of a tally as of an instant, calling the third between batches."""


class Store(VisitorStore, DefinitionStore, JobStore, ProgressStore, ScoreStore, Protocol):
    """What a recount needs of a store."""


@dataclass(frozen=True, slots=True)
class Worker:
    """Where a segment runs: `remaining` gives the milliseconds that are left to it, `progress` gets the
    job, the segment and how many calls of the calculator are done. `name` is this run's own."""

    store: Store
    files: PartialFiles
    invoke: Invoke
    finish: Finish
    remaining: Callable[[], int]
    clock: Callable[[], Instant]
    calculator: Calculator | None = None
    progress: Callable[[str, int, int], None] = lambda job_id, segment, calls: None
    name: str = field(default_factory=lambda: secrets.token_hex(8))


class Stopped(Exception):
    """The job has ended while this run was at work."""


def run_segment(worker: Worker, job_id: str, segment: int) -> dict[str, Any]:
    """Count one segment, or go on with it; the last one to be done writes the reports.

    The job as it then stands. NotFound when there is no such job. An error is kept in the job and
    raised: the same segment may be run again.
    """
    job = recount_job.sign_of_life(worker.store, job_id, worker.clock(), worker.remaining())
    if job["state"] != RUNNING:
        return job
    try:
        return _run(worker, job, segment)
    except (Stopped, Overtaken):
        return recount_job.current(worker.store, job_id)
    except Exception as error:
        said = f"{type(error).__name__}: {error}"
        attempt(lambda: recount_job.note_error(worker.store, job_id, said), lambda error: None)
        raise


def _run(worker: Worker, job: dict[str, Any], segment: int) -> dict[str, Any]:
    if segment not in job["done"]:
        progress = Progress.of(worker.store, worker.files, job, segment, worker.name)
        if not progress.finished and not (
            _count(worker, job, progress) and _calculate(worker, job, progress)
        ):
            worker.invoke(job["id"], segment)
            return job
        job = jobs.change(worker.store, job["id"], lambda each: _with_done(each, segment))
    if len(job["done"]) < job["segments"] or job["state"] != RUNNING:
        return job
    return _finish(worker, job)


def fold_page(tally: Tally, page: Page, rules: Mapping[str, Rules]) -> None:
    """Count a page of documents, also those that cannot be read."""
    for visitor in page.visitors:
        tally.fold(visitor, rules)
    for _, reason in page.unreadable:
        tally.set_aside(reason)


def _counted(worker: Worker, job: Mapping[str, Any], progress: Progress) -> bool:
    """Whether this run came to the end of the segment."""
    return _count(worker, job, progress) and _calculate(worker, job, progress)


def _count(worker: Worker, job: Mapping[str, Any], progress: Progress) -> bool:
    """Whether all documents of the segment are counted; if not, what it has so far is kept."""
    partial = progress.partial
    if partial.get("counted"):
        return True
    tally = tally_of(partial["tally"]) if "tally" in partial else Tally()
    rules = rules_of(worker.store.definitions())
    now, look = recorded_at(job["submitted_at"]), _Look(worker, job["id"])
    for page in worker.store.visitor_pages(progress.segment, job["segments"], now, partial["next"]):
        fold_page(tally, page, rules)
        partial["unreadable"] += page.unreadable
        partial["next"] = page.next
        look()
        if page.next is not None and worker.remaining() < _MARGIN:
            progress.keep({**partial, "tally": tally.record()})
            return False
    last = worker.calculator is None
    progress.keep({**partial, "tally": tally.record(), "counted": True}, finished=last)
    return True


def _calculate(worker: Worker, job: Mapping[str, Any], progress: Progress) -> bool:
    """The same for the engagement scores of the segment, where there is a function for them."""
    if worker.calculator is None:
        if not progress.finished:
            progress.keep(progress.partial, finished=True)
        return True
    partial, look = progress.partial, _Look(worker, job["id"])
    definitions, now = worker.store.definitions(), recorded_at(job["submitted_at"])
    found = partial.get("calculation") or begin(worker.store, definitions, now)

    def keep(calculation: dict[str, Any]) -> None:
        progress.keep({**partial, "calculation": calculation}, finished=calculation["finished"])
        worker.progress(job["id"], progress.segment, calculation["calls"])
        look()

    work = Slice(progress.segment, job["segments"], now, worker.remaining, keep)
    return go_on(worker.store, definitions, worker.calculator, found, work)


def _finish(worker: Worker, job: Mapping[str, Any]) -> dict[str, Any]:
    found = finished_partials(worker.store, worker.files, job)
    if found is None:
        return recount_job.current(worker.store, job["id"])
    partials, keys = found
    total, unreadable, calculations = Tally(), [], []
    for partial in partials:
        total.add(tally_of(partial["tally"]))
        unreadable += partial["unreadable"]
        calculations += [partial["calculation"]] if "calculation" in partial else []
    now = recorded_at(job["submitted_at"])
    if len(calculations) == job["segments"]:
        save_scores(worker.store, calculations, now)
    run = worker.finish(total, now, _Look(worker, job["id"]))
    result = {
        "documents": total.documents,
        "unreadable": unreadable[:100],
        "calculation": summary(calculations),
        "written": len(run.written),
        "reports": dict(sorted(run.written)[-_SHOWN_REPORTS:]),
        "failed": [each.shown() for each in run.failed[:_SHOWN_FAILURES]],
    }
    return _ended(worker, job, run, result, keys)


def _ended(
    worker: Worker, job: Mapping[str, Any], run: ReportRun, result: Mapping[str, Any], keys: list[str]
) -> dict[str, Any]:
    """End the job; Unavailable, and it goes on, where another try may write what could not be written."""
    jobs.change(worker.store, job["id"], lambda each: {**each, **result})
    jobs.forget_erased(worker.store, job["id"], recorded_at(job["submitted_at"]))
    passing = [each for each in run.failed if each.passing]
    if passing:
        raise Unavailable(f"{len(passing)} reports were not written: {passing[0].message}")
    state, error = (FAILED, _failed_experiments(run)) if run.failed else (SUCCEEDED, None)
    ended = recount_job.end(worker.store, job["id"], state, worker.clock(), error)
    worker.files.delete_partials(keys)
    return ended


def _failed_experiments(run: ReportRun) -> str:
    names = sorted({each.experiment for each in run.failed})
    first = run.failed[0]
    return f"no report of {', '.join(names[:20])}: {first.message}"


class _Look:
    """Stops this run when the job has ended; looks every few seconds, and shows a sign of life."""

    def __init__(self, worker: Worker, job_id: str) -> None:
        self._worker, self._job_id = worker, job_id
        self._next = worker.clock() + _LOOK_EVERY

    def __call__(self) -> None:
        now = self._worker.clock()
        if now < self._next:
            return
        self._next = now + _LOOK_EVERY
        job = recount_job.sign_of_life(self._worker.store, self._job_id, now, self._worker.remaining())
        if job["state"] != RUNNING:
            raise Stopped(self._job_id)


def _with_done(job: dict[str, Any], segment: int) -> dict[str, Any]:
    return {**job, "done": sorted({*job["done"], segment})}
