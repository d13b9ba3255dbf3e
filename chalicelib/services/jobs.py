"""Jobs are kept for a month, and forget whoever is erased."""

from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from typing import Any, Protocol

from chalicelib.domain.errors import Conflict, NotFound, UnreadableDocument
from chalicelib.domain.instant import DAY, Instant, recorded_at
from chalicelib.services.store import JobStore, VisitorStore

KEPT = 30 * DAY
_ATTEMPTS = 1000

Job = dict[str, Any]


class Store(JobStore, VisitorStore, Protocol):
    """What it takes to see who was erased."""


def add(store: JobStore, job: Mapping[str, Any]) -> None:
    """A new job; Conflict when there is one of its id."""
    store.save_job(job["id"], job, 0, _expiry(job))


def change(store: JobStore, job_id: str, decide: Callable[[Job], Job]) -> Job:
    """The job after `decide`, however many write it at once; NotFound when there is none."""
    for _ in range(_ATTEMPTS):
        found = store.load_job(job_id)
        if found is None:
            raise NotFound("job", job_id)
        job, version = found
        changed = decide(job)
        if changed == job:
            return job
        try:
            store.save_job(job_id, changed, version, _expiry(job))
        except Conflict:
            continue
        return changed
    raise Conflict(f"job {job_id} was written by too many at once")


def forget(store: JobStore, visitor_ids: Collection[str]) -> None:
    """Take visitors out of what every job says of single ones; a job that expires meanwhile says nothing."""
    for job in store.jobs():
        if _named(job) & set(visitor_ids):
            with suppress(NotFound):
                change(store, job["id"], lambda each: _without(each, visitor_ids))


def forget_erased(store: Store, job_id: str, now: Instant) -> None:
    """Take out those who are gone by now: whom `forget` could not find, since they were written after."""
    job, _ = store.load_job(job_id) or ({}, 0)
    gone = {each for each in _named(job) if _is_gone(store, each, now)}
    if gone:
        change(store, job_id, lambda each: _without(each, gone))


def _is_gone(store: VisitorStore, visitor_id: str, now: Instant) -> bool:
    try:
        visitor, _ = store.load_visitor(visitor_id, now)
    except UnreadableDocument:
        return False
    return visitor.erased or visitor.is_empty


def _named(job: Mapping[str, Any]) -> set[str]:
    return {visitor_id for visitor_id, _ in [*_failures(job), *job.get("unreadable", [])]}


def _without(job: Job, visitor_ids: Collection[str]) -> Job:
    def kept(rows: list[list[str]]) -> list[list[str]]:
        return [row for row in rows if row[0] not in visitor_ids]

    changed = {**job, "unreadable": kept(job["unreadable"])}
    if _failures(job):
        changed["calculation"] = {**job["calculation"], "failures": kept(_failures(job))}
    return changed


def _failures(job: Mapping[str, Any]) -> list[list[str]]:
    found: list[list[str]] = (job.get("calculation") or {}).get("failures", [])
    return found


def _expiry(job: Mapping[str, Any]) -> Instant:
    return recorded_at(job["submitted_at"]) + KEPT
