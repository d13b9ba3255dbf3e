"""A report packed for one item of a table: whole if it fits, else without its largest blocks.

An item holds 400 KB. What is left out is whole in the report's file, whose key stands in its place.
"""

import gzip
import json
from collections.abc import Mapping
from typing import Any

from chalicelib.storage.encoding import json_bytes
from chalicelib.storage.keys import report_object

MOST_BYTES = 350_000
FILE = "file"
_LARGEST_FIRST = ("tallies", "daily", "phases", "goals")


def packed(report: Mapping[str, Any], encoded: bytes | None = None) -> bytes:
    """The report, without as many of its largest blocks as it takes to fit; `encoded` is all of it."""
    data = _compressed(encoded or json_bytes(report))
    left = dict(report)
    for block in _LARGEST_FIRST:
        if len(data) <= MOST_BYTES:
            break
        left.pop(block, None)
        left[FILE] = report_object(report["experiment"]["name"], report["as_of_day"])
        data = _compressed(json_bytes(left))
    return data


def unpacked(data: bytes) -> dict[str, Any]:
    """The report, or what was kept of it."""
    found: dict[str, Any] = json.loads(gzip.decompress(data))
    return found


def _compressed(data: bytes) -> bytes:
    return gzip.compress(data, 3, mtime=0)
