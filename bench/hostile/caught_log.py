"""The application's log, with the exceptions that were written to it."""

import logging
import os
import sys
import traceback
from contextlib import ExitStack
from types import TracebackType
from typing import Any, Self
from unittest import mock

from chalicelib.domain.errors import LeansplitError, NotStorable

_LOGGER = "leansplit"


class CaughtLog(logging.Handler):
    """Lines are still formatted, into nowhere, since one that cannot be is lost."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self._found: list[str] = []
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        logger = logging.getLogger(_LOGGER)
        nowhere = self._stack.enter_context(open(os.devnull, "w", encoding="utf-8"))
        self._stack.enter_context(mock.patch.object(logger, "propagate", False))
        for handler in list(logger.handlers):
            self._stack.enter_context(mock.patch.object(handler, "stream", nowhere))
            self._stack.enter_context(mock.patch.object(handler, "handleError", self._lost))
        logger.addHandler(self)
        self._stack.callback(logger.removeHandler, self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self._stack.close()

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the exception of a line, but those that leansplit raises on purpose."""
        error = record.exc_info[1] if record.exc_info else None
        if error is not None and (not isinstance(error, LeansplitError) or isinstance(error, NotStorable)):
            self._found.append(where(error))

    def note_current(self) -> None:
        """Keep the exception that is being handled."""
        error = sys.exception()
        if error is not None:
            self._found.append(where(error))

    def taken(self) -> tuple[str, ...]:
        """What was kept since the last time."""
        found, self._found = tuple(self._found), []
        return found

    def _lost(self, record: Any) -> None:
        self._found.append(f"a line of the log is lost: {sys.exception()!r}")


def where(error: BaseException) -> str:
    """The exception's type, and the innermost function of ours that it came from."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [each for each in frames if "/chalicelib/" in each.filename or each.filename.endswith("/app.py")]
    place = ours[-1] if ours else frames[-1]
    folder, _, shown = place.filename.rpartition("/chalicelib/")
    return f"{type(error).__name__} in {'chalicelib/' if folder else ''}{shown} {place.name}"
