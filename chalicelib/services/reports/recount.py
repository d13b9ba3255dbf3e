"""The recount: read every visitor's document once and write the reports that follow.

A job has segments. Each folds its part of the documents into a partial tally, which it alone
writes, so that running it twice counts nothing twice. When its time runs out it writes how far
it came and is invoked again. Whoever finds all segments done adds the partials up and writes
the reports; as that is idempotent too, it may happen twice.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from chalicelib.domain.counting.rules import Rules, rules_of
from chalicelib.domain.counting.tally import Tally, tally_of
from chalicelib.domain.errors import NotFound
from chalicelib.domain.instant import Instant, iso_at, parse_at
from chalicelib.services import jobs
from chalicelib.services.reports.calculator_call import Calculator
from chalicelib.services.reports.engagement_calculation import Slice, begin, go_on, save_scores, summary
from chalicelib.services.store import DefinitionStore, JobStore, Page, PartialFiles, ScoreStore, VisitorStore

BYTES_PER_SEGMENT = 256 * 1024 * 1024
MAX_SEGMENTS = 1000
_MARGIN = 30_000
_SHOWN_REPORTS = 2_000

Invoke = Callable[[str, int], None]
"""Run a segment of a job somewhere else: (job id, segment)."""

Finish = Callable[[Tally, Instant], list[tuple[str, str]]]
"""Write the reports of a tally as of an instant."""


class Store(VisitorStore, DefinitionStore, JobStore, ScoreStore, Protocol):
    """What a recount needs of a store."""


@dataclass(frozen=True, slots=True)
class Worker:
    """Where a segment runs: `remaining` gives the milliseconds that are left to it, `progress` is told
    the job, the segment and how many calls of the calculator are done."""

    store: Store
    files: PartialFiles
    invoke: Invoke
    finish: Finish
    remaining: Callable[[], int]
    calculator: Calculator | None = None
    progress: Callable[[str, int, int], None] = lambda job_id, segment, calls: None


def segments_for(table_bytes: int) -> int:
    """How many parts to split a table of that size into: one for a small one."""
    return min(MAX_SEGMENTS, 1 + table_bytes // BYTES_PER_SEGMENT)


def start(store: JobStore, job_id: str, segments: int, now: Instant) -> dict[str, Any]:
    """A new job, not yet running anywhere; Conflict when there is one of that id.

    When it is done it says how many reports were written, and each experiment's last day of them.
    """
    job = {
        "id": job_id,
        "state": "running",
        "submitted_at": iso_at(now),
        "segments": segments,
        "done": [],
        "written": 0,
        "reports": {},
        "documents": 0,
        "unreadable": [],
    }
    jobs.add(store, job)
    return job


def fail(store: JobStore, job_id: str, error: str) -> None:
    """Say in the job why it cannot go on; one that is over stays as it is."""
    told = {"state": "failed", "error": error}
    jobs.change(store, job_id, lambda each: {**each, **told} if each["state"] == "running" else each)


def unfinished(job: Mapping[str, Any]) -> list[int]:
    """The segments that are still to be counted; segment 0 when only the reports are missing."""
    if job["state"] != "running":
        return []
    return [each for each in range(job["segments"]) if each not in job["done"]] or [0]


def run_segment(worker: Worker, job_id: str, segment: int) -> dict[str, Any]:
    """Count one segment, or go on with it; the last one to be done writes the reports.

    The job as it then stands. NotFound when there is no such job.
    """
    job = _job(worker.store, job_id)
    if job["state"] != "running":
        return job
    if segment not in job["done"]:
        if not (_count(worker, job, segment) and _calculate(worker, job, segment)):
            worker.invoke(job_id, segment)
            return job
        job = jobs.change(worker.store, job_id, lambda each: _with_done(each, segment))
    if len(job["done"]) < job["segments"]:
        return job
    return _finish(worker, job)


def fold_page(tally: Tally, page: Page, rules: Mapping[str, Rules]) -> None:
    """Count a page of documents, also those that cannot be read."""
    for visitor in page.visitors:
        tally.fold(visitor, rules)
    for _, reason in page.unreadable:
        tally.set_aside(reason)


def _count(worker: Worker, job: Mapping[str, Any], segment: int) -> bool:
    """Whether the segment came to its end; if not, what it has so far is kept."""
    partial = worker.files.read_partial(job["id"], segment) or {"next": None, "unreadable": []}
    if partial.get("counted"):
        return True
    tally = tally_of(partial["tally"]) if "tally" in partial else Tally()
    rules = rules_of(worker.store.definitions())
    now = parse_at(job["submitted_at"])
    for page in worker.store.visitor_pages(segment, job["segments"], now, partial["next"]):
        fold_page(tally, page, rules)
        partial["unreadable"] += page.unreadable
        partial["next"] = page.next
        if page.next is not None and worker.remaining() < _MARGIN:
            worker.files.write_partial(job["id"], segment, {**partial, "tally": tally.record()})
            return False
    whole = {**partial, "tally": tally.record(), "counted": True}
    worker.files.write_partial(job["id"], segment, whole)
    return True


def _calculate(worker: Worker, job: Mapping[str, Any], segment: int) -> bool:
    """The same for the engagement scores of the segment, where there is a function for them."""
    partial = worker.files.read_partial(job["id"], segment)
    if worker.calculator is None or partial is None:
        return True
    definitions, now = worker.store.definitions(), parse_at(job["submitted_at"])
    found = partial.get("calculation") or begin(worker.store, definitions, now)

    def keep(calculation: dict[str, Any]) -> None:
        worker.files.write_partial(job["id"], segment, {**partial, "calculation": calculation})
        worker.progress(job["id"], segment, calculation["calls"])

    work = Slice(segment, job["segments"], now, worker.remaining, keep)
    return go_on(worker.store, definitions, worker.calculator, found, work)


def _finish(worker: Worker, job: Mapping[str, Any]) -> dict[str, Any]:
    total, unreadable, calculations = Tally(), [], []
    for segment in range(job["segments"]):
        partial = worker.files.read_partial(job["id"], segment)
        if partial is None:
            return _job(worker.store, job["id"])
        total.add(tally_of(partial["tally"]))
        unreadable += partial["unreadable"]
        calculations += [partial["calculation"]] if "calculation" in partial else []
    now = parse_at(job["submitted_at"])
    if len(calculations) == job["segments"]:
        save_scores(worker.store, calculations, now)
    reports = worker.finish(total, now)
    result = {
        "documents": total.documents,
        "unreadable": unreadable[:100],
        "calculation": summary(calculations),
        "written": len(reports),
        "reports": dict(sorted(reports)[-_SHOWN_REPORTS:]),
    }
    jobs.change(worker.store, job["id"], lambda each: {**each, **result})
    jobs.forget_erased(worker.store, job["id"], now)
    finished = jobs.change(worker.store, job["id"], lambda each: {**each, "state": "succeeded"})
    worker.files.delete_partials(job["id"], job["segments"])
    return finished


def _with_done(job: dict[str, Any], segment: int) -> dict[str, Any]:
    return {**job, "done": sorted({*job["done"], segment})}


def _job(store: JobStore, job_id: str) -> dict[str, Any]:
    found = store.load_job(job_id)
    if found is None:
        raise NotFound("job", job_id)
    return found[0]
