"""The looks of a planned trial: on which days, at what spending time, with how much information.

Where a window is declared, the information is H = Σ over phases of h of the matured visitors, and u says how
far H has come on its way to the planned visitors; without a window u is the smaller of visitors and days over
the planned ones, at most .95 until no late fact can come, and the information is the clock of the comparison.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from chalicelib.stats.arrays import Floats
from chalicelib.stats.input.goals import Goal
from chalicelib.stats.input.request import Request
from chalicelib.stats.sequential.spending_table import SPACING

OPEN_CAP = 0.95
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Schedule:
    """The looks of one comparison: their places among its rows, spending times, and information.

    `information` is None where it is the clock of the comparison; `table` says that the table serves.
    `before` are looks before the first row, of which nothing is known but their spending time; `already`
    is the spending time that a blocked phase used up, `latest` that of today.
    """

    places: tuple[int, ...]
    times: tuple[float, ...]
    information: tuple[float, ...] | None
    table: bool
    before: tuple[float, ...]
    already: float
    latest: float


def schedule_of(request: Request, goal: Goal, arm: int, dead: frozenset[int]) -> Schedule:
    """Of the comparison of an arm with the control, in an experiment with a plan."""
    if not goal.earlier:
        return _of_one_phase(request, goal, arm)
    size = len(goal.numbers)
    planned = request.planned_visitors or 1.0
    alive, gone = _visitors(goal, arm, dead, size)
    already = min(1.0, float(gone.max(initial=0.0)) / planned)
    factors = [_factor(request, goal, part, arm) for part, _ in alive]
    total = np.sum([n for _, n in alive], axis=0)
    if goal.window_days is None:
        times = total / planned
        if request.planned_days is not None:
            times = np.minimum(times, np.array(goal.numbers) / request.planned_days)
        times = np.minimum(times, 1.0 if request.ended else OPEN_CAP)
        information, table = None, False
    else:
        held = np.sum([n * factor for (_, n), factor in zip(alive, factors, strict=True)], axis=0)
        missing = np.maximum(planned - total, 0.0) * factors[-1]
        whole = held + missing
        times = np.divide(held, whole, out=np.zeros_like(held), where=whole > 0)
        table = already == 0.0 and max(factors) - min(factors) <= _ROUNDING * max(factors)
        information = held
    times = np.maximum.accumulate(np.maximum(times, already))
    places = _looks(times.tolist(), size - request.provisional, already)
    return Schedule(
        tuple(places),
        tuple(float(times[place]) for place in places),
        None if information is None else tuple(float(information[place]) for place in places),
        table,
        tuple(min(look / planned, 1.0) for look in request.looks),
        already,
        float(times[-1]),
    )


def _of_one_phase(request: Request, goal: Goal, arm: int) -> Schedule:
    """The same where the split never changed: H is in step with the visitors, and so is u."""
    planned, factor = request.planned_visitors or 1.0, _factor(request, goal, -1, arm)
    totals = [float(sum(day)) for day in zip(*(each.n for each in goal.arms), strict=True)]
    times = [min(total / planned, 1.0) for total in totals]
    if goal.window_days is None:
        cap, length = (1.0 if request.ended else OPEN_CAP), request.planned_days
        days = [1.0 if length is None else number / length for number in goal.numbers]
        times = [min(time, day, cap) for time, day in zip(times, days, strict=True)]
    elif not factor:
        times = [0.0] * len(times)
    times = list(accumulate(times, max))
    places = _looks(times, len(times) - request.provisional, 0.0)
    return Schedule(
        tuple(places),
        tuple(times[place] for place in places),
        None if goal.window_days is None else tuple(totals[place] * factor for place in places),
        goal.window_days is not None,
        tuple(min(look / planned, 1.0) for look in request.looks),
        0.0,
        times[-1],
    )


def _looks(times: Sequence[float], size: int, already: float) -> list[int]:
    found, last = [], already
    for place in range(size):
        time = times[place]
        if time > last and (time - last >= SPACING * (1 - _ROUNDING) or time >= 1.0):
            found.append(place)
            last = time
    return found


_Part = tuple[int, Floats]


def _visitors(goal: Goal, arm: int, dead: frozenset[int], size: int) -> tuple[list[_Part], Floats]:
    """By phase (−1: the current one) the visitors of all arms as of each row; those of phases that were
    blocked, or had only one of the two arms, apart."""
    alive: list[_Part] = []
    gone = np.zeros(size)
    for part in goal.earlier:
        days = _total([arm.n for arm in part.arms if arm is not None])
        if part.phase in dead or part.arms[0] is None or part.arms[arm] is None:
            gone += _spread(days, part.first, size)
        else:
            alive.append((part.phase, _spread(days, part.first, size)))
    now = _total([arm.n for arm in goal.arms])
    return [*alive, (-1, _spread(now, goal.first, size))], gone


def _total(counts: Sequence[Sequence[int]]) -> Floats:
    return np.asarray(np.sum(np.array(counts, dtype=np.float64), axis=0))


def _spread(days: Floats, first: int, size: int) -> Floats:
    places = np.clip(np.arange(size) - first, 0, len(days) - 1)
    return np.where(np.arange(size) >= first, days[places], 0.0)


def _factor(request: Request, goal: Goal, phase: int, arm: int) -> float:
    """w1·w2/(w1 + w2) of the two arms in a phase; the shares of all arms sum to 1."""
    weights = request.phases[phase].weights
    total = float(sum(weights.values()))
    one, two = (float(weights.get(goal.arms[i].key, 0)) / total for i in (0, arm))
    return one * two / (one + two) if one and two else 0.0
