"""From columns of numbers to the dicts of the report: NaN and infinity become null."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from chalicelib.stats.arrays import Floats

Column = Floats | Sequence[Any]


def records(columns: Mapping[str, Column]) -> list[dict[str, Any]]:
    """One dict a row, in the order of the columns."""
    lists = [values(column) for column in columns.values()]
    names = tuple(columns)
    return [dict(zip(names, row, strict=True)) for row in zip(*lists, strict=True)]


def values(column: Column) -> list[Any]:
    """Python numbers, None where undefined; a sequence that is no array is taken as it is."""
    if not isinstance(column, np.ndarray):
        return list(column)
    result: list[Any] = (column + 0.0).tolist() if column.dtype == np.float64 else column.tolist()
    if column.dtype == np.float64:
        for i in np.flatnonzero(~np.isfinite(column)).tolist():
            result[i] = None
    return result


def nullable(rows: list[dict[str, Any]], known: Sequence[bool]) -> list[dict[str, Any] | None]:
    """The rows, None where they are not known."""
    return [row if flag else None for row, flag in zip(rows, known, strict=True)]
