"""What runs by itself: the nightly reports, and the segments of a recount."""

import resource
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from chalice.app import Blueprint, CloudWatchEvent, Cron, Rate

from chalicelib import wiring
from chalicelib.config import BadSetting
from chalicelib.domain.counting.tally import Tally
from chalicelib.domain.errors import Conflict
from chalicelib.domain.instant import MINUTE, Instant
from chalicelib.domain.tracking.tracker import EXCLUDED
from chalicelib.services.reports import recount
from chalicelib.services.reports.recount import Worker
from chalicelib.services.tracking.fold import GRACE, Folder, fold_until, waiting
from chalicelib.services.tracking.fold import fold as fold_lanes
from chalicelib.web.http.telemetry import log, measure

jobs = Blueprint(__name__)
_LOOK_EVERY = 10
_DISTRUSTED = ("mismatch", "impossible_assignment")


@jobs.schedule(Cron(30, 0, "*", "*", "?", "*"), name="report")
def report(event: CloudWatchEvent) -> dict[str, Any]:
    """Every night: recount all documents, and write all reports that are missing or differ.

    A small table is counted here, the segments of a large one in Lambdas of their own. The same
    event twice takes the same job up again.
    """
    context: Any = event.context
    job_id = f"nightly-{event.to_dict()['id']}"
    segments = recount.segments_for(wiring.store().visitor_bytes())
    try:
        job = recount.start(wiring.store(), job_id, segments, wiring.now())
    except Conflict:
        found = wiring.store().load_job(job_id)
        assert found is not None
        job = found[0]
    for segment in recount.unfinished(job):
        if job["segments"] == 1:
            job = _run(job_id, segment, context.get_remaining_time_in_millis)
        else:
            wiring.invoke_recount(job_id, segment)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    facts = {name: job[name] for name in ("state", "documents", "written")}
    log("report", job=job_id, **facts, peak_mb=peak)
    return {**job, "peak_mb": peak}


@jobs.lambda_function(name="recount")
def recount_segment(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """One segment of a job: `{"job": …, "segment": n}`."""
    job = _run(event["job"], event["segment"], context.get_remaining_time_in_millis)
    log("recount", job=job["id"], segment=event["segment"], state=job["state"], done=len(job["done"]))
    return job


@jobs.schedule(Rate(1, unit=Rate.MINUTES), name="fold")
def fold(event: CloudWatchEvent) -> dict[str, int]:
    """Every minute: what trackers were sent becomes counters."""
    context: Any = event.context
    owner = f"fold-{event.to_dict()['id']}-{wiring.now()}"
    folder = Folder(wiring.store(), wiring.now, owner, context.get_remaining_time_in_millis)
    trackers = wiring.definitions(fresh=True).trackers
    folded = asdict(fold_lanes(folder, trackers.values(), wiring.now() - GRACE))
    log("fold", **folded)
    if wiring.now() // MINUTE % _LOOK_EVERY == 0:
        before = wiring.now() - _LOOK_EVERY * MINUTE
        measure("waiting_lanes", waiting(wiring.store(), trackers.values(), before))
    return folded


def _progress(job_id: str, segment: int, calls: int) -> None:
    log("calculation", job=job_id, segment=segment, calls=calls)


def _run(job_id: str, segment: int, remaining: Callable[[], int]) -> dict[str, Any]:
    # Only here, since it imports numpy and scipy.
    from chalicelib.services.reports.write_reports import write_reports

    def finish(tally: Tally, now: Instant) -> list[tuple[str, str]]:
        fold_until(wiring.store(), [EXCLUDED], wiring.now, job_id, now)
        written = write_reports(wiring.store(), wiring.report_files(), tally, now)
        _measure(tally, written)
        return written

    try:
        calculator = wiring.calculator()
    except BadSetting as error:
        recount.fail(wiring.store(), job_id, str(error))
        raise
    worker = Worker(
        wiring.store(), wiring.report_files(), wiring.invoke_recount, finish, remaining, calculator, _progress
    )
    return recount.run_segment(worker, job_id, segment)


def _measure(tally: Tally, written: list[tuple[str, str]]) -> None:
    latest = dict(sorted(written)).items()
    reports = [wiring.store().load_report(name, day) for name, day in latest]
    distrusted = [each for each in reports if each and each["srm"]["verdict"] in _DISTRUSTED]
    measure("unreadable_documents", sum(tally.unreadable.values()))
    measure("sample_ratio_mismatches", len(distrusted))
    measure("finished_reports", 1)
