"""Read reports: a view for people and pages, and where all of a report is."""

from typing import Any, Protocol

from chalicelib.domain.errors import NotFound
from chalicelib.services.store import ReportStore

LINK_SECONDS = 300
_HEAVY = ("tallies",)
"""Blocks that only a computation needs: a tally with a quantile holds every distinct value."""


class LinkedFiles(Protocol):
    """Report files that can be handed out by their address."""

    def report_link(self, experiment: str, day: str, seconds: int) -> str | None:
        """An address under which the whole report of an ISO day can be read for so long, if it is there."""


def latest_day(store: ReportStore, experiment: str) -> str:
    """The ISO day of the newest report, be it one with an error; NotFound when there is none."""
    days = store.written_reports(experiment)
    if not days:
        raise NotFound("report", f"{experiment}/latest")
    return max(days)


def report_view(store: ReportStore, experiment: str, day: str) -> dict[str, Any]:
    """The report of an ISO day without `tallies`; NotFound. It is small enough for any answer.

    Of a very large report other blocks may be missing, too: the file has them (`report_file`).
    """
    report = store.load_report(experiment, day)
    if report is None:
        raise NotFound("report", f"{experiment}/{day}")
    return {name: block for name, block in report.items() if name not in _HEAVY}


def report_file(store: ReportStore, files: LinkedFiles, experiment: str, day: str) -> dict[str, Any]:
    """An address of the whole report, good for LINK_SECONDS and for nothing else; NotFound."""
    url = files.report_link(experiment, day, LINK_SECONDS) if _is_there(store, experiment, day) else None
    if url is None:
        raise NotFound("report", f"{experiment}/{day}")
    return {"experiment": experiment, "day": day, "url": url, "expires_in_seconds": LINK_SECONDS}


def _is_there(store: ReportStore, experiment: str, day: str) -> bool:
    return day in store.written_reports(experiment)
