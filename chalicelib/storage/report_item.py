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


def packed(report: Mapping[str, Any]) -> bytes:
    """The report, without as many of its largest blocks as it takes to fit."""
    data = _compressed(report)
    left = dict(report)
    for block in _LARGEST_FIRST:
        if len(data) <= MOST_BYTES:
            break
        left.pop(block, None)
        left[FILE] = report_object(report["experiment"]["name"], report["as_of_day"])
        data = _compressed(left)
    return data


def unpacked(data: bytes) -> dict[str, Any]:
    """The report, or what was kept of it."""
    found: dict[str, Any] = json.loads(gzip.decompress(data))
    return found


def _compressed(report: Mapping[str, Any]) -> bytes:
    return gzip.compress(json_bytes(report), 5, mtime=0)
