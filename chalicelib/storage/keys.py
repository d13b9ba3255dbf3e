"""Every key of the `leansplit` table and of the reports bucket, with what it serves.

The `visitors` table has one key, the visitor's id: a request reads and writes one item by it,
and the recount scans them all.
"""

from chalicelib.domain.instant import Day, iso_day

Key = tuple[str, str]
"""Partition key, sort key."""

DEFINITIONS = "definitions"
JOBS = "jobs"


def experiment_key(name: str) -> Key:
    """Read with all definitions in one query; written by the admin API."""
    return DEFINITIONS, f"experiment#{name}"


def goal_key(name: str) -> Key:
    """Read with all definitions in one query; written by the admin API."""
    return DEFINITIONS, f"goal#{name}"


def exclusion_key(experiment: str, day: Day, reason: str) -> Key:
    """Added to by refused requests; queried by experiment when its report is written."""
    return f"exclusions#{experiment}", f"{iso_day(day)}#{reason}"


def alias_key(visitor_id: str, alias: str) -> Key:
    """Written at a login; an erasure queries all of a visitor and deletes them."""
    return f"aliases#{visitor_id}", alias


def report_key(experiment: str, day: str) -> Key:
    """Read by experiment and day; an experiment's days are listed by a query."""
    return f"reports#{experiment}", day


def job_key(job_id: str) -> Key:
    """Read and written by the job's workers and by who polls it."""
    return JOBS, job_id


def report_object(experiment: str, day: str) -> str:
    """The report of one day, or of `latest`."""
    return f"reports/{experiment}/{day}.json"


REPORT_INDEX = "reports/index.json"
"""Every experiment with its days that have a report."""


def partial_object(job_id: str, segment: int) -> str:
    """What one segment of a recount has counted so far; overwritten when it is run again."""
    return f"work/{job_id}/{segment:04d}.json.gz"
