"""Reports and the partial counts of a recount as JSON files."""

import gzip
import json
from collections.abc import Iterable, Mapping
from typing import Any

from chalicelib.domain.instant import Instant
from chalicelib.storage import keys
from chalicelib.storage.encoding import json_bytes
from chalicelib.storage.files.objects import Objects


class JsonFiles:
    """ReportFiles and PartialFiles on any Objects."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects

    def encoded(self, report: Mapping[str, Any]) -> bytes:
        """See ReportFiles."""
        return json_bytes(report)

    def write_report(
        self, report: Mapping[str, Any], counted_at: Instant, encoded: bytes | None = None
    ) -> bool:
        """See ReportFiles."""
        key = keys.report_object(report["experiment"]["name"], report["as_of_day"])
        return self._objects.put_newer(key, encoded or json_bytes(report), counted_at)

    def write_latest(
        self, report: Mapping[str, Any], counted_at: Instant, encoded: bytes | None = None
    ) -> bool:
        """See ReportFiles."""
        key = keys.report_object(report["experiment"]["name"], "latest")
        return self._objects.put_newer(key, encoded or json_bytes(report), counted_at)

    def write_index(self, index: Mapping[str, Any], counted_at: Instant) -> bool:
        """See ReportFiles."""
        return self._objects.put_newer(keys.REPORT_INDEX, json_bytes(index), counted_at)

    def report_link(self, experiment: str, day: str, seconds: int) -> str | None:
        """An address under which the whole report of an ISO day can be read for so long, if it is there."""
        return self._objects.link(keys.report_object(experiment, day), seconds)

    def read_partial(self, key: str) -> dict[str, Any] | None:
        """See PartialFiles."""
        data = self._objects.get(key)
        return None if data is None else json.loads(gzip.decompress(data))

    def write_partial(self, job_id: str, segment: int, name: str, partial: Mapping[str, Any]) -> str:
        """See PartialFiles."""
        key = keys.partial_object(job_id, segment, name)
        self._objects.put(key, gzip.compress(json_bytes(partial), 1, mtime=0), "application/gzip")
        return key

    def delete_partials(self, keys: Iterable[str]) -> None:
        """See PartialFiles."""
        self._objects.delete(keys)
