"""The store on DynamoDB: two tables, every write conditional on the version that was read."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from pynamodb.exceptions import DoesNotExist

from chalicelib.domain.errors import Refused
from chalicelib.domain.instant import SECOND, Instant
from chalicelib.domain.visitors.visitor import Visitor
from chalicelib.services.store import Page, Written
from chalicelib.storage import keys
from chalicelib.storage.document import MAX_BYTES, body_of, loaded
from chalicelib.storage.dynamo.definitions import DynamoDefinitions
from chalicelib.storage.dynamo.errors import ConditionFailed, translated, translating
from chalicelib.storage.dynamo.items import LeansplitItem, VisitorItem, bound_to, expiry
from chalicelib.storage.dynamo.scan import scan_pages
from chalicelib.storage.dynamo.tracking import DynamoTracking
from chalicelib.storage.dynamo.transaction import at_version, write_all
from chalicelib.storage.report_item import packed, unpacked


@translated
class DynamoStore(DynamoDefinitions, DynamoTracking):
    """All that services store, but files."""

    def __init__(self, visitors_table: str, leansplit_table: str) -> None:
        self._visitors = bound_to(VisitorItem, visitors_table)
        self._items = bound_to(LeansplitItem, leansplit_table)

    def load_visitor(self, visitor_id: str, now: Instant) -> tuple[Visitor, int]:
        """See VisitorStore."""
        try:
            item = self._visitors.get(visitor_id, consistent_read=True)
        except DoesNotExist:
            return Visitor(visitor_id), 0
        expires_at, version = int(item.expires_at) * SECOND, int(item.version)
        if expires_at <= now:
            return Visitor(visitor_id), version
        return loaded(visitor_id, item.body, expires_at, version), version

    def save_visitor(self, visitor: Visitor, version: int) -> None:
        """See VisitorStore; Refused("document_too_large") over 100 KB."""
        if visitor.belongs_to is not None:
            self.save_visitors([(visitor, version)], {})
        else:
            self._visitor_item(visitor, version).save(condition=at_version(self._visitors, version))

    def save_visitors(self, visitors: Sequence[tuple[Visitor, int]], removed: Mapping[str, int]) -> None:
        """See VisitorStore."""
        items = [(self._visitor_item(visitor, version), version) for visitor, version in visitors]
        gone = [(self._visitors(visitor_id), version) for visitor_id, version in removed.items() if version]
        write_all(_connection(self._visitors), self._visitors, items, gone, self._aliases_of(visitors))

    def aliases(self, visitor_id: str) -> list[str]:
        """See AliasStore."""
        pk = keys.alias_key(visitor_id, "")[0]
        return [item.sk for item in self._items.query(pk, consistent_read=True)]

    def remove_aliases(self, visitor_id: str, aliases: Collection[str]) -> None:
        """See AliasStore."""
        with self._items.batch_write() as batch:
            for alias in aliases:
                batch.delete(self._items(*keys.alias_key(visitor_id, alias)))

    def visitor_pages(self, segment: int, segments: int, now: Instant, start: str | None) -> Iterator[Page]:
        """See VisitorStore."""
        yield from scan_pages(
            _client(self._visitors), self._visitors.Meta.table_name, segment, segments, now // SECOND, start
        )

    def visitor_bytes(self) -> int:
        """See VisitorStore; DynamoDB counts anew about every six hours."""
        return int(self._visitors.describe_table()["TableSizeBytes"])

    def save_report(
        self,
        report: Mapping[str, Any],
        written: Written,
        replaces: Written | None,
        encoded: bytes | None = None,
    ) -> None:
        """See ReportStore."""
        item = self._items(
            *keys.report_key(report["experiment"]["name"], report["as_of_day"]),
            packed=packed(report, encoded),
            digest=written.digest,
            version=written.revision,
            provisional=written.provisional,
            counted_at=written.counted_at,
            failed=written.failed or None,
        )
        item.save(condition=self._items.pk.does_not_exist() if replaces is None else self._is_still(replaces))

    def _is_still(self, written: Written) -> Any:
        """The condition that a report is the one that was found. Old items bear no `counted_at`."""
        condition = (self._items.version == written.revision) & (self._items.digest == written.digest)
        if written.counted_at:
            return condition & (self._items.counted_at == written.counted_at)
        return condition & (self._items.counted_at.does_not_exist() | (self._items.counted_at == 0))

    def load_report(self, experiment: str, day: str) -> dict[str, Any] | None:
        """See ReportStore."""
        item = self._get(keys.report_key(experiment, day))
        return None if item is None else unpacked(item.packed)

    def written_reports(self, experiment: str) -> dict[str, Written]:
        """See ReportStore; consistent, since two recounts may write one after the other."""
        pk = keys.report_key(experiment, "")[0]
        names = ["sk", "digest", "version", "provisional", "counted_at", "failed"]
        found = self._items.query(pk, attributes_to_get=names, consistent_read=True)
        return {
            item.sk: Written(
                item.digest,
                int(item.version),
                item.provisional,
                int(item.counted_at or 0),
                bool(item.failed),
            )
            for item in found
        }

    def save_scores(self, experiment: str, day: str, scores: Mapping[str, Any], counted_at: Instant) -> None:
        """See ScoreStore."""
        key = keys.score_key(experiment, day)
        item = self._items(*key, body=json.dumps(scores), counted_at=counted_at)
        older = self._items.counted_at.does_not_exist() | (self._items.counted_at <= counted_at)
        with suppress(ConditionFailed), translating():
            item.save(condition=older)

    def scores(self, experiment: str) -> dict[str, dict[str, Any]]:
        """See ScoreStore."""
        pk = keys.score_key(experiment, "")[0]
        return {item.sk: json.loads(item.body) for item in self._items.query(pk)}

    def load_job(self, job_id: str) -> tuple[dict[str, Any], int] | None:
        """See JobStore."""
        return self._load_json(keys.job_key(job_id))

    def save_job(self, job_id: str, job: Mapping[str, Any], version: int, expires_at: Instant) -> None:
        """See JobStore.

        The mark that it runs is there before the job is, and goes after the job has ended: a job that
        runs is always found by `running_jobs`.
        """
        running, marker = job["state"] == "running", self._items(*keys.running_key(job_id))
        if running and not version:
            marker.expires_at = expiry(expires_at)
            marker.save()
        self._save_json(keys.job_key(job_id), job, version, expires_at=expiry(expires_at))
        if not running:
            self.forget_running(job_id)

    def jobs(self) -> list[dict[str, Any]]:
        """See JobStore."""
        return [json.loads(item.body) for item in self._items.query(keys.JOBS, consistent_read=True)]

    def running_jobs(self) -> list[str]:
        """See JobStore."""
        return [item.sk for item in self._items.query(keys.RUNNING, consistent_read=True)]

    def forget_running(self, job_id: str) -> None:
        """See JobStore."""
        self._items(*keys.running_key(job_id)).delete()

    def load_progress(self, job_id: str, segment: int) -> tuple[dict[str, Any], int] | None:
        """See ProgressStore."""
        return self._load_json(keys.progress_key(job_id, segment))

    def save_progress(
        self, job_id: str, segment: int, progress: Mapping[str, Any], version: int, expires_at: Instant
    ) -> None:
        """See ProgressStore."""
        key = keys.progress_key(job_id, segment)
        self._save_json(key, progress, version, expires_at=expiry(expires_at))

    def _aliases_of(self, visitors: Sequence[tuple[Visitor, int]]) -> list[Any]:
        return [
            self._items(*keys.alias_key(each.belongs_to, each.id), expires_at=expiry(each.expires_at))
            for each, _ in visitors
            if each.belongs_to is not None
        ]

    def _visitor_item(self, visitor: Visitor, version: int) -> Any:
        body = body_of(visitor)
        if len(body.encode()) > MAX_BYTES:
            raise Refused("document_too_large")
        expires_at = expiry(visitor.expires_at)
        return self._visitors(visitor.id, body=body, version=version + 1, expires_at=expires_at)

    def _get(self, key: keys.Key) -> Any:
        try:
            return self._items.get(*key, consistent_read=True)
        except DoesNotExist:
            return None

    def _load_json(self, key: keys.Key) -> tuple[dict[str, Any], int] | None:
        item = self._get(key)
        return None if item is None else (json.loads(item.body), int(item.version))

    def _save_json(self, key: keys.Key, value: Mapping[str, Any], version: int, **attributes: int) -> int:
        body = json.dumps(value, separators=(",", ":"))
        item = self._items(*key, body=body, version=version + 1, **attributes)
        item.save(condition=at_version(self._items, version))
        return version + 1


def _connection(model: Any) -> Any:
    return model._get_connection().connection


def _client(model: Any) -> Any:
    return _connection(model).client
