"""How often is a healthy experiment called winner or loser? Every kind of A/A experiment, looked at daily.

Each row is drawn as daily tallies and goes through `analyse` whole, as a night's reports do; counted is any
verdict on any day. Prints the README's table, with the same data under other methods beside it, and fails
where a row lies above alpha + 3 standard errors, the pooled rate above alpha, or a power is missed. Run from
the root of the project: `python -m bench.aa_simulation` (`--quick` for a look).
"""

import argparse
import re
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import Pool
from typing import Any
from zlib import crc32

import numpy as np

from bench.aa.draw import Draw, Rng
from bench.aa.peeking import gbstats, peeked
from bench.aa.rows import Row, rows
from chalicelib.stats.analysis import analyse

ALPHA = 0.05
QUICK = 20


@dataclass(frozen=True)
class Share:
    """How many of how many."""

    hits: int
    size: int

    @property
    def value(self) -> float:
        return self.hits / self.size

    @property
    def error(self) -> float:
        return float(np.sqrt(max(self.value * (1 - self.value), 1 / self.size) / self.size))

    def __str__(self) -> str:
        return f"{self.value:.4f} ± {self.error:.4f}"


@dataclass(frozen=True)
class Result:
    """Of one row: with a plan (None: not asked), without, peeked at daily, by gbstats."""

    row: Row
    planned: Share | None
    unplanned: Share
    peeked: Share | None
    gbstats: Share | None
    seconds: float


def main() -> int:
    args = _arguments()
    started = time.perf_counter()
    chosen = [i for i, row in enumerate(rows()) if re.search(args.only, f"{row.group}: {row.name}")]
    print("| experiment | with a plan | without | one test, every day | gbstats' sequential test |")
    print("|---|---|---|---|---|")
    results = []
    for result in _results(chosen, args):
        results.append(result)
        print(_line(result), flush=True)
    print(f"\n± one standard error; seed {args.seed}, {time.perf_counter() - started:.0f} s")
    return _verdict(results)


def _results(chosen: list[int], args: argparse.Namespace) -> Iterator[Result]:
    run = partial(_numbered, seed=args.seed, quick=args.quick, peers=0 if args.no_peers else args.peers)
    if args.processes == 1:
        yield from map(run, chosen)
        return
    with Pool(args.processes) as pool:
        yield from pool.imap(run, chosen)


def _numbered(place: int, **options: Any) -> Result:
    # What draws a row can't be sent to another process.
    result = simulate(rows()[place], **options)
    return replace(result, row=replace(result.row, draw=_drawn))


def _drawn(rng: Rng, size: int) -> Draw:
    raise NotImplementedError


def simulate(row: Row, seed: int, quick: bool = False, peers: int = 0) -> Result:
    """One row, in chunks; the seed of a row depends on its name alone."""
    started = time.perf_counter()
    rng = np.random.default_rng([seed, crc32(row.name.encode())])
    size = max(50, row.experiments // QUICK) if quick else row.experiments
    hits = {"planned": 0, "unplanned": 0, "peeked": 0}
    other: list[bool] | None = None
    for first in range(0, size, row.chunk):
        draw = row.draw(rng, min(row.chunk, size - first))
        hits["unplanned"] += _called(row, draw, {})
        hits["planned"] += _called(row, draw, row.plan) if row.plan else 0
        hits["peeked"] += int(peeked(draw).sum())
        if first == 0 and peers and not row.verdicts:
            other = gbstats(draw, peers // (5 if quick else 1))
    shares = {name: Share(count, size) for name, count in hits.items()}
    return Result(
        row,
        shares["planned"] if row.plan else None,
        shares["unplanned"],
        None if row.verdicts else shares["peeked"],
        None if other is None else Share(sum(other), len(other)),
        time.perf_counter() - started,
    )


def _called(row: Row, draw: Draw, plan: dict[str, Any]) -> int:
    requests = draw.requests(plan)
    for request in requests:
        for goal in request["goals"]:
            goal.update(row.rules)
    return sum(_decided(answer, row.verdicts) for answer in analyse(requests))


def _decided(answer: dict[str, Any], verdicts: tuple[str, ...]) -> bool:
    if "error" in answer:
        raise SystemExit(f"an experiment could not be analysed: {answer['error']}")
    found = [row for goal in answer["goals"] for row in goal["comparisons"]]
    if verdicts:
        return any(row["verdict"] in verdicts for row in found)
    # Also what was decided on an earlier day, and has been blocked or has become unstable since.
    return any(row["sequential"]["significant"] for row in found)


def _line(result: Result) -> str:
    cells = [result.planned, result.unplanned, result.peeked, result.gbstats]
    shown = " | ".join("–" if cell is None else str(cell) for cell in cells)
    group = "**power**: " if result.row.least or result.row.group == "power" else ""
    print(f"{result.row.name}: {result.seconds:.0f} s", file=sys.stderr)
    return f"| {group}{result.row.name} | {shown} |"


def _verdict(results: list[Result]) -> int:
    """1 where the promise is broken."""
    broken: list[str] = []
    for i, name in enumerate(("with a plan", "without")):
        shares = [(result.row, (result.planned, result.unplanned)[i]) for result in results]
        known = [(row, share) for row, share in shares if share is not None]
        broken += [f"{row.name}, {name}: {share}" for row, share in known if _breaks(row, share, i)]
        errors = [share for row, share in known if row.group != "power"]
        if errors:
            pooled = Share(sum(each.hits for each in errors), sum(each.size for each in errors))
            print(f"all rows {name}: {pooled} of {pooled.size:,} experiments")
            broken += [f"all rows {name}"] if pooled.value > ALPHA else []
    for line in broken:
        print(f"BROKEN: {line}")
    return 1 if broken else 0


def _breaks(row: Row, share: Share, place: int) -> bool:
    if row.group != "power":
        return share.value > ALPHA + 3 * share.error
    return row.least is not None and share.value + 3 * share.error < row.least[place]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="a twentieth of the experiments")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="rows whose group or name this expression matches")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--peers", type=int, default=200, help="experiments a row for gbstats")
    parser.add_argument("--no-peers", action="store_true", help="leave gbstats out")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
