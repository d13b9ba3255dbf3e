"""Conversions: at once, late, or by a cohort that enrolled on the first day."""

from collections.abc import Callable, Sequence

import numpy as np

from bench.aa.draw import Counts, Draw, Drawing, Goal, Part, Rng, arrivals, one_phase, running

EVEN = (0.5, 0.5)


def conversion(n: Counts, x: Counts) -> Goal:
    """From what each day added."""
    n, x = running(n), running(x)
    return Goal("conversion", n, (x,), x)


def steady(
    p: float,
    daily: Sequence[float],
    split: tuple[float, ...] = EVEN,
    lift: float = 0.0,
    goals: int = 1,
    wave: float = 0.0,
) -> Drawing:
    """Visitors who convert on the day of their enrolment; `wave` is the amplitude of a week."""
    rates = p * (1 + wave * np.sin(2 * np.pi * np.arange(len(daily)) / 7))

    def draw(rng: Rng, size: int) -> Draw:
        n = arrivals(rng, size, split, daily)
        arms = rates * np.where(np.arange(len(split)) > 0, 1 + lift, 1.0)[:, None]
        found = [conversion(n, rng.binomial(n, arms)) for _ in range(goals)]
        return one_phase(split, *found, window_days=1)

    return draw


def late(p: float, daily: float, enroll: int, wait: int, window: bool) -> Drawing:
    """Everybody converts exactly `wait` days after the enrolment, or never."""

    def draw(rng: Rng, size: int) -> Draw:
        days = [daily] * enroll + [0.0] * wait
        n = arrivals(rng, size, EVEN, days)
        x = np.roll(rng.binomial(n, p), wait, axis=2)
        matured = np.roll(n, wait, axis=2)
        if window:
            return one_phase(EVEN, conversion(matured, x), window_days=wait)
        return one_phase(EVEN, conversion(n, x))

    return draw


def cohort(p: float, each: int, shape: Callable[[Counts], Counts], days: int) -> Drawing:
    """`each` visitors an arm on day 1; those who convert do so over the days as `shape` says."""
    grown = shape(np.arange(1, days + 1) / days)
    added = np.diff(grown, prepend=0.0) / grown[-1]

    def draw(rng: Rng, size: int) -> Draw:
        n = np.zeros((size, 2, days), dtype=np.int64)
        n[:, :, 0] = each
        x = rng.multinomial(rng.binomial(each, p, (size, 2)), added)
        return one_phase(EVEN, conversion(n, x))

    return draw


def phases(
    p: float, parts: Sequence[tuple[int, tuple[float, ...], float]], daily: float, wobble: float = 0.0
) -> Drawing:
    """Phases of (days, split, rate relative to p); the base rate varies by phase within ± `wobble`."""
    total = sum(days for days, _, _ in parts)

    def draw(rng: Rng, size: int) -> Draw:
        found, first = [], 0
        for days, split, factor in parts:
            visits = [daily] * days + [0.0] * (total - first - days)
            n = arrivals(rng, size, split, visits)
            rate = p * factor * (1 + wobble * rng.uniform(-1, 1, (size, 1, 1)))
            found.append(Part(split, first, [conversion(n, rng.binomial(n, rate))]))
            first += days
        return Draw(found, {"window_days": 1})

    return draw


def damaged(p: float, daily: float, days: int) -> Drawing:
    """On day 1 a quarter of the control is lost, converters more than others."""

    def draw(rng: Rng, size: int) -> Draw:
        n = arrivals(rng, size, EVEN, [daily] * days)
        x = rng.binomial(n, p)
        gone = rng.binomial(x[:, 0, 0], 0.4)
        others = rng.binomial(n[:, 0, 0] - x[:, 0, 0], 0.235)
        n[:, 0, 0] -= gone + others
        x[:, 0, 0] -= gone
        return one_phase(EVEN, conversion(n, x), window_days=1)

    return draw
