"""A report that could not be computed: the reason in place of the figures, and the last day that has some."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.errors import Conflict, Unavailable
from chalicelib.domain.instant import Day, Instant, day_of, iso_at, iso_day
from chalicelib.services.reports.report_frame import ENGINE, SCHEMA_VERSION
from chalicelib.services.store import Written

_LONGEST = 300
_PASSING = (Conflict, Unavailable)
"""Errors that are nobody's fault and gone when the same is tried again."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a report of an experiment, or all of them (no `day`), could not be computed or written."""

    experiment: str
    day: Day | None
    code: str
    message: str
    field: str | None = None
    passing: bool = False

    def shown(self) -> dict[str, Any]:
        """For the job and the index."""
        day = None if self.day is None else iso_day(self.day)
        return {"experiment": self.experiment, "day": day, **self.error()}

    def error(self) -> dict[str, Any]:
        """The `error` block of a report."""
        return {"code": self.code, "message": self.message, "field": self.field}


def failure_of(error: Exception, experiment: str, day: Day | None) -> Failure:
    """What an exception says of a report. Its text is cut, and made fit for any file."""
    field = _field(error)
    return Failure(
        experiment,
        day,
        _code(error),
        _plain(_message(error))[:_LONGEST],
        None if field is None else _plain(field),
        isinstance(error, _PASSING),
    )


def unreadable_definition(experiment: str, reason: str) -> Failure:
    """An experiment whose definition cannot be read."""
    return Failure(experiment, None, "unreadable_definition", _plain(reason)[:_LONGEST])


def error_report(
    state: str | None, day: Day, failure: Failure, there: Mapping[str, Written], now: Instant
) -> dict[str, Any]:
    """What is written where a report could not be; `state` is the experiment's, if that is known."""
    good = [iso for iso, written in there.items() if not written.failed and iso < iso_day(day)]
    return {
        "schema_version": SCHEMA_VERSION,
        "generated_at": iso_at(now),
        "as_of_day": iso_day(day),
        "provisional": day >= day_of(now),
        "revision": 1,
        "experiment": {"name": failure.experiment, "state": state},
        "engine": ENGINE,
        "error": failure.error(),
        "last_good_day": max(good, default=None),
    }


def _code(error: Exception) -> str:
    if isinstance(error, _PASSING):
        return "store_unavailable"
    if _field(error) is not None:
        return "invalid_definition"
    if isinstance(error, UnicodeError):
        return "unreadable_text"
    return "internal_error"


def _message(error: Exception) -> str:
    if _field(error) is not None:
        return str(error)
    if isinstance(error, UnicodeError):
        return "a text of the experiment or its goals holds half a character: write that text again"
    return f"{type(error).__name__}: {error}"


def _field(error: Exception) -> str | None:
    """The field that an error blames: the domain's errors and those of the statistics name one."""
    field = getattr(error, "field", None) or getattr(error, "path", None)
    return field if isinstance(field, str) else None


def _plain(text: str) -> str:
    """Without halves of characters, which no file can hold."""
    return text.encode("utf-8", "replace").decode()
