"""What tracking costs and how fast it is: `python -m bench.tracking`, `… --emulator 50000`.

Without an option: events per second through the domain alone, beside a naive sum over the same
events; the write units of an event by batch size; and how many lanes a rate needs. With it: so many
events through the real endpoints of the stack on the emulator, folded and compared.
"""

import argparse
import json
import math
import random
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from chalicelib.domain.instant import Instant, day_of
from chalicelib.domain.tracking.fold_plan import plan
from chalicelib.domain.tracking.increment import Message, body_of, emit_from, message_key, messages_of
from chalicelib.domain.tracking.tracker import Tracker
from chalicelib.domain.tracking.tracker_input import tracker_from
from chalicelib.services.tracking.fold import Folder, fold
from chalicelib.storage.dynamo.store import DynamoStore
from infra.aws import stack
from infra.aws.cloud import emulated
from infra.aws.stack import Deployment, Keys
from infra.local.emulator import Emulator
from infra.packaging.target import LOCAL

START: Instant = 1_773_144_000_000
ENTRY = {"name": "products", "kind": "product", "fields": ["views", "buys"]}
KEYS = Keys("admin-key-of-the-bench", "server-key-of-the-bench", "t" * 32)
HUMAN = "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0"
OBJECTS = 100
PARTITION_UNITS = 1_000


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--events", type=int, default=1_000_000, help="through the domain")
    parser.add_argument("--emulator", type=int, metavar="N", help="events through the emulator's endpoints")
    parser.add_argument("--batch", type=int, default=50, help="events of a request to it")
    parser.add_argument("--objects", type=int, default=OBJECTS, help="that they are about; 1: a hot one")
    args = parser.parse_args()
    if args.emulator:
        through_the_emulator(args.emulator, args.batch, args.objects)
        return
    through_the_domain(args.events)
    write_units()
    lanes()


def events_of(number: int, chance: random.Random, objects: int = OBJECTS) -> list[dict[str, Any]]:
    """Events as a page sends them; a tenth are purchases with a price."""
    return [
        {"tracker": "products", "object": f"product:{chance.randrange(objects)}", "field": "views"}
        if chance.random() < 0.9
        else {
            "tracker": "products",
            "object": f"product:{chance.randrange(objects)}",
            "field": "buys",
            "by": f"{chance.randrange(100, 10_000) / 100}",
        }
        for _ in range(number)
    ]


def naive(events: Sequence[dict[str, Any]]) -> Counter[tuple[str, str]]:
    """What they must come to, in ten-thousandths."""
    sums: Counter[tuple[str, str]] = Counter()
    for event in events:
        sums[event["object"], event["field"]] += round(float(event.get("by", 1)) * 10_000)
    return sums


def through_the_domain(number: int) -> None:
    """Check and plan every event, from one pool, so that making them is not measured."""
    tracker = tracker_from(ENTRY, START)
    pool = events_of(10_000, random.Random(1))
    repeats = number // len(pool)
    begun = time.perf_counter()
    expected = Counter({key: amount * repeats for key, amount in naive(pool).items()})
    for _ in range(repeats - 1):
        naive(pool)
    summed = time.perf_counter() - begun
    sums: Counter[tuple[str, str]] = Counter()
    begun = time.perf_counter()
    for repeat in range(repeats):
        waiting = list(_messages(pool, tracker, repeat))
        checked_all = waiting
        while checked_all:
            batch = plan(tracker, checked_all[:99], frozenset(), START)
            checked_all = checked_all[len(batch.messages) :]
            for (object_, field, _), amount in batch.sums.items():
                sums[object_, field] += amount
    took = time.perf_counter() - begun
    print(f"domain: {repeats * len(pool):,} events equal the naive sum: {sums == expected}")
    print(f"  checked, packed and planned {repeats * len(pool) / took:>10,.0f} events/s")
    print(f"  naive sum alone             {repeats * len(pool) / summed:>10,.0f} events/s\n")


def _messages(events: Sequence[dict[str, Any]], tracker: Tracker, repeat: int) -> Iterator[Message]:
    trackers = {tracker.name: tracker}
    for first in range(0, len(events), 50):
        emits = [emit_from(event, trackers, START, server=False) for event in events[first : first + 50]]
        yield from messages_of(emits, trackers, message_key(START, f"{repeat}-{first}"))


def write_units() -> None:
    """One per KB to append, two to delete it in a transaction; two for each counter, one for the lease."""
    print("write units of an event by events per request (one hot object; 100 objects)")
    for size in (1, 5, 10, 25, 50):
        print(f"  {size:>3}  {_units(size, 1):6.3f}  {_units(size, OBJECTS):6.3f}")
    print()


def _units(size: int, objects: int) -> float:
    tracker, chance = tracker_from(ENTRY, START), random.Random(size)
    events = [
        {**event, "object": f"product:{chance.randrange(objects)}"} for event in events_of(size * 400, chance)
    ]
    messages = []
    for number in range(400):
        part = events[number * size : (number + 1) * size]
        emits = [emit_from(event, {"products": tracker}, START, server=False) for event in part]
        messages += messages_of(emits, {"products": tracker}, message_key(START, str(number)))
    units = sum(3 * _kilobytes(message) for message in messages)
    while messages:
        batch = plan(tracker, messages[:99], frozenset(), START)
        messages = messages[len(batch.messages) :]
        units += 2 * len(batch.sums) + 1
    return units / len(events)


def _kilobytes(message: Message) -> int:
    names = len("pkskbody") + len(f"lane#{message.tracker}#00") + len(message.key)
    return math.ceil((names + len(body_of(message.entries).encode())) / 1024)


def lanes() -> None:
    """A lane is one partition of 1,000 write units a second, spent by appends and by deletes."""
    print(
        "lanes that a rate of requests a second needs, each of 1 KB or less (3 units, half of it kept free)"
    )
    for rate in (100, 278, 1_000, 5_000, 10_000):
        print(f"  {rate:>6}  {math.ceil(rate * 3 / (PARTITION_UNITS / 2)):>3}")
    print("  (278 a second are a million an hour)")


def through_the_emulator(number: int, size: int, objects: int) -> None:
    """Send, fold, compare."""
    with Emulator() as emulator:
        deployed = stack.deploy(emulated(emulator.url), "bench", LOCAL, KEYS, lambda line: None)
        _post(deployed, "/admin/trackers", ENTRY, KEYS.admin)
        events = events_of(number, random.Random(2), objects)
        parts = [{"events": events[first : first + size]} for first in range(0, number, size)]
        _post(deployed, "/e/track", parts[0])
        begun = time.perf_counter()
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda part: _post(deployed, "/e/track", part), parts[1:]))
        sent = time.perf_counter() - begun
        applied, folded = _fold(deployed)
        print(f"emulator: {number:,} events in {len(parts):,} requests of {size}, {objects} objects")
        print(
            f"  sent in   {sent:6.1f} s  {len(parts) / sent:8,.0f} requests/s {number / sent:8,.0f} events/s"
        )
        print(f"  folded in {folded:6.1f} s  {applied / folded:8,.0f} events/s")
        equal = _counters(deployed) == naive(events)
        print(f"  equal to the naive sum: {equal}")
    sys.exit(0 if equal else 1)


def _fold(deployed: Deployment) -> tuple[int, float]:
    """By the deployed function's own schedule, too, if a minute passes meanwhile."""
    store = _store(deployed)
    begun = time.perf_counter()
    folder = Folder(store, lambda: time.time_ns() // 1_000_000, "bench", wait=True)
    applied = fold(folder, store.definitions().trackers.values(), time.time_ns())
    return applied.events, time.perf_counter() - begun


def _counters(deployed: Deployment) -> Counter[tuple[str, str]]:
    store = _store(deployed)
    now = time.time_ns() // 1_000_000
    tracker = store.definitions().trackers["products"]
    sums: Counter[tuple[str, str]] = Counter()
    for each in store.counts_between(tracker, day_of(now) - 1, day_of(now), now):
        sums[each.object, each.field] += each.amount
    return sums


def _store(deployed: Deployment) -> DynamoStore:
    import os

    account = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    address = {"AWS_ENDPOINT_URL": str(deployed.cloud.url), "AWS_DEFAULT_REGION": deployed.cloud.region}
    os.environ.update({**account, **address})
    return DynamoStore(deployed.data["VisitorsTable"], deployed.data["LeansplitTable"])


def _post(deployed: Deployment, path: str, body: Any, key: str | None = None) -> None:
    headers = {"Content-Type": "application/json", "User-Agent": HUMAN}
    if key is not None:
        headers["Authorization"] = f"Bearer {key}"
    request = urllib.request.Request(
        deployed.api_url + path, data=json.dumps(body).encode(), headers=headers, method="POST"
    )
    with urllib.request.urlopen(request, timeout=120) as answer:
        answer.read()


if __name__ == "__main__":
    main()
