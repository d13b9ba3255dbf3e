"""The nightly report on the AWS emulator: `python -m bench.nightly`.

Deploys the real template, writes visitors of many experiments that have run for 90 days straight
into the table, invokes the report function by its schedule's event, and prints how long it took
and how much memory it needed. The first run catches up all days; the second adds nothing; the
third, after more visits, is an ordinary night. The emulator's Lambda is a process of this machine
with as much CPU as it gets, and reports its own peak memory.
"""

import argparse
import os
import random
import secrets
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor

from chalicelib.domain.experiments.experiment_input import experiment_from
from chalicelib.domain.experiments.goal import Goal, GoalType
from chalicelib.domain.instant import DAY, Instant, day_of, iso_at, start_of
from chalicelib.domain.visitors.event import SERVER, Confirmed, Enrolled, Event, Reached
from chalicelib.services.visitors.collect import collect
from chalicelib.storage.dynamo.store import DynamoStore
from infra.aws import stack
from infra.aws.cloud import emulated
from infra.commands import demo
from infra.local.emulator import Emulator
from infra.packaging.target import LOCAL

GOALS = ("signup", "buy", "spend")


def main() -> None:
    """Print a line for each night."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--experiments", type=int, default=100)
    parser.add_argument("--days", type=int, default=90)
    parser.add_argument("--visitors", type=int, default=2_000)
    args = parser.parse_args()
    now = time.time_ns() // 1_000_000
    with Emulator() as emulator:
        keys = stack.Keys(*(secrets.token_urlsafe(32) for _ in range(3)))
        deployed = stack.deploy(emulated(emulator.url), "local", LOCAL, keys, print)
        os.environ.update(_environment(emulator.url))
        store = DynamoStore(deployed.data["VisitorsTable"], deployed.data["LeansplitTable"])
        begun = time.monotonic()
        _define(store, args.experiments, start_of(day_of(now) - args.days))
        _fill(deployed.data, args, now)
        print(f"{args.visitors} visitors written in {time.monotonic() - begun:.0f} s")
        for name in ("all days at once", "again", "once more"):
            _night(deployed, name)
        _fill(deployed.data, argparse.Namespace(**{**vars(args), "visitors": 100, "days": 1}), now)
        _night(deployed, "an ordinary night")


def _night(deployed: stack.Deployment, name: str) -> None:
    begun = time.monotonic()
    job = demo.invoke_report(deployed)
    seconds = time.monotonic() - begun
    print(
        f"{name}: {job['written']} reports from {job['documents']} documents in {seconds:.1f} s, "
        f"peak memory {job['peak_mb']} MB"
    )


def _environment(url: str) -> dict[str, str]:
    keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    return {"AWS_ENDPOINT_URL": url, "AWS_DEFAULT_REGION": "us-east-1", **keys}


def _define(store: DynamoStore, experiments: int, start: Instant) -> None:
    for name in GOALS:
        store.save_goal(Goal(name, start, GoalType.ENGAGEMENT if name == "spend" else GoalType.CONVERSION))
    for number in range(experiments):
        entry = {"name": f"x{number}", "state": "enabled", "started_at": iso_at(start)}
        store.save_experiment(experiment_from(entry, start))


def _fill(data: dict[str, str], args: argparse.Namespace, now: Instant) -> None:
    tables = (data["VisitorsTable"], data["LeansplitTable"])
    parts = [(tables, args, now, range(part, args.visitors, 4)) for part in range(4)]
    with ProcessPoolExecutor(4) as pool:
        list(pool.map(_write, parts))


def _write(part: tuple[tuple[str, str], argparse.Namespace, Instant, range]) -> None:
    tables, args, now, numbers = part
    store = DynamoStore(*tables)
    definitions = store.definitions()
    for number in numbers:
        chance = random.Random(f"{args.days} {number}")
        at = now - chance.randrange(args.days * DAY)
        events = list(_events(chance, at, args.experiments))
        visitor_id = f"visitor-{args.days}-{number:06d}"
        collect(store, definitions, visitor_id, events, min(now, at + DAY), SERVER)


def _events(chance: random.Random, at: Instant, experiments: int) -> Iterator[Event]:
    """A visitor takes part in ten experiments, and reaches some goals within a day."""
    yield Confirmed("c", at)
    for number in chance.sample(range(experiments), min(10, experiments)):
        yield Enrolled(f"e{number}", at, f"x{number}")
    for goal in GOALS:
        if chance.random() < 0.3:
            value = chance.randrange(10**6) if goal == "spend" else None
            yield Reached(f"g-{goal}", at, goal, value)


if __name__ == "__main__":
    main()
