"""Counters as a file: CSV that no spreadsheet takes for formulas, and JSON."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from chalicelib.services.tracking.counter_queries import Row, Sum

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def csv_of(rows: Iterable[Row], fields: Sequence[str]) -> str:
    """Object, label, and of each field its sum and average; a line for each object."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    columns = [name for field in fields for name in (f"{field} sum", f"{field} average")]
    writer.writerow([safe(each) for each in ["object", "label", *columns]])
    for row in rows:
        sums = [row.sums.get(field, Sum()) for field in fields]
        numbers = [number for each in sums for number in each.shown().values()]
        writer.writerow([safe(row.object), safe(row.label), *numbers])
    return text.getvalue()


def json_of(rows: Iterable[Row], fields: Sequence[str]) -> list[dict[str, Any]]:
    """The same as JSON."""
    return [row.shown(fields) for row in rows]


def safe(text: str) -> str:
    """Text that a spreadsheet shows as it is: with an apostrophe before what would begin a formula.

    What follows blanks is looked at too, since they may be dropped when the file is read. Half of a
    character, which older labels may hold, becomes a question mark: no file in UTF-8 can hold it.
    """
    text = text.encode("utf-8", "replace").decode()
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text
