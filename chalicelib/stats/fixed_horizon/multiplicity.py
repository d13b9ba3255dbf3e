"""Many goals and arms: Holm's and Benjamini and Hochberg's corrections over the declared family."""

from typing import Any

import numpy as np

from chalicelib.stats.arrays import Flags, Floats, Index
from chalicelib.stats.input.layout import Layout

ANY = "any"


def adjusted_columns(layout: Layout, p_value: Floats, running: Floats) -> dict[str, Any]:
    """The family of an experiment: primary and secondary goals × treatments; NaN p stay out of its size.

    `holm_p`, `bh_q` correct the fixed-horizon p, the `sequential_` ones the running minimum.
    """
    member = np.array([goal.role != "guardrail" and goal.key != ANY for goal in layout.goals])[layout.goal]
    holm, fdr, size = corrected(p_value, layout.request, member)
    sequential_holm, sequential_fdr, _ = corrected(running, layout.request, member)
    return {
        "holm_p": holm,
        "bh_q": fdr,
        "family_size": size.tolist(),
        "sequential_holm_p": sequential_holm,
        "sequential_bh_q": sequential_fdr,
    }


def corrected(p_value: Floats, family: Index, member: Flags) -> tuple[Floats, Floats, Index]:
    """Holm's p and Benjamini–Hochberg's q (NaN outside a family) and the size of each row's family."""
    rows = np.flatnonzero(member & ~np.isnan(p_value))
    rows = rows[np.lexsort((p_value[rows], family[rows]))]
    sizes = np.bincount(family[rows], minlength=int(family.max(initial=-1)) + 1)
    start = np.cumsum(sizes) - sizes
    own = family[rows]
    rank = np.arange(len(rows)) - start[own]
    p, m = p_value[rows], sizes[own]
    holm, fdr = np.full_like(p_value, np.nan), np.full_like(p_value, np.nan)
    holm[rows] = _running(np.minimum(1.0, (m - rank) * p), own)
    backwards = _running(-np.minimum(1.0, p * (m / (rank + 1)))[::-1], own[::-1])
    fdr[rows] = -backwards[::-1]
    return holm, fdr, sizes[family]


def _running(values: Floats, family: Index) -> Floats:
    """The running maximum within each family; the rows of a family stand together."""
    starts = np.flatnonzero(np.diff(family)) + 1
    return np.concatenate([np.maximum.accumulate(part) for part in np.split(values, starts)])
