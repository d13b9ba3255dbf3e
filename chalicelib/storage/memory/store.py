"""The store in memory, for tests and replays: the same contract as DynamoDB's."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, TypeVar
from zlib import crc32

from chalicelib.domain.definitions import Definitions, kind_of
from chalicelib.domain.errors import Conflict, Refused
from chalicelib.domain.experiments.experiment import Experiment
from chalicelib.domain.experiments.goal import Goal
from chalicelib.domain.instant import Instant
from chalicelib.domain.tracking.tracker import Tracker
from chalicelib.domain.visitors.visitor import Visitor
from chalicelib.services.store import Page, Written
from chalicelib.storage.definition_record import archived_text, definition_body, definition_of, snapshot
from chalicelib.storage.document import MAX_BYTES, body_of, loaded, page_of
from chalicelib.storage.memory.tracking import MemoryTracking
from chalicelib.storage.report_item import packed, unpacked

_PAGE = 1000
_T = TypeVar("_T", Experiment, Goal, Tracker)


class MemoryStore(MemoryTracking):
    """All that services store, but files, in dictionaries. For one thread."""

    def __init__(self) -> None:
        super().__init__()
        self.visitors: dict[str, tuple[str, int, Instant]] = {}
        self._aliases: dict[str, set[str]] = {}
        self._definitions: dict[tuple[str, str], tuple[str, int]] = {}
        self._snapshot: Definitions | None = None
        self._number = 0
        self._reports: dict[str, dict[str, tuple[bytes, Written]]] = {}
        self._scores: dict[str, dict[str, tuple[str, Instant]]] = {}
        self._progress: dict[tuple[str, int], tuple[str, int]] = {}
        self._jobs: dict[str, tuple[str, int]] = {}

    def load_visitor(self, visitor_id: str, now: Instant) -> tuple[Visitor, int]:
        """See VisitorStore."""
        if visitor_id not in self.visitors:
            return Visitor(visitor_id), 0
        body, version, expires_at = self.visitors[visitor_id]
        if expires_at <= now:
            return Visitor(visitor_id), version
        return loaded(visitor_id, body, expires_at, version), version

    def save_visitor(self, visitor: Visitor, version: int) -> None:
        """See VisitorStore."""
        self.save_visitors([(visitor, version)], {})

    def save_visitors(self, visitors: Sequence[tuple[Visitor, int]], removed: Mapping[str, int]) -> None:
        """See VisitorStore."""
        for visitor_id, version in [*((visitor.id, each) for visitor, each in visitors), *removed.items()]:
            known = self.visitors.get(visitor_id)
            _check(0 if known is None else known[1], version)
        bodies = [(visitor, version, body_of(visitor)) for visitor, version in visitors]
        if any(len(body.encode()) > MAX_BYTES for _, _, body in bodies):
            raise Refused("document_too_large")
        for visitor, version, body in bodies:
            self.visitors[visitor.id] = body, version + 1, visitor.expires_at
            if visitor.belongs_to is not None:
                self._aliases.setdefault(visitor.belongs_to, set()).add(visitor.id)
        for visitor_id in removed:
            self.visitors.pop(visitor_id, None)

    def visitor_pages(self, segment: int, segments: int, now: Instant, start: str | None) -> Iterator[Page]:
        """See VisitorStore."""
        ids = sorted(each for each in self.visitors if crc32(each.encode()) % segments == segment)
        ids = [each for each in ids if start is None or each > start]
        for first in range(0, max(len(ids), 1), _PAGE):
            part = ids[first : first + _PAGE]
            documents = [(each, self.visitors[each][0]) for each in part if self.visitors[each][2] > now]
            yield page_of(documents, part[-1] if first + _PAGE < len(ids) else None)

    def visitor_bytes(self) -> int:
        """See VisitorStore."""
        return sum(len(body) for body, _, _ in self.visitors.values())

    def aliases(self, visitor_id: str) -> list[str]:
        """See AliasStore."""
        return sorted(self._aliases.get(visitor_id, ()))

    def remove_aliases(self, visitor_id: str, aliases: Collection[str]) -> None:
        """See AliasStore."""
        self._aliases.get(visitor_id, set()).difference_update(aliases)

    def definitions(self) -> Definitions:
        """See DefinitionStore."""
        if self._snapshot is None:
            stored = [(*key, *written) for key, written in self._definitions.items()]
            self._snapshot = snapshot(stored, self._number)
        return self._snapshot

    def save_experiment(self, experiment: Experiment) -> Experiment:
        """See DefinitionStore."""
        return self._save_definition(experiment)

    def save_goal(self, goal: Goal) -> Goal:
        """See DefinitionStore."""
        return self._save_definition(goal)

    def save_tracker(self, tracker: Tracker) -> Tracker:
        """See TrackerStore."""
        return self._save_definition(tracker)

    def remove_definition(self, kind: str, name: str, version: int) -> None:
        """See DefinitionStore."""
        _check(self._definitions.get((kind, name), ("", 0))[1], version)
        self._definitions.pop((kind, name), None)
        self._changed()

    def archive_unreadable(self, kind: str, name: str, now: Instant) -> None:
        """See DefinitionStore."""
        for body, version in [self._definitions[key] for key in self._definitions if key == (kind, name)]:
            self.put_definition(kind, name, archived_text(kind, body, now), version)

    def hold(self, definition: Experiment | Goal | Tracker) -> None:
        """Write over whatever version is there."""
        key = kind_of(definition), definition.name
        self.put_definition(*key, definition_body(definition), self._definitions.get(key, ("", 0))[1])

    def put_definition(self, kind: str, name: str, body: str, version: int = 0) -> None:
        """Any text, also one that no version writes."""
        self._definitions[kind, name] = body, version + 1
        self._changed()

    def save_report(
        self,
        report: Mapping[str, Any],
        written: Written,
        replaces: Written | None,
        encoded: bytes | None = None,
    ) -> None:
        """See ReportStore."""
        name, day = report["experiment"]["name"], report["as_of_day"]
        reports = self._reports.setdefault(name, {})
        there = reports.get(day)
        if (None if there is None else there[1]) != replaces:
            raise Conflict("another report was written meanwhile")
        reports[day] = packed(report, encoded), written

    def load_report(self, experiment: str, day: str) -> dict[str, Any] | None:
        """See ReportStore."""
        found = self._reports.get(experiment, {}).get(day)
        return None if found is None else unpacked(found[0])

    def written_reports(self, experiment: str) -> dict[str, Written]:
        """See ReportStore."""
        reports = self._reports.get(experiment, {})
        return {day: reports[day][1] for day in sorted(reports)}

    def save_scores(self, experiment: str, day: str, scores: Mapping[str, Any], counted_at: Instant) -> None:
        """See ScoreStore."""
        days = self._scores.setdefault(experiment, {})
        if day not in days or days[day][1] <= counted_at:
            days[day] = json.dumps(scores), counted_at

    def scores(self, experiment: str) -> dict[str, dict[str, Any]]:
        """See ScoreStore."""
        days = self._scores.get(experiment, {})
        return {day: json.loads(days[day][0]) for day in sorted(days)}

    def load_job(self, job_id: str) -> tuple[dict[str, Any], int] | None:
        """See JobStore."""
        return _loaded(self._jobs.get(job_id))

    def save_job(self, job_id: str, job: Mapping[str, Any], version: int, expires_at: Instant) -> None:
        """See JobStore; nothing removes them here."""
        _check(self._jobs[job_id][1] if job_id in self._jobs else 0, version)
        self._jobs[job_id] = json.dumps(job), version + 1

    def jobs(self) -> list[dict[str, Any]]:
        """See JobStore."""
        return [json.loads(text) for text, _ in self._jobs.values()]

    def running_jobs(self) -> list[str]:
        """See JobStore."""
        return [each["id"] for each in self.jobs() if each["state"] == "running"]

    def forget_running(self, job_id: str) -> None:
        """See JobStore; there is nothing to forget."""

    def load_progress(self, job_id: str, segment: int) -> tuple[dict[str, Any], int] | None:
        """See ProgressStore."""
        return _loaded(self._progress.get((job_id, segment)))

    def save_progress(
        self, job_id: str, segment: int, progress: Mapping[str, Any], version: int, expires_at: Instant
    ) -> None:
        """See ProgressStore."""
        known = self._progress.get((job_id, segment))
        _check(0 if known is None else known[1], version)
        self._progress[job_id, segment] = json.dumps(progress), version + 1

    def _save_definition(self, value: _T) -> _T:
        kind, body = kind_of(value), definition_body(value)
        _check(self._definitions.get((kind, value.name), ("", 0))[1], value.version)
        self.put_definition(kind, value.name, body, value.version)
        saved = definition_of(kind, body, value.version + 1)
        assert isinstance(saved, type(value))
        return saved

    def _changed(self) -> None:
        self._number += 1
        self._snapshot = None


def _loaded(found: tuple[str, int] | None) -> tuple[dict[str, Any], int] | None:
    return None if found is None else (json.loads(found[0]), found[1])


def _check(stored: int, expected: int) -> None:
    if stored != expected:
        raise Conflict("it was changed by somebody else meanwhile")
