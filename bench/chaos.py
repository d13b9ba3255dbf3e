"""Faults on purpose, as many as you like: `python -m bench.chaos --seeds 2000`.

Each seed is three days of a small shop (`tests/faults/shop.py`) in which calls of the store and of
the files fail: before or after they took effect, throttled, in conflict with a transaction, or with
the process killed. Nights run twice and meet themselves, finish late, and the clock steps over
midnight in both directions. Then two nights without a fault; every report, counter, event set
aside and the published configuration is compared with the same shop without faults.
"""

import argparse
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor

from rich.progress import track

from tests.faults.worlds import SEEDS_A_WORLD, Outcome, tried


def main() -> int:
    """Print worlds, faults by kind, reports compared, and differences; 1 when there are any."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=500, help="how many (500)")
    parser.add_argument(
        "--first", type=int, default=10_000, help="the first (10000; the tests have 0 to 199)"
    )
    parser.add_argument("--processes", type=int, default=2)
    args = parser.parse_args()
    begun, seeds = time.monotonic(), range(args.first, args.first + args.seeds)
    with ProcessPoolExecutor(args.processes) as pool:
        outcomes = list(track(pool.map(tried, seeds, chunksize=SEEDS_A_WORLD), "seeds", args.seeds))
    show(dict(zip(seeds, outcomes, strict=True)), time.monotonic() - begun)
    return 1 if any(each.differences for each in outcomes) else 0


def show(outcomes: dict[int, Outcome], seconds: float) -> None:
    worlds = len({seed // SEEDS_A_WORLD for seed in outcomes})
    kinds = Counter(kind for each in outcomes.values() for _, _, kind in each.happened)
    names = {name for each in outcomes.values() for _, name, _ in each.happened}
    print(f"{len(outcomes)} seeds in {worlds} worlds, {seconds:.0f} s")
    print(f"{sum(kinds.values())} faults in {len(names)} operations: {dict(sorted(kinds.items()))}")
    print(f"{sum(each.compared for each in outcomes.values())} reports and counters compared")
    differing = {seed: each.differences for seed, each in outcomes.items() if each.differences}
    for seed, differences in differing.items():
        print(f"seed {seed} differs: {', '.join(differences)}")
    print(f"{len(differing)} seeds with differences")


if __name__ == "__main__":
    raise SystemExit(main())
