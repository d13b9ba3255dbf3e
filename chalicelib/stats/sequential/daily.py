"""Which days are looks of the daily confidence sequence, and at which label each of them stands.

The clock is the variance of the sum that z is made of, not the number of visitors. In the first week a day's
label is its number; from the anchor on, the first day from the seventh on with ten values that are not 0, the
label grows as the clock has grown since. A look needs 3 % more clock than the last one.
"""

from dataclasses import dataclass

import numpy as np

from chalicelib.stats.arrays import Flags, Floats, Index
from chalicelib.stats.evidence.rows import Rows
from chalicelib.stats.input.layout import Layout

ANCHOR_DAY = 7
ANCHOR_VALUES = 10
NEWS = 1.03


@dataclass(frozen=True)
class Days:
    """Over rows: whether a day is a look, and its label."""

    look: Flags
    label: Floats


def days_of(layout: Layout, rows: Rows, open_day: Flags) -> Days:
    """`open_day`: the comparisons whose today is not over, and so no look."""
    look = np.zeros(len(layout.owner), dtype=bool)
    label = np.ones(len(layout.owner))
    state = _State(len(layout.goal), _windows(layout))
    for step, (chosen, at) in enumerate(_by_day(layout)):
        label[at], look[at] = state.take(layout, rows, chosen, at, step)
    look[layout.today[open_day]] = False
    return Days(look, label)


def running_minimum(layout: Layout, values: Floats) -> Floats:
    """Over rows the smallest value of the comparison so far."""
    found = np.empty_like(values)
    last = np.full(len(layout.goal), np.inf)
    for chosen, at in _by_day(layout):
        last[chosen] = np.minimum(last[chosen], values[at])
        found[at] = last[chosen]
    return found


class _State:
    """What is carried from day to day, one entry a comparison."""

    def __init__(self, size: int, windows: Floats) -> None:
        self.clock = np.zeros(size)
        self.last = np.zeros(size)
        self.first = np.full(size, -1)
        self.offset = np.zeros(size)
        self.anchored = np.zeros(size, dtype=bool)
        self.anchor_day = np.ones(size)
        self.anchor_clock = np.ones(size)
        self.windows = windows

    def take(self, layout: Layout, rows: Rows, chosen: Index, at: Index, step: int) -> tuple[Floats, Flags]:
        found = rows.evidence
        clock = np.fmax(self.clock[chosen], np.where(np.isfinite(found.clock[at]), found.clock[at], 0.0))
        self.clock[chosen] = clock
        day = self._day(layout, found.n1[at] + found.n2[at] > 0, chosen, at, step)
        fresh = ~self.anchored[chosen] & (day >= ANCHOR_DAY) & (clock > 0)
        fresh &= found.nonzero[at] >= ANCHOR_VALUES
        newly = chosen[fresh]
        self.anchored[newly] = True
        self.anchor_day[newly], self.anchor_clock[newly] = day[fresh], clock[fresh]
        grown = self.anchor_day[chosen] * (clock / self.anchor_clock[chosen])
        label = np.where(self.anchored[chosen], grown, day)
        look = rows.enough[at] & (clock >= NEWS * self.last[chosen]) & (clock > 0)
        self.last[chosen] = np.where(look, clock, self.last[chosen])
        return label, look

    def _day(self, layout: Layout, seen: Flags, chosen: Index, at: Index, step: int) -> Floats:
        """The number since the first enrolment, which lies a window before the first matured visitor."""
        number = layout.number[at]
        newly = chosen[seen & (self.first[chosen] < 0)]
        self.first[newly] = step
        begin = layout.start[newly] + np.maximum(0, step - self.windows[newly]).astype(np.intp)
        self.offset[newly] = np.where(begin > layout.start[newly], layout.number[begin] - 1.0, 0.0)
        return np.maximum(number - self.offset[chosen], 1.0)


def _windows(layout: Layout) -> Floats:
    return np.array([float(min(goal.window_days or 0, 10**6)) for goal in layout.goals])[layout.goal]


def _by_day(layout: Layout) -> list[tuple[Index, Index]]:
    """For each step the comparisons that have a row there, and those rows."""
    if not len(layout.goal):
        return []
    order = np.argsort(-layout.length, kind="stable")
    lengths = layout.length[order]
    counts = np.searchsorted(-lengths, -np.arange(1, int(lengths[0]) + 1), side="right")
    return [(order[:count], layout.start[order[:count]] + step) for step, count in enumerate(counts)]
