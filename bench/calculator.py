"""What an engagement calculator costs a night: `python -m bench.calculator --users 10000`.

Deploys the real template to the emulator with a calculator of one's own, writes registered users
straight into the table, and invokes the report function by its schedule's event: first without the
calculator, then with it, over the same days. Beside both: the same calls in a plain loop. A Lambda
of the emulator is a process of this machine and reports its own peak memory. `--ms 1` lets a call
wait as one that asks a database; `--limit 90` gives the functions less time, so that the job is
taken up again by further invocations.
"""

import argparse
import os
import secrets
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from chalicelib.domain.experiments.experiment_input import experiment_from
from chalicelib.domain.instant import DAY, Instant, day_of, iso_at, start_of
from chalicelib.domain.visitors.event import SERVER, Enrolled
from chalicelib.domain.visitors.identity import own_id
from chalicelib.services.visitors.collect import collect
from chalicelib.storage.dynamo.store import DynamoStore
from infra.aws import stack
from infra.aws.cloud import emulated
from infra.commands import demo
from infra.local.emulator import Emulator
from infra.packaging.target import LOCAL

SOURCE = """import time


class Calculator:
    def calculate_user_engagement_score(self, user, start_date, end_date):
        if WAIT:
            time.sleep(WAIT)
        return int(user) * 7 % 1000 / ((end_date - start_date).days + 1)


WAIT = {seconds}
"""
WRITERS = 4


def main() -> None:
    """Print a line for each night, and what the calls cost."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--users", type=int, default=10_000)
    parser.add_argument("--days", type=int, default=5, help="that the experiment has run for (5)")
    parser.add_argument("--ms", type=float, default=0, help="milliseconds that a call waits (0)")
    parser.add_argument("--limit", type=int, default=900, help="the functions' time limit in seconds (900)")
    args = parser.parse_args()
    with Emulator() as emulator, tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "benched.py").write_text(SOURCE.format(seconds=args.ms / 1000))
        deployed = _deploy(emulator.url, Path(folder), "")
        os.environ.update(_environment(emulator.url))
        now = time.time_ns() // 1_000_000
        _fill(deployed, args, now)
        without = _night(deployed, "without a calculator")
        deployed = _deploy(emulator.url, Path(folder), "benched.Calculator")
        _limit(deployed, args.limit)
        _compare(without, _night(deployed, "with it"), _plain(Path(folder), args))


def _deploy(url: str, folder: Path, path: str) -> stack.Deployment:
    keys = stack.Keys(*(secrets.token_urlsafe(32) for _ in range(3)))
    settings = {"EngagementCalculator": path}
    return stack.deploy(emulated(url), "bench", LOCAL, keys, lambda line: None, False, settings, folder)


def _environment(url: str) -> dict[str, str]:
    keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    return {"AWS_ENDPOINT_URL": url, "AWS_DEFAULT_REGION": "us-east-1", **keys}


def _limit(deployed: stack.Deployment, seconds: int) -> None:
    client = deployed.cloud.client("lambda")
    for name in ("ReportFunction", "RecountFunction"):
        client.update_function_configuration(FunctionName=deployed.app[name], Timeout=seconds)
        # The emulator does not take this over from the template.
        client.put_function_recursion_config(FunctionName=deployed.app[name], RecursiveLoop="Allow")


def _fill(deployed: stack.Deployment, args: argparse.Namespace, now: Instant) -> None:
    begun, tables = time.monotonic(), (deployed.data["VisitorsTable"], deployed.data["LeansplitTable"])
    start = start_of(day_of(now) - args.days)
    entry = {"name": "price", "state": "enabled", "started_at": iso_at(start)}
    DynamoStore(*tables).save_experiment(experiment_from(entry, start))
    with ProcessPoolExecutor(WRITERS) as pool:
        list(pool.map(_write, [(tables, start, range(n, args.users, WRITERS)) for n in range(WRITERS)]))
    print(f"{args.users} registered users written in {time.monotonic() - begun:.0f} s")


def _write(part: tuple[tuple[str, str], Instant, range]) -> None:
    tables, start, numbers = part
    store = DynamoStore(*tables)
    definitions = store.definitions()
    for number in numbers:
        at = start + number % DAY
        events = [Enrolled("e", at, "price")]
        collect(store, definitions, own_id(str(number)), events, at, SERVER, True, registered=True)


def _night(deployed: stack.Deployment, name: str) -> dict[str, Any]:
    begun = time.monotonic()
    job = demo.invoke_report(deployed)
    peak, store = job["peak_mb"], DynamoStore(deployed.data["VisitorsTable"], deployed.data["LeansplitTable"])
    while job["state"] == "running":
        time.sleep(0.1)
        found = store.load_job(job["id"])
        job = found[0] if found else job
    seconds, told = time.monotonic() - begun, job["calculation"] or {"calls": 0, "slices": 0, "failed": 0}
    print(
        f"{name}: {job['state']}, {job['written']} reports from {job['documents']} documents "
        f"in {seconds:.1f} s, {told['calls']} calls, {told['failed']} failed, slices: {told['slices']}, "
        f"peak memory {peak} MB"
    )
    return {**told, "seconds": seconds}


def _plain(folder: Path, args: argparse.Namespace) -> float:
    """Seconds for the same calls without anything around them."""
    scope: dict[str, Any] = {}
    exec((folder / "benched.py").read_text(), scope)
    calculator, first = scope["Calculator"](), date(2026, 1, 1)
    begun = time.monotonic()
    for number in range(args.users):
        for day in range(args.days):
            calculator.calculate_user_engagement_score(str(number), first, first + timedelta(day))
    return time.monotonic() - begun


def _compare(without: dict[str, Any], with_it: dict[str, Any], plain: float) -> None:
    added = with_it["seconds"] - without["seconds"]
    calls = with_it["calls"]
    print(
        f"the calculator adds {added:.1f} s: {with_it['seconds'] / without['seconds']:.2f} × the night "
        f"without, {calls / added:,.0f} calls a second, {1e6 * added / calls:.0f} µs each; "
        f"the plain calls alone take {plain:.2f} s, {1e6 * plain / calls:.1f} µs each"
    )


if __name__ == "__main__":
    main()
