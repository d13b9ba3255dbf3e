"""How far a segment of a recount is: a file for each step, and an entry that says which one counts."""

from collections.abc import Mapping
from typing import Any, Protocol

from chalicelib.domain.errors import Conflict
from chalicelib.domain.instant import Instant, recorded_at
from chalicelib.services.jobs import KEPT
from chalicelib.services.store import PartialFiles, ProgressStore

Partial = dict[str, Any]


class Store(ProgressStore, Protocol):
    """What it takes to keep a progress."""


class Overtaken(Exception):
    """Another run of the same segment got further."""


class Progress:
    """One run's hold on a segment: what was counted so far, to be kept over exactly what was read."""

    def __init__(
        self,
        store: Store,
        files: PartialFiles,
        place: tuple[str, int, str, Instant],
        entry: Mapping[str, Any],
        version: int,
    ) -> None:
        self._store, self._files = store, files
        self._job_id, self.segment, self._run, self._expires_at = place
        self._entry, self._version = entry, version
        self.partial: Partial = {"next": None, "unreadable": []}
        if entry:
            self.partial = files.read_partial(entry["key"]) or self.partial

    @classmethod
    def of(
        cls, store: Store, files: PartialFiles, job: Mapping[str, Any], segment: int, run: str
    ) -> "Progress":
        """The progress of a job's segment, as this run finds it; `run` is a name that no other run has."""
        entry, version = store.load_progress(job["id"], segment) or ({}, 0)
        place = (job["id"], segment, run, recorded_at(job["submitted_at"]) + KEPT)
        return cls(store, files, place, entry, version)

    @property
    def finished(self) -> bool:
        """Whether nothing is left to do."""
        return bool(self._entry.get("finished"))

    def keep(self, partial: Partial, finished: bool = False) -> None:
        """Make this what counts; Overtaken when another run did so since."""
        name = f"{self._version:06d}-{self._run}"
        entry = {
            "key": self._files.write_partial(self._job_id, self.segment, name, partial),
            "finished": finished,
        }
        try:
            self._store.save_progress(self._job_id, self.segment, entry, self._version, self._expires_at)
        except Conflict as error:
            raise Overtaken(f"segment {self.segment} of {self._job_id}") from error
        before, self._entry, self.partial = self._entry, entry, partial
        self._version += 1
        if before:
            self._files.delete_partials([before["key"]])


def finished_partials(
    store: Store, files: PartialFiles, job: Mapping[str, Any]
) -> tuple[list[Partial], list[str]] | None:
    """What every segment has counted, and the keys of the files; None when one is not finished."""
    partials, keys = [], []
    for segment in range(job["segments"]):
        entry, _ = store.load_progress(job["id"], segment) or ({}, 0)
        partial = files.read_partial(entry["key"]) if entry.get("finished") else None
        if partial is None:
            return None
        partials.append(partial)
        keys.append(entry["key"])
    return partials, keys
