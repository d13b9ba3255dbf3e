"""What a visit costs in units, measured: `python -m bench.cost_inputs` writes infra/aws/cost_inputs.json.

The application runs in this process on the emulator's tables; every call to DynamoDB is asked for
its ConsumedCapacity. One visitor sends what the snippet sends: the first page's batch (a confirmation
and an enrolment for each experiment), then goals, one request each.
"""

import argparse
import io
import json
import logging
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from chalice.test import Client

from bench.meter import Meter
from infra.aws import stack
from infra.aws.cloud import Cloud, emulated
from infra.local.emulator import Emulator
from infra.paths import ROOT

TARGET = ROOT / "infra" / "aws" / "cost_inputs.json"
HUMAN = "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0"
ADMIN = "admin-key-of-the-bench"
KEYS = {"ADMIN_KEYS": ADMIN, "SERVER_KEYS": "server-key-of-the-bench", "TOKEN_KEYS": "t" * 32}
EXPERIMENTS = (1, 3, 10)
LAMBDA_LINES = 330
"""Bytes of the START, END and REPORT lines that Lambda adds to the log of each request."""


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--visitors", type=int, default=100)
    parser.add_argument("--out", type=Path, default=TARGET)
    args = parser.parse_args()
    with Emulator() as emulator:
        cloud = emulated(emulator.url)
        rows = {str(number): measured(cloud, number, args.visitors) for number in EXPERIMENTS}
    text = json.dumps({"measured_at": time.strftime("%Y-%m-%d"), "by_experiments": rows}, indent=1)
    args.out.write_text(text + "\n")
    print(text)


def measured(cloud: Cloud, experiments: int, visitors: int) -> dict[str, Any]:
    data = stack.deploy_data(cloud, f"cost{experiments}", {}, lambda _: None)
    os.environ.update(environment(cloud, data))
    from app import app
    from chalicelib import config, wiring

    for cached in (config.settings, wiring.store, wiring.report_files, wiring.site_files):
        cached.cache_clear()
    names = [f"experiment-{number}" for number in range(experiments)]
    with Client(app) as client:
        declare(client, names)
        wiring.definitions(fresh=True)
        rows = {"first": Meter(), "goal": Meter()}
        cpu, logged = {}, {}
        tokens: list[str] = []
        for step in ("first", "goal"):
            begun, out = time.process_time(), io.StringIO()
            log_to(out)
            with rows[step].watching():
                tokens = [request(client, step, names, at, tokens) for at in range(visitors)]
            cpu[step], logged[step] = time.process_time() - begun, len(out.getvalue())
        fold = fold_once(wiring)
    held = [size_of(item) for item in bodies(cloud, data["VisitorsTable"])]
    assert len(held) == visitors
    size = sum(held) / visitors
    steps = {
        step: {
            "read_units": rows[step].units["read"] / visitors,
            "write_units": rows[step].units["write"] / visitors,
            "calls": rows[step].calls / visitors,
            "cpu_ms": round(1000 * cpu[step] / visitors, 2),
            "log_bytes": round(logged[step] / visitors) + LAMBDA_LINES,
        }
        for step in ("first", "goal")
    }
    return {**steps, "document": {"document_bytes": round(size)}, "fold": fold}


def log_to(out: io.StringIO) -> None:
    """The lines that the functions would write, metrics too."""
    for handler in logging.getLogger("leansplit").handlers:
        if isinstance(handler, logging.StreamHandler):
            handler.setStream(out)


def environment(cloud: Cloud, data: dict[str, str]) -> dict[str, str]:
    address = {"AWS_ENDPOINT_URL": str(cloud.url), "AWS_DEFAULT_REGION": cloud.region}
    account = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    tables = {"VISITORS_TABLE": data["VisitorsTable"], "LEANSPLIT_TABLE": data["LeansplitTable"]}
    return {**address, **account, **KEYS, **tables, "REPORTS_BUCKET": data["ReportsBucket"]}


def declare(client: Client, names: list[str]) -> None:
    headers = {"Authorization": f"Bearer {ADMIN}", "Content-Type": "application/json"}
    entries = [{"name": name, "state": "enabled", "goals": ["buy"]} for name in names]
    for entry in entries:
        answer = client.http.request("POST", "/admin/experiments", headers, json.dumps(entry).encode())
        assert answer.status_code == 201, answer.body


def request(client: Client, step: str, names: list[str], at: int, tokens: list[str]) -> str:
    """One batch as the snippet sends it; the visitor's token."""
    first = [{"type": "confirm", "id": f"{at}-c"}] + [
        {"type": "enroll", "id": f"{at}-{name}", "experiment": name, "phase": 1} for name in names
    ]
    events = first if step == "first" else [{"type": "goal", "id": f"{at}-g", "goal": "buy"}]
    body = {"visitor": tokens[at] if tokens else f"visitor-{at:08d}-of-bench", "events": events}
    headers = {"Content-Type": "text/plain", "User-Agent": HUMAN}
    answer = client.http.request("POST", "/e/collect", headers, json.dumps(body).encode())
    assert answer.status_code == 204, answer.body
    return str(answer.headers.get("X-Leansplit-Visitor") or body["visitor"])


def fold_once(wiring: Any) -> dict[str, float]:
    """A minute without events: what the fold job reads to find its lanes empty."""
    from chalicelib.services.tracking.fold import Folder, fold

    meter = Meter()
    with meter.watching():
        trackers = wiring.definitions(fresh=True).trackers.values()
        fold(Folder(wiring.store(), wiring.now, "bench"), trackers, 0)
    return {"read_units": meter.units["read"], "calls": float(meter.calls)}


def bodies(cloud: Cloud, table: str) -> Iterator[dict[str, Any]]:
    for page in cloud.client("dynamodb").get_paginator("scan").paginate(TableName=table):
        for item in page["Items"]:
            yield {name: next(iter(value.values())) for name, value in item.items()}


def size_of(item: dict[str, Any]) -> int:
    """As DynamoDB counts: names and texts in bytes; a number about half its digits, and one."""
    numbers = ("version", "expires_at", "format")
    return sum(len(k) + (len(v) // 2 + 1 if k in numbers else len(v.encode())) for k, v in item.items())


if __name__ == "__main__":
    main()
