"""What all goal types share: two means, their variances, their difference, for every row at once."""

from dataclasses import dataclass, fields

import numpy as np

from chalicelib.stats.arrays import Floats, Index


@dataclass(frozen=True)
class Effect:
    """Columns over comparisons. `var1`, `var2`: of one visitor's value; NaN = undefined.

    `difference` is treatment − control, rounded once from exact integers; `square` is the squared standard
    error of the sequential test: as `var1/n1 + var2/n2`, but pooled where a rate is 0 or 1.
    """

    n1: Floats
    n2: Floats
    mean1: Floats
    mean2: Floats
    var1: Floats
    var2: Floats
    difference: Floats
    square: Floats

    @property
    def std_error(self) -> Floats:
        return np.sqrt(self.var1 / self.n1 + self.var2 / self.n2)

    @property
    def total(self) -> Floats:
        return self.n1 + self.n2

    def __getitem__(self, rows: Index | slice) -> "Effect":
        return Effect(*(getattr(self, field.name)[rows] for field in fields(self)))


def gathered(size: int, parts: list[tuple[Index, Effect]]) -> Effect:
    """One Effect from those of the goal types, each put into its rows."""
    columns = {field.name: np.full(size, np.nan) for field in fields(Effect)}
    for rows, part in parts:
        for name, column in columns.items():
            column[rows] = getattr(part, name)
    return Effect(**columns)
