"""Reports and the partial counts of a recount as JSON files."""

import gzip
import json
from collections.abc import Mapping
from typing import Any

from chalicelib.storage import keys
from chalicelib.storage.encoding import json_bytes
from chalicelib.storage.files.objects import Objects


class JsonFiles:
    """ReportFiles and PartialFiles on any Objects."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects

    def write_report(self, report: Mapping[str, Any]) -> None:
        """See ReportFiles."""
        self._write(keys.report_object(report["experiment"]["name"], report["as_of_day"]), report)

    def write_latest(self, report: Mapping[str, Any]) -> None:
        """See ReportFiles."""
        self._write(keys.report_object(report["experiment"]["name"], "latest"), report)

    def write_index(self, index: Mapping[str, Any]) -> None:
        """See ReportFiles."""
        self._write(keys.REPORT_INDEX, index)

    def read_partial(self, job_id: str, segment: int) -> dict[str, Any] | None:
        """See PartialFiles."""
        data = self._objects.get(keys.partial_object(job_id, segment))
        return None if data is None else json.loads(gzip.decompress(data))

    def write_partial(self, job_id: str, segment: int, partial: Mapping[str, Any]) -> None:
        """See PartialFiles."""
        data = gzip.compress(json_bytes(partial), 1, mtime=0)
        self._objects.put(keys.partial_object(job_id, segment), data, "application/gzip")

    def delete_partials(self, job_id: str, segments: int) -> None:
        """See PartialFiles."""
        self._objects.delete(keys.partial_object(job_id, segment) for segment in range(segments))

    def _write(self, key: str, value: Mapping[str, Any]) -> None:
        self._objects.put(key, json_bytes(value))
