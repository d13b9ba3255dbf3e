"""The columns that every goal type fills, and how the phases of one comparison are put together."""

from dataclasses import dataclass, fields

import numpy as np

from chalicelib.stats.arrays import Flags, Floats, Index


@dataclass(frozen=True)
class Evidence:
    """Columns over rows (a comparison on a day); sums over matured visitors.

    `difference` is treatment − control and `variance` its variance under the hypothesis that decides, so
    z = difference/√variance. `clock` is the variance of the sum that z is made of: what the confidence
    sequence runs by. `weight` is h = n1·n2/(n1 + n2). `mean1`, `mean2`, `var1`, `var2`: of each arm's mean.
    `seen1`, `seen2` are what must not be few (non-zero values, expected successes), `rest` the fewest
    expected failures, `nonzero` the non-zero values of both arms together.
    """

    difference: Floats
    variance: Floats
    clock: Floats
    weight: Floats
    n1: Floats
    n2: Floats
    mean1: Floats
    mean2: Floats
    var1: Floats
    var2: Floats
    seen1: Floats
    seen2: Floats
    rest: Floats
    nonzero: Floats

    def __getitem__(self, rows: Index) -> "Evidence":
        return Evidence(*(getattr(self, field.name)[rows] for field in fields(self)))

    @property
    def z(self) -> Floats:
        """NaN where there is no variance."""
        return np.where(self.variance > 0, self.difference / np.sqrt(self.variance), np.nan)


LEAST_VISITORS = {"conversion": 30.0, "engagement": 100.0, "ratio": 100.0, "adjusted": 100.0}
LEAST_SEEN = {"conversion": 5.0, "engagement": 10.0, "ratio": 30.0, "adjusted": 10.0}
LEAST_REST = 5.0
_AVERAGED = {"difference", "mean1", "mean2"}
_SQUARED = {"variance", "var1", "var2"}
_LARGEST_ERROR = 1e-9


def enough(kind: str, found: Evidence) -> Flags:
    """Whether a day's data may decide: visitors, and values that are not 0, in each arm."""
    visitors = np.minimum(found.n1, found.n2) >= LEAST_VISITORS[kind]
    # Expected counts are quotients: 5 must not fail by a rounding.
    seen = np.minimum(found.seen1, found.seen2) >= LEAST_SEEN[kind] * (1 - _LARGEST_ERROR)
    known = (found.variance > 0) & np.isfinite(found.difference) & np.isfinite(found.clock)
    return np.asarray(visitors & seen & (found.rest >= LEAST_REST * (1 - _LARGEST_ERROR)) & known)


def combined(cells: Evidence, row: Index, size: int) -> Evidence:
    """Phases of the same arms with Mantel–Haenszel weights: d = Σh·d/Σh, V = Σh²V/(Σh)², counts added.

    Mantel & Haenszel (1959), Greenland & Robins (1985). A row with one phase keeps its digits.
    """
    counts = np.bincount(row, minlength=size)
    if len(row) == size and bool(np.all(row == np.arange(size))):
        return cells
    weight = np.where(np.isfinite(cells.weight), cells.weight, 0.0)
    total = _added(row, weight, size)
    single = counts[row] == 1
    columns = {}
    for field in fields(Evidence):
        column = getattr(cells, field.name)
        if field.name in _AVERAGED:
            found = _sum(row, weight, column, size) / total
        elif field.name in _SQUARED:
            found = _sum(row, weight * weight, column, size) / total**2
        else:
            found = _added(row, np.where(np.isfinite(column), column, 0.0), size)
        found[row[single]] = column[single]
        columns[field.name] = found
    return Evidence(**columns)


def _sum(row: Index, weight: Floats, column: Floats, size: int) -> Floats:
    """A phase of weight 0 has no say, whatever it is."""
    return _added(row, np.where(weight > 0, weight * column, 0.0), size)


def _added(row: Index, values: Floats, size: int) -> Floats:
    return np.asarray(np.bincount(row, values, size), dtype=np.float64)
