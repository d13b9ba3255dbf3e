"""The looks of experiments with a declared maximum: at what |z| they may stop, and whether they have."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

import numpy as np

from chalicelib.stats.arrays import Flags, Floats, Index
from chalicelib.stats.input.layout import Layout
from chalicelib.stats.input.request import Goal, Request
from chalicelib.stats.sequential.lan_demets import boundaries


@dataclass(frozen=True)
class Looks:
    """Over today's comparisons: whether a maximum is declared, and the information over it.

    `boundary` is that of the latest look (NaN: none yet), `crossed` the row of the first crossing (−1: none).
    """

    planned: Flags
    information: Floats
    boundary: Floats
    crossed: Index


def looks_of(layout: Layout, requests: Sequence[Request], enough: Flags, z: Floats) -> Looks:
    """`enough`, `z` over all rows; a row that is not `enough` spends its alpha and can't cross."""
    now = len(layout.goal)
    found = Looks(
        np.zeros(now, dtype=bool), np.full(now, np.nan), np.full(now, np.nan), np.full(now, -1, dtype=np.intp)
    )
    owners = [request for request in requests for _ in request.goals]
    past = now
    for i, (goal, request) in enumerate(zip(layout.goals, owners, strict=True)):
        days = len(goal.history)
        for row in range(layout.first[i], layout.first[i + 1]):
            if request.max_sample_size is not None:
                rows = np.append(np.arange(past, past + days), row)
                _look(found, row, _schedule(goal, request), request, rows, enough[rows], z[rows])
            past += days
    return found


def _look(
    found: Looks,
    row: int,
    schedule: tuple[list[float], list[float]],
    request: Request,
    rows: Index,
    enough: Flags,
    z: Floats,
) -> None:
    times, limits = schedule
    finite = [limit for limit in limits if limit < inf]
    reached = np.array(limits[len(limits) - len(rows) + request.provisional :])
    crossed = np.flatnonzero(enough[: len(reached)] & (np.abs(z[: len(reached)]) >= reached))
    found.planned[row] = True
    found.information[row] = max(times)
    found.boundary[row] = finite[-1] if finite else np.nan
    found.crossed[row] = rows[crossed[0]] if len(crossed) else -1


def _schedule(goal: Goal, request: Request) -> tuple[list[float], list[float]]:
    """Information of every day (its running maximum), and the boundaries of the looks."""
    most = request.max_sample_size or inf
    visitors = [float(sum(arm.n for arm in day)) for day in (*goal.history, goal.arms)]
    times = np.maximum.accumulate([*request.looks, *visitors]) / most
    looks = times[:-1] if request.provisional else times
    return times.tolist(), boundaries(request.alpha, looks.tolist())
