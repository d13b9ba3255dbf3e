"""The job of a recount: it begins, shows signs of life, and always ends.

`running` becomes `succeeded`, `failed` (with the reason in `error`), `cancelled` or `timed_out`. An
invocation that dies says nothing, so every run promises how long it will last (`alive_until`), and
`watch`, called every minute, ends the jobs that are past it.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from chalicelib.domain.errors import NotFound
from chalicelib.domain.instant import HOUR, MINUTE, SECOND, Instant, iso_at, recorded_at
from chalicelib.services import jobs
from chalicelib.services.jobs import Job
from chalicelib.services.store import JobStore

RUNNING = "running"
SUCCEEDED = "succeeded"
FAILED = "failed"
CANCELLED = "cancelled"
TIMED_OUT = "timed_out"

BYTES_PER_SEGMENT = 256 * 1024 * 1024
MAX_SEGMENTS = 1000

LIMIT = 12 * HOUR
"""How long a job may take when nobody says less."""

_RETRIES = 8 * MINUTE
"""Lambda runs a failed event again after one minute and after two more; with time to start."""

_FIRST_SIGN = 20 * MINUTE
_LESS_THAN = 2 * MINUTE
"""A promise that is longer by less than this is not written: many segments write the same job."""


def segments_for(table_bytes: int) -> int:
    """How many parts to split a table of that size into: one for a small one."""
    return min(MAX_SEGMENTS, 1 + table_bytes // BYTES_PER_SEGMENT)


def start(store: JobStore, job_id: str, segments: int, now: Instant, limit: Instant = LIMIT) -> Job:
    """A new job, not yet running anywhere; Conflict when there is one of that id.

    When it is done it says how many reports were written, each experiment's last day of them, and
    which experiments failed and why.
    """
    job: Job = {
        "id": job_id,
        "state": RUNNING,
        "submitted_at": iso_at(now),
        "limit_at": iso_at(now + limit),
        "alive_until": iso_at(now + _FIRST_SIGN),
        "ended_at": None,
        "error": None,
        "segments": segments,
        "done": [],
        "written": 0,
        "reports": {},
        "failed": [],
        "documents": 0,
        "unreadable": [],
    }
    jobs.add(store, job)
    return job


def limit_of(seconds: int | None) -> Instant:
    """How long a job may take, which was asked to end after so many seconds."""
    return LIMIT if seconds is None else min(seconds * SECOND, LIMIT)


def unfinished(job: Mapping[str, Any]) -> list[int]:
    """The segments that are still to be counted; segment 0 when only the reports are missing."""
    if job["state"] != RUNNING:
        return []
    return [each for each in range(job["segments"]) if each not in job["done"]] or [0]


def current(store: JobStore, job_id: str) -> Job:
    """The job as it stands; NotFound."""
    found = store.load_job(job_id)
    if found is None:
        raise NotFound("job", job_id)
    return found[0]


def sign_of_life(store: JobStore, job_id: str, now: Instant, remaining: Instant) -> Job:
    """Promise a sign or an end within `remaining` milliseconds; ends the job when its limit has passed."""

    def promised(job: Job) -> Job:
        if job["state"] != RUNNING:
            return job
        if now >= _at(job, "limit_at", now + 1):
            return _ended(job, TIMED_OUT, now, _limit_passed(job))
        until = now + remaining + _RETRIES
        longer = until - _at(job, "alive_until", now)
        return {**job, "alive_until": iso_at(until)} if longer >= _LESS_THAN else job

    return jobs.change(store, job_id, promised)


def end(
    store: JobStore,
    job_id: str,
    state: str,
    now: Instant,
    error: str | None = None,
    result: Mapping[str, Any] | None = None,
) -> Job:
    """End a running job in a state, with what it came to; one that has ended stays as it is."""

    def ended(job: Job) -> Job:
        return job if job["state"] != RUNNING else _ended({**job, **(result or {})}, state, now, error)

    return jobs.change(store, job_id, ended)


def fail(store: JobStore, job_id: str, error: str, now: Instant) -> Job:
    """Say why a job cannot be done."""
    return end(store, job_id, FAILED, now, error)


def cancel(store: JobStore, job_id: str, now: Instant) -> Job:
    """Stop a job at its next look; what it wrote stays. NotFound. One that has ended stays as it is."""
    return end(store, job_id, CANCELLED, now)


def note_error(store: JobStore, job_id: str, error: str) -> None:
    """Keep why a run failed: Lambda runs it again, and if that fails as well, it is the job's reason."""
    jobs.change(store, job_id, lambda job: {**job, "error": error} if job["state"] == RUNNING else job)


def watch(store: JobStore, now: Instant) -> list[Job]:
    """End the jobs that have run too long or whose run has died; those that were ended."""
    return [job for job_id in store.running_jobs() for job in _watched(store, job_id, now)]


def _watched(store: JobStore, job_id: str, now: Instant) -> Iterable[Job]:
    def decided(job: Job) -> Job:
        if job["state"] != RUNNING:
            return job
        if now >= _at(job, "limit_at", now + 1):
            return _ended(job, TIMED_OUT, now, _limit_passed(job))
        if now < _at(job, "alive_until", now + 1):
            return job
        died = f"no sign of life since {job['alive_until']}: its run died"
        return _ended(job, FAILED, now, job.get("error") or died)

    try:
        before = current(store, job_id)
        after = jobs.change(store, job_id, decided)
    except NotFound:
        # About to be written: its mark is there first.
        return []
    if before["state"] != RUNNING:
        store.forget_running(job_id)
        return []
    return [] if after["state"] == RUNNING else [after]


def _ended(job: Mapping[str, Any], state: str, now: Instant, error: str | None) -> Job:
    return {**job, "state": state, "ended_at": iso_at(now), "error": error}


def _limit_passed(job: Mapping[str, Any]) -> str:
    return f"not done by {job['limit_at']}, its limit"


def _at(job: Mapping[str, Any], name: str, otherwise: Instant) -> Instant:
    """An instant of the job; jobs of older versions lack some."""
    return recorded_at(job[name]) if job.get(name) else otherwise
