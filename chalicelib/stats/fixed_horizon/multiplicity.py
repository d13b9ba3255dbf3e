"""Many goals and arms: Benjamini and Hochberg's correction (1995) over primary and secondary goals × arms."""

import numpy as np

from chalicelib.stats.arrays import Flags, Floats, Index


def false_discovery(p_value: Floats, family: Index, member: Flags) -> Floats:
    """q of each comparison, NaN outside a family; an undefined p takes part as 1, and has no q."""
    rows = np.flatnonzero(member)
    p = np.where(np.isnan(p_value[rows]), 1.0, p_value[rows])
    order = np.lexsort((p, family[rows]))
    rows, p = rows[order], p[order]
    own = family[rows]
    sizes = np.bincount(own, minlength=int(family.max(initial=-1)) + 1)
    rank = np.arange(len(rows)) - (np.cumsum(sizes) - sizes)[own]
    raw = np.minimum(1.0, p * (sizes[own] / (rank + 1)))
    found = np.full_like(p_value, np.nan)
    found[rows] = _running_minimum(raw[::-1], own[::-1])[::-1]
    return np.where(np.isnan(p_value), np.nan, found)


def _running_minimum(values: Floats, family: Index) -> Floats:
    if not len(values):
        return values
    starts = np.flatnonzero(np.diff(family)) + 1
    return np.concatenate([np.minimum.accumulate(part) for part in np.split(values, starts)])
