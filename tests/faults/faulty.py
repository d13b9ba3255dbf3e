"""A store or a set of files whose calls fail on purpose, one kind of fault at a time."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from chalicelib.domain.errors import Conflict, Unavailable

LOST = "lost"
DONE_BUT_LOST = "done but lost"
CONFLICT = "conflict"
KILLED = "killed"
KILLED_AFTER = "killed after"
KINDS = (LOST, DONE_BUT_LOST, CONFLICT, KILLED, KILLED_AFTER)
"""The request never arrives or is throttled; its answer gets lost; another transaction holds the item;
the process ends before the call, or right after it."""

_READS = (
    *("load_", "definitions", "visitor_", "written_reports", "scores", "jobs", "running_jobs", "aliases"),
    *("pending", "counts_", "tracked", "aside", "read_", "get"),
)
"""Calls that meet no transaction."""


class Killed(BaseException):
    """The process ended: nothing of it may clean up."""


@dataclass
class Faults:
    """Which calls fail and how. `calls` counts them all; `meanwhile` runs something before a call."""

    at: dict[int, str] = field(default_factory=dict)
    meanwhile: dict[int, Callable[[], None]] = field(default_factory=dict)
    calls: int = 0
    names: list[str] = field(default_factory=list)
    happened: list[tuple[int, str, str]] = field(default_factory=list)
    off: bool = False

    def step(self, name: str, call: Callable[[], Any]) -> Any:
        """Make one call, or fail in its place."""
        if self.off:
            return call()
        number, self.calls = self.calls, self.calls + 1
        self.names.append(name)
        action = self.meanwhile.pop(number, None)
        if action is not None:
            self.off = True
            try:
                action()
            finally:
                self.off = False
        kind = self.at.pop(number, None)
        if kind is None:
            return call()
        self.happened.append((number, name, kind))
        if kind == KILLED:
            raise Killed(name)
        if kind == LOST or (kind == CONFLICT and name.startswith(_READS)):
            raise Unavailable(f"{name} is throttled")
        if kind == CONFLICT:
            raise Conflict(f"{name} meets a transaction")
        call()
        raise Killed(name) if kind == KILLED_AFTER else Unavailable(f"the answer of {name} is lost")


class Faulty:
    """Passes every call of a store or of files on, by way of `faults`."""

    def __init__(self, inner: Any, faults: Faults) -> None:
        self._inner, self._faults = inner, faults

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._inner, name)
        if not callable(method):
            return method

        def call(*args: Any, **kwargs: Any) -> Any:
            # A generator reads page by page: its faults happen when it is asked for the first one.
            found = self._faults.step(name, lambda: method(*args, **kwargs))
            return self._pages(name, found) if isinstance(found, Iterator) else found

        return call

    def _pages(self, name: str, pages: Iterator[Any]) -> Iterator[Any]:
        for page in pages:
            yield page
            self._faults.step(f"{name} (next)", lambda: None)
