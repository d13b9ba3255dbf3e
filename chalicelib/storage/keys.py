"""Every key of the `leansplit` table and of the reports bucket, with what it serves.

The `visitors` table has one key, the visitor's id: a request reads and writes one item by it,
and the recount scans them all.
"""

from chalicelib.domain.tracking.tracker import Bucket

Key = tuple[str, str]
"""Partition key, sort key."""

DEFINITIONS = "definitions"
JOBS = "jobs"
RUNNING = "running"


def number_key() -> Key:
    """How often definitions were changed; raised in the transaction of each change. It sorts before all
    of them, since a query must read it first: see `DynamoStore.definitions`."""
    return DEFINITIONS, "#number"


def definition_key(kind: str, name: str) -> Key:
    """An `experiment`, `goal` or `tracker`: read with all definitions in one query; written by the admin
    API."""
    return DEFINITIONS, f"{kind}#{name}"


def message_key(tracker: str, lane: int, key: str) -> Key:
    """Put by a request; a lane is queried from its oldest message on, and emptied, by who folds it."""
    return f"lane#{tracker}#{lane:02d}", key


def lease_key(tracker: str, lane: int) -> Key:
    """Who folds a lane and until when."""
    return "leases", f"{tracker}#{lane:02d}"


def seen_key(once: str) -> Key:
    """That a request of that id was taken; never together with another, so that no partition is hot."""
    return f"seen#{once}", "seen"


def counter_key(tracker: str, object_: str, field: str, bucket: Bucket) -> Key:
    """Added to while folding. A day of a tracker is one query, a series a few batches of keys."""
    hour = "" if bucket.hour is None else f"#{bucket.hour:02d}"
    return counter_partition(tracker, bucket), f"{object_}#{field}{hour}"


def counter_partition(tracker: str, bucket: Bucket) -> str:
    """All counters of a tracker and a day, or of a tracker that only has totals."""
    return f"counts#{tracker}#{bucket.iso_day}"


def object_key(tracker: str, object_: str) -> Key:
    """A declared object with its label and target: one by a redirect, all by a list."""
    return f"objects#{tracker}", object_


def aside_key(shelf: str, key: str) -> Key:
    """What was set aside, by tracker; listed newest first, taken away by a replay."""
    return f"aside#{shelf}", key


def alias_key(visitor_id: str, alias: str) -> Key:
    """Written with a pointer; an erasure queries all of a visitor and deletes them."""
    return f"aliases#{visitor_id}", alias


def report_key(experiment: str, day: str) -> Key:
    """Read by experiment and day; an experiment's days are listed by a query."""
    return f"reports#{experiment}", day


def score_key(experiment: str, day: str) -> Key:
    """Written when your engagement function was called for a day; all days of an experiment are queried."""
    return f"scores#{experiment}", day


def job_key(job_id: str) -> Key:
    """Read and written by the job's workers and by who polls it; an erasure queries those of a month."""
    return JOBS, job_id


def running_key(job_id: str) -> Key:
    """That a job runs: all of them are queried every minute, so they lie apart from the jobs themselves."""
    return RUNNING, job_id


def progress_key(job_id: str, segment: int) -> Key:
    """How far a segment of a job is; read and written by the runs of that segment."""
    return f"progress#{job_id}", f"{segment:04d}"


def report_object(experiment: str, day: str) -> str:
    """The report of one day, or of `latest`."""
    return f"reports/{experiment}/{day}.json"


REPORT_INDEX = "reports/index.json"
"""Every experiment with its days that have a report."""


def partial_object(job_id: str, segment: int, name: str) -> str:
    """What one run of a segment had counted at one moment; never overwritten."""
    return f"work/{job_id}/{segment:04d}-{name}.json.gz"
