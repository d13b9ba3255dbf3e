"""Values of visitors: revenue, counts, covariates; in whole cents."""

from collections.abc import Callable

import numpy as np

from bench.aa.draw import Counts, Draw, Drawing, Goal, Rng, arrivals, one_phase, running
from bench.aa.rates import EVEN

SCALE = 100
Values = Callable[[Rng, int], Counts]


def lognormal(sigma: float) -> Values:
    return lambda rng, count: rng.lognormal(0.0, sigma, count)


def exponential(rng: Rng, count: int) -> Counts:
    return rng.exponential(1.0, count)


def whales(rng: Rng, count: int) -> Counts:
    """Exponential, and one in a thousand spends a hundred times as much."""
    return rng.exponential(1.0, count) * np.where(rng.random(count) < 0.001, 100.0, 1.0)


def revenue(
    share: float, values: Values, daily: float, split: tuple[float, ...] = EVEN, days: int = 30
) -> Drawing:
    """A share of the visitors buys, for values of this kind."""

    def draw(rng: Rng, size: int) -> Draw:
        n = arrivals(rng, size, split, [daily] * days)
        buyers = rng.binomial(n, share) if share < 1 else n
        cents = np.rint(SCALE * values(rng, int(buyers.sum()))).astype(np.int64)
        return one_phase(split, _mean(n, buyers, cents), window_days=1)

    return draw


def counts(rate: float, daily: float, split: tuple[float, ...], days: int = 30) -> Drawing:
    """Poisson counts."""
    sizes = np.arange(6)
    chances = np.exp(-rate) * rate**sizes / np.array([1, 1, 2, 6, 24, 120])
    chances[-1] += 1 - chances.sum()

    def draw(rng: Rng, size: int) -> Draw:
        n = arrivals(rng, size, split, [daily] * days)
        groups = rng.multinomial(n, chances)
        total, squares = groups @ sizes, groups @ sizes**2
        nonzero = n - groups[..., 0]
        goal = Goal("engagement", running(n), (running(total), running(squares)), running(nonzero))
        return one_phase(split, goal, window_days=1)

    return draw


def returning(each: int, days: int) -> Drawing:
    """`each` visitors an arm enrol over the days and come back ever after: counts, no window."""

    def draw(rng: Rng, size: int) -> Draw:
        columns = [np.zeros((size, 2, days), dtype=np.int64) for _ in range(4)]
        for i in range(size):
            enrolled = rng.integers(0, days, (2, each))
            seen = np.arange(days) >= enrolled[..., None]
            keen = rng.gamma(0.5, 0.06, (2, each, 1))
            so_far = np.cumsum(rng.poisson(keen, (2, each, days)) * seen, axis=2)
            columns[0][i] = seen.sum(axis=1)
            columns[1][i], columns[2][i] = so_far.sum(axis=1), (so_far**2).sum(axis=1)
            columns[3][i] = (so_far > 0).sum(axis=1)
        n, total, squares, nonzero = columns
        return one_phase(EVEN, Goal("engagement", n, (total, squares), nonzero))

    return draw


def winsorised(values: Values, daily: float, split: tuple[float, ...], days: int = 30) -> Drawing:
    """The cap is the .99 quantile of the values so far, of both arms together, as of each day."""

    def draw(rng: Rng, size: int) -> Draw:
        n = arrivals(rng, size, split, [daily] * days)
        total, squares = np.zeros(n.shape, dtype=np.int64), np.zeros(n.shape, dtype=np.int64)
        for i in range(size):
            own = [np.rint(SCALE * values(rng, int(k.sum()))).astype(np.int64) for k in n[i]]
            for day in range(days):
                now = [cents[: n[i, k, : day + 1].sum()] for k, cents in enumerate(own)]
                every = np.sort(np.concatenate(now))
                cap = every[int(np.ceil(0.99 * len(every))) - 1]
                for k, cents in enumerate(now):
                    capped = np.minimum(cents, cap)
                    total[i, k, day], squares[i, k, day] = capped.sum(), (capped * capped).sum()
        goal = Goal("engagement", running(n), (total, squares), running(n), scale=SCALE)
        return one_phase(split, goal, window_days=1)

    return draw


def covariate(
    kind: str, correlation: float, daily: float, split: tuple[float, ...], effect: float = 0.0
) -> Drawing:
    """CUPED: `kind` is normal, heavy (lognormal) or rate."""

    def draw(rng: Rng, size: int) -> Draw:
        n = arrivals(rng, size, split, [daily] * 30)
        count = int(n.sum())
        before, noise = rng.standard_normal((2, count))
        after = correlation * before + np.sqrt(1 - correlation**2) * noise
        treated = _cells(n) // n.shape[2] % n.shape[1] > 0
        if kind == "rate":
            after = (after > 1.2816).astype(float)
        elif kind == "heavy":
            before, after = np.exp(before), np.exp(after)
        after = after + effect * treated
        scale = 1 if kind == "rate" else SCALE
        y, c = (np.rint(scale * each).astype(np.int64) for each in (after, np.rint(SCALE * before) / scale))
        columns = [_summed(n, each) for each in (y, y * y, c, c * c, y * c)]
        post, pre = tuple(columns[:2]), tuple(columns[2:])
        if kind == "rate":
            goal = Goal("conversion", running(n), post[:1], post[0], pre, 1)
        else:
            goal = Goal("engagement", running(n), post, running(n), pre, scale)
        return one_phase(split, goal, window_days=1)

    return draw


def orders(share: float, daily: float, split: tuple[float, ...], days: int = 30) -> Drawing:
    """Average order value: a share of the visitors orders once or more."""

    def draw(rng: Rng, size: int) -> Draw:
        n = arrivals(rng, size, split, [daily] * days)
        buyers = rng.binomial(n, share)
        number = 1 + rng.poisson(0.3, int(buyers.sum()))
        cents = np.rint(SCALE * number * rng.lognormal(0.0, 1.0, len(number))).astype(np.int64)
        return one_phase(split, _ratio(n, buyers, cents, number), window_days=1)

    return draw


def clicks(daily: float, split: tuple[float, ...], days: int = 30) -> Drawing:
    """Clicks per page view, where everybody has page views."""

    def draw(rng: Rng, size: int) -> Draw:
        n = arrivals(rng, size, split, [daily] * days)
        views = 1 + rng.poisson(4.0, int(n.sum()))
        liking = rng.beta(3, 7, len(views))
        return one_phase(split, _ratio(n, n, rng.binomial(views, liking), views), window_days=1)

    return draw


def _mean(n: Counts, buyers: Counts, cents: Counts) -> Goal:
    sums = _summed(buyers, cents), _summed(buyers, cents * cents)
    return Goal("engagement", running(n), sums, running(buyers), scale=SCALE)


def _ratio(n: Counts, buyers: Counts, over: Counts, under: Counts) -> Goal:
    columns = [_summed(buyers, each) for each in (over, over**2, under, under**2, over * under)]
    return Goal("ratio", running(n), tuple(columns), running(buyers))


def _cells(count: Counts) -> Counts:
    return np.repeat(np.arange(count.size), count.ravel())


def _summed(count: Counts, values: Counts) -> Counts:
    """The sum of so many values a cell, added up over the days; exact."""
    ends = np.concatenate([[0], np.cumsum(values)])
    last = np.cumsum(count.ravel())
    added = ends[last] - ends[last - count.ravel()]
    return running(added.reshape(count.shape))
