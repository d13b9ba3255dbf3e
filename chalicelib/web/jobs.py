"""What runs by itself: the nightly reports, and the segments of a recount."""

import resource
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from chalice.app import Blueprint, CloudWatchEvent, Cron, Rate

from chalicelib import wiring
from chalicelib.config import BadSetting, settings
from chalicelib.domain.counting.tally import Tally
from chalicelib.domain.errors import Conflict, LeansplitError
from chalicelib.domain.instant import MINUTE, Instant
from chalicelib.domain.tracking.tracker import EXCLUDED
from chalicelib.services.experiments.publish import publish_what_is_missing
from chalicelib.services.isolation import attempt
from chalicelib.services.reports import recount_job
from chalicelib.services.tracking.fold import GRACE, Folded, Folder, fold_until, waiting
from chalicelib.services.tracking.fold import fold as fold_lanes
from chalicelib.web.http.telemetry import log, measure, warn

jobs = Blueprint(__name__)
_LOOK_EVERY = 10


class JobFailed(LeansplitError):
    """A job of this invocation has failed; the job says why."""


@jobs.schedule(Cron(30, 0, "*", "*", "?", "*"), name="report")
def report(event: CloudWatchEvent) -> dict[str, Any]:
    """Every night: recount all documents, and write all reports that are missing or differ.

    A small table is counted here, the segments of a large one in Lambdas of their own. The same
    event twice takes the same job up again.
    """
    context: Any = event.context
    job_id = f"nightly-{event.to_dict()['id']}"
    segments = recount_job.segments_for(wiring.store().visitor_bytes())
    try:
        job = recount_job.start(wiring.store(), job_id, segments, wiring.now())
    except Conflict:
        job = recount_job.current(wiring.store(), job_id)
    for segment in recount_job.unfinished(job):
        if job["segments"] == 1:
            job = _run(job_id, segment, context.get_remaining_time_in_millis)
        else:
            wiring.invoke_recount(job_id, segment)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    facts = {name: job[name] for name in ("state", "documents", "written")}
    log("report", job=job_id, **facts, peak_mb=peak)
    _raise_failed(job)
    return {**job, "peak_mb": peak}


@jobs.lambda_function(name="recount")
def recount_segment(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """One segment of a job: `{"job": …, "segment": n}`."""
    job = _run(event["job"], event["segment"], context.get_remaining_time_in_millis)
    log("recount", job=job["id"], segment=event["segment"], state=job["state"], done=len(job["done"]))
    _raise_failed(job)
    return job


@jobs.schedule(Rate(1, unit=Rate.MINUTES), name="fold")
def fold(event: CloudWatchEvent) -> dict[str, int]:
    """Every minute: count what trackers were sent, end the jobs that died, publish what is missing.

    Each by itself; the invocation fails, and the alarm rings, when one of them did.
    """
    problems: list[Exception] = []
    counts = attempt(lambda: _fold(event), problems.append)
    attempt(_end_dead_jobs, problems.append)
    attempt(_publish, problems.append)
    for problem in problems[1:]:
        warn("minute_job", problem=str(problem))
    if problems:
        raise problems[0]
    return counts or {}


def _fold(event: CloudWatchEvent) -> dict[str, int]:
    """JobFailed when a lane failed; all the others are folded before."""
    context: Any = event.context
    owner = f"fold-{event.to_dict()['id']}-{wiring.now()}"
    folder = Folder(wiring.store(), wiring.now, owner, context.get_remaining_time_in_millis)
    trackers = wiring.definitions(fresh=True).trackers_to_fold(wiring.now())
    folded = fold_lanes(folder, trackers, wiring.now() - GRACE)
    counts = {name: amount for name, amount in asdict(folded).items() if name != "failed"}
    log("fold", **counts)
    _warn_of(folded)
    if folded.failed:
        measure("failed_lanes", len(folded.failed))
    if wiring.now() // MINUTE % _LOOK_EVERY == 0:
        before = wiring.now() - _LOOK_EVERY * MINUTE
        measure("waiting_lanes", waiting(wiring.store(), trackers, before))
    if folded.failed:
        raise JobFailed("; ".join(str(each) for each in folded.failed))
    return counts


def _end_dead_jobs() -> None:
    ended = recount_job.watch(wiring.store(), wiring.now())
    for job in ended:
        warn("dead_job", job=job["id"], state=job["state"], error=job["error"])
    if ended:
        measure("dead_jobs", len(ended))


def _warn_of(folded: Folded) -> None:
    for each in folded.failed:
        warn("failed_lane", tracker=each.tracker, lane=each.lane, key=each.message, problem=each.problem)


def _publish() -> None:
    if not settings().site_bucket:
        return
    if publish_what_is_missing(wiring.store(), wiring.site_files(), wiring.built_snippet, wiring.now()):
        log("publish")


def _progress(job_id: str, segment: int, calls: int) -> None:
    log("calculation", job=job_id, segment=segment, calls=calls)


def _run(job_id: str, segment: int, remaining: Callable[[], int]) -> dict[str, Any]:
    # Only here, since it imports numpy and scipy.
    from chalicelib.services.reports import recount
    from chalicelib.services.reports.write_reports import ReportRun, write_reports

    def finish(tally: Tally, now: Instant, between: Callable[[], None]) -> ReportRun:
        _warn_of(fold_until(wiring.store(), [EXCLUDED], wiring.now, job_id, now))
        run = write_reports(wiring.store(), wiring.report_files(), tally, now, between=between)
        _measure(tally, run.mismatches, {each.experiment: each.shown() for each in run.failed})
        return run

    try:
        calculator = wiring.calculator()
    except BadSetting as error:
        recount_job.fail(wiring.store(), job_id, str(error), wiring.now())
        raise
    worker = recount.Worker(
        wiring.store(),
        wiring.report_files(),
        wiring.invoke_recount,
        finish,
        remaining,
        wiring.now,
        calculator,
        _progress,
    )
    return recount.run_segment(worker, job_id, segment)


def _raise_failed(job: Mapping[str, Any]) -> None:
    """The invocation ends as failed when its job did, so that the alarm rings; all others are written."""
    if job["state"] == recount_job.FAILED:
        raise JobFailed(f"job {job['id']}: {job['error']}")


def _measure(tally: Tally, mismatches: int, failed: Mapping[str, Mapping[str, Any]]) -> None:
    measure("unreadable_documents", sum(tally.unreadable.values()))
    measure("sample_ratio_mismatches", mismatches)
    measure("failed_experiments", len(failed))
    measure("finished_reports", 1)
    for failure in failed.values():
        warn("failed_report", failure=failure)
