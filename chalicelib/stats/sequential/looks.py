"""All looks of planned trials at once, and what Lan–DeMets makes of a path of z at them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import log

import numpy as np
from scipy.special import log_ndtr

from chalicelib.stats.arrays import Flags, Floats, Index
from chalicelib.stats.distributions.normal import quantile
from chalicelib.stats.input.layout import Layout
from chalicelib.stats.input.request import Request
from chalicelib.stats.sequential import spending_table
from chalicelib.stats.sequential.lan_demets import boundaries
from chalicelib.stats.sequential.schedule import Schedule, schedule_of

_STEPS = 12
_CLOSE = 1e-9
_FARTHEST = 37.0


@dataclass(frozen=True)
class Looks:
    """`schedules` by comparison, None without a plan; over the looks of those that the table serves their
    `row`, `owner` and `time`."""

    schedules: Sequence[Schedule | None]
    planned: Flags
    row: Index
    owner: Index
    time: Floats


def looks_of(
    layout: Layout, requests: Sequence[Request], dead: Sequence[frozenset[int]], clock: Floats
) -> Looks:
    """`clock` over rows: the information of comparisons without a window."""
    schedules: list[Schedule | None] = [None] * len(layout.goal)
    rows: list[int] = []
    owners: list[int] = []
    times: list[float] = []
    known: dict[tuple[int, float], Schedule] = {}
    for i, (r, g, arm) in enumerate(
        zip(layout.request.tolist(), layout.goal.tolist(), layout.arm.tolist(), strict=True)
    ):
        request = requests[r]
        if request.planned_visitors is None:
            continue
        goal = layout.goals[g]
        key = (g, float(request.weights.get(goal.arms[arm].key, 0)))
        if goal.earlier or key not in known:
            known[key] = schedule_of(request, goal, arm, dead[r])
        found = known[key]
        start = int(layout.start[i])
        if found.information is None:
            found = replace(found, information=tuple(_held(clock, start, found.places)))
        schedules[i] = found
        if found.table:
            rows += [start + place for place in found.places]
            owners += [i] * len(found.places)
            times += found.times
    planned = np.array([each is not None for each in schedules], dtype=bool)
    return Looks(
        schedules, planned, np.array(rows, np.intp), np.array(owners, np.intp), np.array(times, np.float64)
    )


def log_p(looks: Looks, layout: Layout, z: Floats, level: Floats) -> Floats:
    """By comparison ln of the smallest level at which the path has crossed; 0 where it hasn't at `level`.

    `z` over rows is NaN where a day has not enough data: such a look spends its alpha and can't cross.
    """
    found = np.zeros(len(layout.goal))
    _by_table(found, looks, z, level)
    for i, schedule in enumerate(looks.schedules):
        if schedule is not None and not schedule.table:
            found[i] = _by_recursion(
                schedule, z[int(layout.start[i]) + np.array(schedule.places, np.intp)], level[i]
            )
    return found


def boundary(looks: Looks, layout: Layout, rows: Index, level: Floats, reached: Flags) -> Floats:
    """By comparison the boundary at a row; inf where that is no look, or where no recursion was needed.

    `reached`: the comparisons with a |z| that could have crossed at all.
    """
    found = np.full(len(rows), np.inf)
    place = np.full(len(layout.owner), -1, dtype=np.intp)
    place[looks.row] = np.arange(len(looks.row))
    at = place[rows]
    chosen = np.flatnonzero((at >= 0) & (looks.planned))
    chosen = chosen[looks.owner[at[chosen]] == chosen] if len(chosen) else chosen
    found[chosen] = spending_table.boundary(spending_table.quarter(level[chosen]), looks.time[at[chosen]])
    for i, schedule in enumerate(looks.schedules):
        step = int(rows[i] - layout.start[i])
        if schedule is not None and not schedule.table and reached[i] and step in schedule.places:
            limits = _limits(schedule, float(level[i]))
            found[i] = limits[schedule.places.index(step)]
    return found


def first_crossing(looks: Looks, layout: Layout, z: Floats, level: Floats) -> Index:
    """By comparison the row of the first look at which |z| reached the boundary of `level`, −1: none."""
    found = np.full(len(layout.goal), -1, dtype=np.intp)
    if len(looks.row):
        limit = spending_table.boundary(spending_table.quarter(level[looks.owner]), looks.time)
        crossed = np.flatnonzero(np.abs(z[looks.row]) >= limit * (1 - _CLOSE))[::-1]
        found[looks.owner[crossed]] = looks.row[crossed]
    for i, schedule in enumerate(looks.schedules):
        if schedule is None or schedule.table:
            continue
        rows = int(layout.start[i]) + np.array(schedule.places, np.intp)
        if _could(z[rows], float(level[i])):
            limit = np.array(_limits(schedule, float(level[i])))
            crossed = np.flatnonzero(np.abs(z[rows]) >= limit * (1 - _CLOSE))
            found[i] = rows[crossed[0]] if len(crossed) else -1
    return found


def known_limits(looks: Looks, layout: Layout, z: Floats, level: Floats) -> dict[int, list[float | None]]:
    """By planned comparison the boundaries at its looks; None where no recursion was needed."""
    found: dict[int, list[float | None]] = {}
    if len(looks.row):
        limit = spending_table.boundary(spending_table.quarter(level[looks.owner]), looks.time)
        for owner, value in zip(looks.owner.tolist(), limit.tolist(), strict=True):
            found.setdefault(owner, []).append(value)
    for i, schedule in enumerate(looks.schedules):
        if schedule is None:
            continue
        if schedule.table:
            found.setdefault(i, [])
            continue
        rows = int(layout.start[i]) + np.array(schedule.places, np.intp)
        limits = (
            _limits(schedule, float(level[i])) if _could(z[rows], float(level[i])) else [None] * len(rows)
        )
        found[i] = list(limits)
    return found


def _held(clock: Floats, start: int, places: Sequence[int]) -> list[float]:
    """The clock at the looks, as its running maximum; 0 where it is not known yet."""
    known = np.nan_to_num(clock[start : start + (places[-1] + 1 if places else 0)], nan=0.0, posinf=0.0)
    highest = np.maximum.accumulate(known) if len(known) else known
    return [float(highest[place]) for place in places]


def _by_table(found: Floats, looks: Looks, z: Floats, level: Floats) -> None:
    if not len(looks.row):
        return
    size = np.where(np.isfinite(z[looks.row]), np.minimum(np.abs(z[looks.row]), 1e6), 0.0)
    limit = spending_table.boundary(spending_table.quarter(level[looks.owner]), looks.time)
    crossing = np.unique(looks.owner[size >= limit])
    if not len(crossing):
        return
    places = np.flatnonzero(np.isin(looks.owner, crossing))
    owner, size, time = looks.owner[places], size[places], looks.time[places]
    quarter = np.full(len(found), np.nan)
    quarter[crossing] = spending_table.quarter(level[crossing])
    for _ in range(_STEPS):
        # At the level sought the largest |z|/boundary is 1; boundaries are nearly proportional to z_{1−α/4}.
        reach = quarter[owner] * size / spending_table.boundary(quarter[owner], time)
        highest = np.zeros(len(found))
        np.maximum.at(highest, owner, reach)
        moved = np.max(np.abs(highest[crossing] - quarter[crossing]))
        quarter[crossing] = highest[crossing]
        if moved < _CLOSE:
            break
    found[crossing] = np.minimum(log(4.0) + log_ndtr(-quarter[crossing]), np.log(level[crossing]))


def _by_recursion(schedule: Schedule, z: Floats, level: float) -> float:
    size = np.where(np.isfinite(z), np.abs(z), 0.0)
    if not _could(size, level):
        return 0.0
    quarter = float(spending_table.quarter(np.array(level)))
    highest = float(np.max(size / np.array(_limits(schedule, level))))
    if highest < 1.0 - _CLOSE:
        return 0.0
    for _ in range(_STEPS - 1):
        if abs(highest - 1.0) < _CLOSE or quarter * highest > _FARTHEST:
            break
        limits = np.array(_limits(schedule, float(spending_table.level_of(np.array(quarter * highest)))))
        following = float(np.max(size / limits))
        if following <= 0.0:
            # So low a level that the looks with data have nothing to spend: the one before stands.
            break
        quarter, highest = quarter * highest, following
    return float(min(log(4.0) + log_ndtr(-quarter), log(level)))


def _could(z: Floats, level: float) -> bool:
    """No boundary is lower than that of a single look."""
    sizes = np.abs(z[np.isfinite(z)])
    return bool(len(sizes)) and float(sizes.max()) >= float(quantile(np.array(level)))


def _limits(schedule: Schedule, level: float) -> list[float]:
    """The boundaries of a schedule at its own looks; those before the first row only spend."""
    information = schedule.information or ()
    before = len(schedule.before)
    if before and schedule.times and schedule.times[0] > 0:
        # Of looks that only their visitors are known of, the information has grown as the visitors have.
        first = information[0] / schedule.times[0]
        information = (*(time * first for time in schedule.before), *information)
    times = (*schedule.before, *schedule.times)
    return boundaries(level, times, information, schedule.already)[before:]
