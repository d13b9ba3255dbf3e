"""The evidence of every row of a layout, phases put together."""

from dataclasses import dataclass, fields

import numpy as np

from chalicelib.stats.arrays import Flags
from chalicelib.stats.evidence.columns import Evidence, combined, enough
from chalicelib.stats.evidence.goal_types import EVIDENCE
from chalicelib.stats.input.layout import Block, Layout


@dataclass(frozen=True)
class Rows:
    """`evidence` and `enough` over the rows of a layout; `phases` is how many each row draws on."""

    evidence: Evidence
    enough: Flags
    phases: np.ndarray[tuple[int], np.dtype[np.intp]]


def rows_of(layout: Layout) -> Rows:
    size = len(layout.owner)
    columns = {field.name: np.full(size, np.nan) for field in fields(Evidence)}
    suffices = np.zeros(size, dtype=bool)
    phases = np.zeros(size, dtype=np.intp)
    for block in layout.blocks:
        rows, found = _block(block, layout)
        for name, column in columns.items():
            column[rows] = getattr(found, name)
        suffices[rows] = enough(block.kind, found)
        phases += np.bincount(block.cell_row, minlength=size)
    return Rows(Evidence(**columns), suffices, phases)


def _block(block: Block, layout: Layout) -> tuple[np.ndarray[tuple[int], np.dtype[np.intp]], Evidence]:
    one, two = block.arms[block.cell_control], block.arms[block.cell_treatment]
    cells = EVIDENCE[block.kind](one, two)
    rows, place = np.unique(block.cell_row, return_inverse=True)
    return rows, combined(cells, place, len(rows))
