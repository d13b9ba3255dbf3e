"""Mutated and raw requests to every route: `python -m bench.hostile_requests --requests 20000`.

Sees only answers of 2xx, 3xx, 4xx and 503, each 4xx with an `error`, JSON that is JSON, no exception in
the log, and tables that a 4xx left as they were (but for the counters of refusals). In this process, on
a store in memory with DynamoDB's limits; with `--url` against a fresh `make serve`, whose tables it
cannot read and whose log it does not see:

    ADMIN_KEY=an-admin-key-of-the-bench SERVER_KEY=a-server-key-of-the-bench PORT=8123 make serve
    python -m bench.hostile_requests --requests 2000 --url http://127.0.0.1:8123
"""

import argparse
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bench.hostile.examples import Known, examples
from bench.hostile.remote import Remote
from bench.hostile.run import Outcome, run
from bench.hostile.shrink import smallest
from bench.hostile.stage import set_stage
from bench.hostile.target import Target
from bench.hostile.world import VARIANTS, World

_CLASSES = ("2xx", "3xx", "4xx", "503", "5xx")


def main() -> int:
    """Print answers by route, and each fault with its smallest requests; 1 when there are any."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--requests", type=int, default=20_000, help="how many (20000)")
    parser.add_argument(
        "--seed", type=int, default=None, help="of the generator; drawn and printed without one"
    )
    parser.add_argument("--url", help="where `make serve` answers, as in http://127.0.0.1:8000")
    args = parser.parse_args()
    seed = random.randrange(1_000_000) if args.seed is None else args.seed
    begun = time.monotonic()
    with staged(args.url) as (target, known):
        outcome = run(target, examples(known), args.requests, seed)
        report = list(described(target, outcome))
    print(f"{args.requests} requests, seed {seed}, {time.monotonic() - begun:.0f} s")
    print("\n".join([*table(outcome), "", f"{len(outcome.faults)} kinds of faults", *report]))
    return 1 if outcome.faults else 0


@contextmanager
def staged(url: str | None) -> Iterator[tuple[Target, Known]]:
    """What requests are sent to, with something in it."""
    if url is not None:
        remote = Remote(url)
        yield remote, set_stage(remote)
        return
    with World() as world:
        known = set_stage(world)
        world.remember()
        yield world, known


def table(outcome: Outcome) -> Iterator[str]:
    """How many answers of each class, by route."""
    yield f"{'route':<50}" + "".join(f"{each:>8}" for each in _CLASSES)
    for route in [*sorted({route for route, _ in outcome.answers}), None]:
        counts = [
            sum(n for (name, kind), n in outcome.answers.items() if kind == each and route in (None, name))
            for each in _CLASSES
        ]
        yield f"{route or 'all':<50}" + "".join(f"{count:>8}" for count in counts)


def described(target: Target, outcome: Outcome) -> Iterator[str]:
    """Each fault, the most frequent first, with the smallest requests that show it."""
    for words, fault in sorted(outcome.faults.items(), key=lambda each: -each[1].times):
        settings = VARIANTS[fault.variant % len(VARIANTS)] if target.tables() else {}
        yield f"\n{fault.times} × {words} {settings or ''}"
        for request in smallest(target, words, fault):
            yield f"    {request.shown()}"


if __name__ == "__main__":
    raise SystemExit(main())
