"""How fast and how lean a recount reads documents: `python -m bench.recount`.

Through the real read path short of the network: botocore sends Scan requests, and a stand-in for
the wire answers each with a page as DynamoDB writes it. Timed beside two peers on the same pages
in the same run: botocore reading the items with `json.loads` of the bodies, and `json.loads` of
pages and bodies alone.
"""

import argparse
import json
import multiprocessing
import resource
import time
from collections.abc import Callable, Iterator
from typing import Any

import botocore.session
from botocore.awsrequest import AWSResponse
from pynamodb.connection.base import Connection

from chalicelib.domain.counting.rules import Rules, rules_of
from chalicelib.domain.counting.tally import Tally
from chalicelib.domain.definitions import Definitions
from chalicelib.domain.experiments.experiment import enable
from chalicelib.domain.experiments.experiment_input import experiment_from
from chalicelib.domain.experiments.goal import Goal, GoalType
from chalicelib.domain.instant import DAY, Instant
from chalicelib.domain.paused_collector import uncollected
from chalicelib.domain.visitors.visitor import Confirmation, Enrollment, Fact, Visitor
from chalicelib.services.reports.recount import fold_page
from chalicelib.storage.document import body_of
from chalicelib.storage.dynamo.scan import scan_pages

START: Instant = 20_400 * DAY
PAGE_BYTES = 1_000_000
VARIANTS = 5_000


def main() -> None:
    """Print documents per second, beside the peers, and the peak memory at growing sizes."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--documents", type=int, default=100_000, help="for the timing (default 100,000)")
    parser.add_argument(
        "--sizes", type=int, nargs="*", default=[10_000, 100_000, 1_000_000], help="for the memory"
    )
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    pages = list(_pages())
    per_page = len(json.loads(pages[0])["Items"])
    print(f"typical document: 2 experiments, 2 goals, {len(pages[0]) // per_page} bytes on the wire")
    _timing(pages, args.documents, args.rounds)
    _memory(args.sizes)


def _timing(pages: list[bytes], documents: int, rounds: int) -> None:
    ways: dict[str, Callable[[Wire], int]] = {
        "recount (scan, parse, fold)": _recount,
        "peer: botocore reads the items": _pynamodb,
        "peer: json.loads alone": _floor,
    }
    best = dict.fromkeys(ways, 0.0)
    for _ in range(rounds):
        for name, run in ways.items():
            begun = time.process_time()
            count = run(Wire(pages, documents))
            best[name] = max(best[name], count / (time.process_time() - begun))
    ours = best["recount (scan, parse, fold)"]
    for name, rate in best.items():
        print(f"{name:32} {rate:10,.0f} documents/s of CPU, best of {rounds}   ours is {ours / rate:.2f} ×")


def _memory(sizes: list[int]) -> None:
    context = multiprocessing.get_context("spawn")
    for size in sizes:
        with context.Pool(1) as pool:
            kilobytes = pool.apply(_peak, (size,))
        print(f"{size:10,} documents: peak memory {kilobytes / 1024:.0f} MB")


def _peak(size: int) -> int:
    _recount(Wire(list(_pages()), size))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


class Wire:
    """Answers Scan requests from memory, page after page, until `documents` have been sent."""

    def __init__(self, pages: list[bytes], documents: int) -> None:
        self._pages = pages
        self._left = documents
        self._number = 0

    def client(self) -> Any:
        """A real botocore client whose requests end here."""
        session = botocore.session.get_session()
        session.set_credentials("bench", "bench")
        client = session.create_client("dynamodb", region_name="us-east-1")
        client.meta.events.register("before-send.dynamodb.Scan", self._answer)
        return client

    def _answer(self, **_: Any) -> AWSResponse:
        page = self._pages[self._number % len(self._pages)]
        self._number += 1
        self._left -= page.count(b'"id"')
        tail = b"}" if self._left <= 0 else b',"LastEvaluatedKey":{"id":{"S":"more"}}}'
        return AWSResponse("https://dynamodb", 200, {}, _Raw(page[:-1] + tail))


class _Raw:
    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self) -> Iterator[bytes]:
        """As urllib3 gives it."""
        yield self._content


def _recount(wire: Wire) -> int:
    tally, rules = Tally(), _rules()
    with uncollected():
        for page in scan_pages(wire.client(), "visitors", 0, 1, START // 1000, None):
            fold_page(tally, page, rules)
    return tally.documents


def _pynamodb(wire: Wire) -> int:
    connection = Connection(region="us-east-1")
    connection._client = wire.client()
    count, start = 0, None
    while True:
        answer = connection.client.scan(
            TableName="visitors", **({"ExclusiveStartKey": start} if start else {})
        )
        for item in answer["Items"]:
            json.loads(item["body"]["S"])
            count += 1
        start = answer.get("LastEvaluatedKey")
        if start is None:
            return count


def _floor(wire: Wire) -> int:
    count = 0
    while wire._left > 0:
        for item in json.loads(wire._answer().content)["Items"]:
            json.loads(item["body"]["S"])
            count += 1
    return count


def _pages() -> Iterator[bytes]:
    items: list[dict[str, Any]] = []
    size = 0
    for number in range(VARIANTS):
        visitor = _visitor(number)
        items.append({"id": {"S": visitor.id}, "body": {"S": body_of(visitor)}})
        size += len(items[-1]["body"]["S"]) + 60
        if size > PAGE_BYTES:
            yield _page(items)
            items, size = [], 0
    if items:
        yield _page(items)


def _page(items: list[dict[str, Any]]) -> bytes:
    return json.dumps({"Count": len(items), "ScannedCount": len(items), "Items": items}).encode()


def _visitor(number: int) -> Visitor:
    at = START + number % 30 * DAY + number
    arm = "test" if number % 2 else "control"
    places = {
        "headline": Enrollment(arm, 1, at, "abcdefghijk"),
        "price": Enrollment(arm, 1, at, "abcdefghijl"),
    }
    facts = (
        Fact(f"signup{number:05d}", at + 1, "signup"),
        Fact(f"buying{number:05d}", at + DAY, "buy", 99_900),
    )
    return Visitor(f"visitor-{number:014d}", at, Confirmation(at, "abcdefghijk"), None, places, facts)


def _rules() -> dict[str, Rules]:
    experiments = {
        name: enable(experiment_from({"name": name}, START), START) for name in ("headline", "price")
    }
    goals = {"signup": Goal("signup", START), "buy": Goal("buy", START, GoalType.ENGAGEMENT)}
    return rules_of(Definitions(experiments, goals))


if __name__ == "__main__":
    main()
