"""`cost`: the bill of a month, line by line, from measured units and list prices."""

import argparse
import json
from dataclasses import dataclass
from typing import Any

from infra.aws import prices
from infra.paths import ROOT

INPUTS = ROOT / "infra" / "aws" / "cost_inputs.json"
MONTHS_KEPT = 13.2
"""Documents of confirmed visitors stay for 400 days."""

NIGHTS, MINUTES = 30, 43_200
MEMORY_GB = {"api": 0.5, "report": 2.0, "fold": 0.5}
FULL_CPU_MB = 1_769
"""Memory at which Lambda gives a whole core; less memory has a part of it."""

CALL_MS = 4.0
"""A call to DynamoDB from Lambda; the emulator says nothing of it."""

DOCUMENTS_A_SECOND = 50_000
SNIPPET_KB = 2.3
EDGES = 12
"""Places whose cache asks S3 for the snippet anew each minute."""


@dataclass(frozen=True)
class Month:
    """What comes in a month; `goals` are the requests of a visitor after the first."""

    visitors: float
    pages: float
    experiments: int
    goals: float
    architecture: str = "arm64"

    @property
    def requests(self) -> float:
        return self.visitors * (1 + self.goals)

    @property
    def documents(self) -> float:
        return self.visitors * MONTHS_KEPT


@dataclass(frozen=True)
class Line:
    name: str
    amount: str
    dollars: float


def register(commands: Any) -> None:
    parser = commands.add_parser("cost", help="what a month costs on AWS, line by line")
    parser.add_argument("--visitors", type=float, required=True, help="new visitors a month, such as 1e6")
    parser.add_argument("--pages", type=float, default=5, help="page views of a visitor (5)")
    parser.add_argument("--experiments", type=int, default=3, help="that a visitor enters (3)")
    parser.add_argument("--goals", type=float, default=1, help="goal requests of a visitor (1)")
    parser.add_argument("--architecture", default="arm64", choices=sorted(prices.LAMBDA_GB_SECOND))
    parser.set_defaults(func=cost)


def cost(args: argparse.Namespace) -> int:
    month = Month(args.visitors, args.pages, args.experiments, args.goals, args.architecture)
    inputs = json.loads(INPUTS.read_text())
    lines = bill(month, measured(inputs, month.experiments))
    print(f"{month.visitors:,.0f} visitors a month, {month.pages:g} pages, {month.experiments} experiments,")
    print(f"{month.documents:,.0f} documents kept; units measured {inputs['measured_at']},")
    print(f"list prices of us-east-1 of {prices.AS_OF}\n")
    for line in lines:
        print(f"{line.name:28} {line.amount:>34} {line.dollars:10.2f} $")
    total = sum(line.dollars for line in lines)
    print(f"{'a month':28} {'':34} {total:10.2f} $\n")
    for name, low, high, billed in peers(month):
        print(f"{name:28} {billed:>34} {span(low, high):>10} $")
    return 0


def measured(inputs: dict[str, Any], experiments: int) -> dict[str, Any]:
    """The measured row of that many experiments, or of the next more that were measured."""
    rows = inputs["by_experiments"]
    known = sorted(int(number) for number in rows)
    return dict(rows[str(next((each for each in known if each >= experiments), known[-1]))])


def bill(month: Month, units: dict[str, Any]) -> list[Line]:
    first, goal = units["first"], units["goal"]
    visits = [(month.visitors, first), (month.visitors * month.goals, goal)]
    reads = sum(count * each["read_units"] for count, each in visits)
    writes = sum(count * each["write_units"] for count, each in visits)
    size = units["document"]["document_bytes"]
    scanned = NIGHTS * month.documents * read_units(size)
    folding = MINUTES * units["fold"]["read_units"]
    logged = sum(count * each["log_bytes"] for count, each in visits) / 1e9
    stored = month.documents * (size + 100) / 1e9
    return [
        Line("API Gateway", f"{month.requests:,.0f} requests", month.requests * prices.API_REQUEST),
        *lambda_lines(month, visits, units["fold"]["calls"]),
        Line("DynamoDB writes", f"{writes:,.0f} units", writes * prices.DYNAMODB_WRITE_UNIT),
        Line("DynamoDB reads", f"{reads:,.0f} units", reads * prices.DYNAMODB_READ_UNIT),
        Line("DynamoDB nightly scans", f"{scanned:,.0f} units", scanned * prices.DYNAMODB_READ_UNIT),
        Line("DynamoDB lanes", f"{folding:,.0f} units", folding * prices.DYNAMODB_READ_UNIT),
        Line("DynamoDB storage, recovery", f"{stored:,.2f} GB", stored * storage_price()),
        *front_lines(month),
        Line("Logs", f"{logged:,.2f} GB", logged * prices.LOG_GB),
        *fixed_lines(),
    ]


def read_units(size: float) -> float:
    """Of a document of so many bytes in an eventually consistent scan: half a unit for 4 KB of a page."""
    return 0.5 * size / 4096


def storage_price() -> float:
    return prices.DYNAMODB_GB_MONTH + prices.RECOVERY_GB_MONTH


def lambda_lines(month: Month, visits: list[tuple[float, dict[str, Any]]], fold_calls: float) -> list[Line]:
    rate = prices.LAMBDA_GB_SECOND[month.architecture]
    api = sum(count * billed_ms(each) for count, each in visits) / 1000 * MEMORY_GB["api"]
    nightly = NIGHTS * month.documents / DOCUMENTS_A_SECOND * MEMORY_GB["report"]
    folding = MINUTES * fold_calls * CALL_MS / 1000 * MEMORY_GB["fold"]
    count = month.requests + MINUTES + NIGHTS
    return [
        Line("Lambda requests", f"{count:,.0f}", count * prices.LAMBDA_REQUEST),
        Line("Lambda API", f"{api:,.0f} GB-s", api * rate),
        Line("Lambda report and lanes", f"{nightly + folding:,.0f} GB-s", (nightly + folding) * rate),
    ]


def billed_ms(step: dict[str, Any]) -> float:
    """Measured time of a core, stretched to the share that the memory buys, and waiting for DynamoDB."""
    share = MEMORY_GB["api"] * 1024 / FULL_CPU_MB
    return float(step["cpu_ms"] / share + step["calls"] * CALL_MS)


def front_lines(month: Month) -> list[Line]:
    views = month.visitors * month.pages
    requests = views + month.requests
    sent = (views * SNIPPET_KB + month.requests * 0.5) / 1e6
    paid = max(0.0, requests - prices.CLOUDFRONT_FREE_REQUESTS) * prices.CLOUDFRONT_REQUEST
    paid += max(0.0, sent - prices.CLOUDFRONT_FREE_GB) * prices.CLOUDFRONT_GB
    fetched = min(views, MINUTES * EDGES)
    return [
        Line("CloudFront", f"{requests:,.0f} requests, {sent:,.1f} GB", paid),
        Line("S3", f"{fetched:,.0f} requests", fetched * prices.S3_GET + NIGHTS * 10 * prices.S3_PUT),
    ]


def fixed_lines() -> list[Line]:
    """Nine alarms and some ten metrics, within what is free."""
    alarms, metrics = 9, 10
    paid = max(0, alarms - prices.FREE_ALARMS) * prices.ALARM
    paid += max(0, metrics - prices.FREE_METRICS) * prices.METRIC
    return [Line("Alarms and metrics", f"{alarms} and {metrics}", paid)]


def peers(month: Month) -> list[tuple[str, float, float, str]]:
    """(name, lowest, highest, what is billed) by list price."""
    events = month.visitors * (month.experiments + month.goals)
    counts = {"event": events, "page view": month.visitors * month.pages}
    return [
        (name, low * counts[kind] / 1e6, high * counts[kind] / 1e6, f"{counts[kind]:,.0f} {kind}s")
        for name, (kind, low, high) in prices.PEERS.items()
    ]


def span(low: float, high: float) -> str:
    return f"{low:,.2f}" if low == high else f"{low:,.0f}-{high:,.0f}"
