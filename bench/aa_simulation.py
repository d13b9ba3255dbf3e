"""How often does each method cry wolf? A/A experiments, looked at every day, through our own statistics.

Prints the README's table: the share of experiments ever called significant at alpha 0.05, with standard
errors, and the power beside it. Run from the root of the project: `python -m bench.aa_simulation`.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from chalicelib.stats.analysis import analyse
from chalicelib.stats.arrays import Flags, Floats, Ints
from chalicelib.stats.fixed_horizon import means, rates
from chalicelib.stats.input.arm_columns import Arms
from chalicelib.stats.power.sample_size import rate_effect
from chalicelib.stats.sequential.confidence_sequence import confidence_sequence
from chalicelib.stats.sequential.lan_demets import boundaries

ALPHA = 0.05
CHUNK = 2_000
METHODS = ("test every day", "test on the last day", "CS, planned N", "CS, 5000", "Lan–DeMets")

Days = NDArray[np.int64]


@dataclass(frozen=True)
class Draw:
    """Cumulative tallies, one row an experiment and one column a day, of control and treatment."""

    control: tuple[Days, ...]
    treatment: tuple[Days, ...]


@dataclass(frozen=True)
class Case:
    """`draw(rng, experiments)`; `share` cuts the number of experiments where they are dear."""

    name: str
    looks: int
    draw: Callable[[np.random.Generator, int], Draw]
    share: float = 1.0


def main() -> None:
    args = _arguments()
    started = time.perf_counter()
    print(f"| experiment | looks | {' | '.join(METHODS)} |")
    print(f"|---|---|{'---|' * len(METHODS)}")
    for case in cases(args.full):
        experiments = max(CHUNK, int(args.experiments * case.share))
        found = np.array(list(_run(case, experiments, np.random.default_rng(args.seed))))
        print(
            f"| {case.name} | {case.looks} | {' | '.join(_cell(column) for column in found.T)} |", flush=True
        )
    print(f"\n{args.experiments:,} experiments a row (fewer for the dear ones), ± standard error, ", end="")
    print(f"seed {args.seed}, {time.perf_counter() - started:.0f} s. CS = asymptotic confidence sequence.")


def cases(full: bool) -> list[Case]:
    found = [
        Case(
            f"rate {rate:g}, {daily:,} visitors a day", looks, _arrivals(rate, rate, daily, looks), 30 / looks
        )
        for rate, daily, looks in (
            (0.01, 2000, 30),
            (0.1, 200, 30),
            (0.1, 2000, 30),
            (0.1, 20_000, 30),
            (0.5, 2000, 30),
            (0.1, 2000, 90),
        )
    ]
    found += [
        Case("spend, lognormal (σ 1.5), 200 visitors a day", looks, _spend(100, looks), 0.2)
        for looks in (30,)
    ]
    found += [Case("spend, lognormal (σ 1.5), 200 visitors a day", 90, _spend(100, 90), 0.2)] if full else []
    found += [
        Case("all enrolled on day 1, outcomes mature later", looks, _maturing(looks), 30 / looks)
        for looks in (30, 90, 365)
    ]
    effect = rate_effect(*(np.array([value]) for value in (0.1, 30_000.0, ALPHA, 0.782)))[0]
    found.append(
        Case("**power**: 10 % + what the test finds with .782", 30, _arrivals(0.1, 0.1 + effect, 2000, 30))
    )
    return found


def _arrivals(p1: float, p2: float, daily: int, looks: int) -> Callable[[np.random.Generator, int], Draw]:
    """`daily` visitors a day over both arms, each to either arm by chance, outcome on the same day."""

    def draw(rng: np.random.Generator, experiments: int) -> Draw:
        shape = (experiments, looks)
        visitors = rng.poisson(daily, shape)
        n2 = rng.binomial(visitors, 0.5)
        arms = ((visitors - n2, p1), (n2, p2))
        one, two = ((np.cumsum(n, 1), np.cumsum(rng.binomial(n, p), 1)) for n, p in arms)
        return Draw(one, two)

    return draw


def _maturing(looks: int) -> Callable[[np.random.Generator, int], Draw]:
    """5,000 visitors in each arm from day 1; one in ten converts, on a day drawn evenly."""

    def arm(rng: np.random.Generator, experiments: int) -> tuple[Days, Days]:
        converts = rng.binomial(5000, 0.1, experiments)
        days = rng.multinomial(converts, [1 / looks] * looks)
        return np.full((experiments, looks), 5000), np.cumsum(days, 1)

    return lambda rng, experiments: Draw(arm(rng, experiments), arm(rng, experiments))


def _spend(daily: int, looks: int) -> Callable[[np.random.Generator, int], Draw]:
    """`daily` visitors in each arm and day, who spend a lognormal amount, in whole cents."""

    def arm(rng: np.random.Generator, experiments: int) -> tuple[Days, ...]:
        totals = np.empty((2, experiments, looks), dtype=np.int64)
        for day in range(looks):
            cents = np.rint(100 * rng.lognormal(1.0, 1.5, (experiments, daily))).astype(np.int64)
            totals[0, :, day], totals[1, :, day] = cents.sum(1), (cents * cents).sum(1)
        visitors = np.broadcast_to(daily * np.arange(1, looks + 1), (experiments, looks))
        return visitors, np.cumsum(totals[0], 1), np.cumsum(totals[1], 1)

    return lambda rng, experiments: Draw(arm(rng, experiments), arm(rng, experiments))


def _run(case: Case, experiments: int, rng: np.random.Generator) -> Iterator[Flags]:
    """Per experiment: whether each method ever called it significant."""
    for start in range(0, experiments, CHUNK):
        size = min(CHUNK, experiments - start)
        draw = case.draw(rng, size)
        with np.errstate(all="ignore"):
            flags = _flags(draw)
        if start == 0:
            _check(draw, flags)
        yield from flags.T


def _flags(draw: Draw) -> Flags:
    one, two = _arms(draw.control), _arms(draw.treatment)
    shape = draw.control[0].shape
    conversion = len(draw.control) == 2
    effect = (rates if conversion else means).effect(one, two)
    enough = _enough(one, conversion) & _enough(two, conversion)
    p = rates.pearson(one, two).p_value if conversion else means.pooled(one, two).p_value
    fixed = (p < ALPHA).reshape(shape)
    planned = float(np.mean(effect.total.reshape(shape)[:, -1]))
    found = [fixed.any(1), fixed[:, -1]]
    for tuning in (planned, 5000.0):
        total = len(effect.total)
        alpha, tunings = np.full(total, ALPHA), np.full(total, tuning)
        sequence = confidence_sequence(effect.difference, effect.square, effect.total, alpha, tunings)
        found.append(((sequence.p_value < ALPHA) & enough).reshape(shape).any(1))
    z = np.abs(effect.difference / np.sqrt(effect.square)).reshape(shape)
    found.append(((z >= _limits(effect.total.reshape(shape))) & enough.reshape(shape)).any(1))
    return np.array(found)


def _limits(totals: Floats) -> Floats:
    """Information as in a report: visitors so far over those of the last day."""
    visitors = totals.mean(axis=0)
    return np.array(boundaries(ALPHA, (visitors / visitors[-1]).tolist()))


def _arms(days: tuple[Days, ...]) -> Arms:
    n, *sums = (np.ascontiguousarray(column).ravel() for column in days)
    if len(sums) > 1:
        n, *sums = (column.astype(object) for column in (n, *sums))
    scale: Ints = np.ones_like(n) if len(sums) == 1 else np.full(len(n), 100, dtype=object)
    return Arms(n, tuple(sums), scale)


def _enough(arms: Arms, conversion: bool) -> Flags:
    if not conversion:
        return np.asarray(arms.n >= 100, dtype=bool)
    n, x = arms.n, arms.sums[0]
    return np.asarray((n >= 30) & (x >= 5) & (n - x >= 5))


def _check(draw: Draw, flags: Flags) -> None:
    """The first experiments through `analyse`, history and all, must be called the same (CS, 5000)."""
    requests = [_request(draw, i) for i in range(20)]
    for i, report in enumerate(analyse(requests)):
        if report["goals"][0]["comparisons"][0]["sequential"]["significant"] != bool(flags[3, i]):
            raise SystemExit(f"experiment {i}: analyse and the simulation disagree")


def _request(draw: Draw, i: int) -> dict[str, object]:
    conversion = len(draw.control) == 2
    days = [
        {"arms": [_row(arm, i, day) for arm in (draw.control, draw.treatment)]}
        for day in range(draw.control[0].shape[1])
    ]
    kind = "conversion" if conversion else "engagement"
    return {"goals": [{"key": "g", "type": kind, "arms": days[-1]["arms"], "history": days[:-1]}]}


def _row(arm: tuple[Days, ...], i: int, day: int) -> dict[str, object]:
    values = [int(column[i, day]) for column in arm]
    if len(values) == 2:
        return {"key": str(id(arm)), "n": values[0], "conversions": values[1]}
    total, squares = f"{values[1]}e-2", f"{values[2]}e-4"
    return {"key": str(id(arm)), "n": values[0], "sum": total, "sum_squares": squares}


def _cell(column: Flags) -> str:
    share = float(np.mean(column))
    return f"{share:.4f} ± {np.sqrt(share * (1 - share) / len(column)):.4f}"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--experiments", type=int, help="experiments a row (default 20,000; --full 200,000)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--full", action="store_true", help="ten times as many, and 90 looks at heavy tails")
    args = parser.parse_args()
    args.experiments = args.experiments or (200_000 if args.full else 20_000)
    return args


if __name__ == "__main__":
    main()
