"""`demo`: deploys to the emulator, sends visitors through HTTP, runs the report, checks its numbers."""

import argparse
import json
import secrets
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress

from infra.aws import stack, stage
from infra.aws.cloud import emulated
from infra.demo import calculator_story, people_story, scoreboard, traffic, visits
from infra.errors import InfraError
from infra.local.emulator import Emulator
from infra.packaging.target import LOCAL
from infra.paths import ROOT

EXPERIMENTS = ROOT / "infra" / "demo" / "experiments.json"
REPORT_SECONDS = 60


def register(commands: Any) -> None:
    parser = commands.add_parser("demo", help="the whole of it on this machine: deploy, visit, report, check")
    parser.add_argument("--visitors", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=2026, help="draws the same visitors again")
    parser.add_argument(
        "--story",
        choices=["people", "calculator"],
        help="instead: one person on two devices; your engagement calculator on users of yours",
    )
    parser.add_argument(
        "--user", action="append", metavar="ID", help="for --story calculator, repeatable (customer-1 … 40)"
    )
    stage.own_code(stage.settings(parser, "app.yaml")).set_defaults(func=demo)


def demo(args: argparse.Namespace) -> int:
    console, settings = Console(), dict(args.set)
    if args.story == "calculator":
        calculator_story.needs_setting(settings)
    begun = time.monotonic()
    with Emulator() as emulator:
        keys = stack.Keys(*(secrets.token_urlsafe(32) for _ in range(3)))
        step(console, "1", "deploy the template to the AWS emulator", begun)
        deployed = stack.deploy(
            emulated(emulator.url),
            "local",
            LOCAL,
            keys,
            lambda line: console.print(f"    {line}"),
            True,
            settings,
            args.vendor,
        )
        admin = Admin(deployed.api_url, keys.admin)
        step(console, "2", f"load {EXPERIMENTS.name}, enable {traffic.EXPERIMENT}", begun)
        admin.post("/admin/definitions", EXPERIMENTS)
        admin.post(f"/admin/experiments/{traffic.EXPERIMENT}/enable")
        if args.story == "people":
            return people(console, deployed, keys.server, begun)
        if args.story == "calculator":
            return tried(console, deployed, keys.server, args.user or calculator_story.USERS, begun)
        return shop(console, deployed, admin, args, begun)


def shop(
    console: Console, deployed: stack.Deployment, admin: "Admin", args: argparse.Namespace, begun: float
) -> int:
    """Many visitors of a shop, and whether both copies of the report count what they sent."""
    enabled_at = time.monotonic()
    step(console, "3", f"send {args.visitors} visitors through API Gateway and Lambda", begun)
    sent = send(console, deployed.api_url, enabled_at, visits.plan(args.visitors, args.seed))
    step(console, "4", "run the nightly report function by its schedule's event", begun)
    reports = {
        "S3": run_report(deployed),
        "DynamoDB": json.loads(admin.get(f"/admin/reports/{traffic.EXPERIMENT}/latest")),
    }
    step(console, "5", "read the report back from S3 and from DynamoDB, compare with what was sent", begun)
    scoreboard.show(console, reports["S3"], sent)
    differences = [line for name, held in reports.items() for line in scoreboard.compare(name, held, sent)]
    addresses(console, deployed, reports["S3"])
    return verdict(console, differences, time.monotonic() - begun)


def people(console: Console, deployed: stack.Deployment, server_key: str, begun: float) -> int:
    """The story of one person, and whether the report names one participant."""
    step(console, "3", "one person, two devices", begun)
    told = people_story.tell(console, deployed.api_url, server_key, traffic.EXPERIMENT)
    step(console, "4", "run the nightly report function by its schedule's event", begun)
    report = run_report(deployed)
    for goal in report["goals"]:
        arms = [f"{arm['key']} {arm['conversions']} of {arm['n']}" for arm in goal["arms"]]
        console.print(f"    {goal['key']}: {', '.join(arms)}", highlight=False)
    addresses(console, deployed, report)
    return verdict(console, people_story.check(report, told), time.monotonic() - begun)


def tried(
    console: Console, deployed: stack.Deployment, server_key: str, users: list[str], begun: float
) -> int:
    """Your function on these users, and whether the report counts each of them."""
    step(console, "3", f"enrol {len(users)} users by /v1/assign", begun)
    seen = calculator_story.enrol(deployed.api_url, server_key, traffic.EXPERIMENT, users)
    step(console, "4", "run the nightly report function, which calls your function", begun)
    job = invoke_report(deployed)
    report = written(deployed, f"reports/{traffic.EXPERIMENT}/latest.json")
    calculator_story.show(console, job, report)
    addresses(console, deployed, report)
    return verdict(console, calculator_story.check(job, report, seen), time.monotonic() - begun)


def step(console: Console, number: str, words: str, begun: float) -> None:
    text = f"[bold]{number}[/] {words}  [dim]{time.monotonic() - begun:.1f} s[/]"
    console.print(text, highlight=False, soft_wrap=True)


class Admin:
    """The operator's calls, through HTTP like everybody's."""

    def __init__(self, url: str, key: str) -> None:
        self._line = traffic.Line(url)
        self._headers = {"Authorization": f"Bearer {key}", "Accept": "application/json"}

    def post(self, path: str, file: Path | None = None) -> bytes:
        body = file.read_bytes() if file else b"{}"
        headers = {**self._headers, "Content-Type": "application/json"}
        return bytes(self._line.send("POST", path, headers, body))

    def get(self, path: str) -> bytes:
        return bytes(self._line.send("GET", path, self._headers))


def send(console: Console, url: str, enabled_at: float, planned: list[visits.Visit]) -> traffic.Sent:
    begun = time.monotonic()
    traffic.warm_up(url)
    console.print(f"    warmed up {traffic.THREADS} Lambda workers in {time.monotonic() - begun:.1f} s")
    begun = time.monotonic()
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("    visitors", total=len(planned))
        sent = traffic.run(url, planned, enabled_at, lambda: progress.advance(task))
    seconds = time.monotonic() - begun
    console.print(f"    {sent.requests} requests in {seconds:.1f} s, {sent.requests / seconds:.0f} a second")
    return sent


def schedule_event(deployed: stack.Deployment) -> dict[str, Any]:
    """What EventBridge sends to the report function every night."""
    return {
        "version": "0",
        "id": secrets.token_hex(16),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "000000000000",
        "time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": deployed.cloud.region,
        "resources": [f"arn:aws:events:{deployed.cloud.region}:000000000000:rule/report"],
        "detail": {},
    }


def invoke_report(deployed: stack.Deployment) -> dict[str, Any]:
    """Run the report function by its schedule's event; its job."""
    function = deployed.app["ReportFunction"]
    client = deployed.cloud.client("lambda", read_timeout=900, retries={"max_attempts": 0})
    answer = client.invoke(FunctionName=function, Payload=json.dumps(schedule_event(deployed)))
    said = answer["Payload"].read().decode()
    if answer.get("FunctionError"):
        raise InfraError(f"{function} failed: {said}")
    job: dict[str, Any] = json.loads(said)
    return job


def run_report(deployed: stack.Deployment) -> dict[str, Any]:
    """Run the report function, and wait for the file that it writes."""
    invoke_report(deployed)
    return written(deployed, f"reports/{traffic.EXPERIMENT}/latest.json")


def written(deployed: stack.Deployment, key: str) -> dict[str, Any]:
    s3 = deployed.cloud.client("s3")
    deadline = time.monotonic() + REPORT_SECONDS
    while time.monotonic() < deadline:
        try:
            held = s3.get_object(Bucket=deployed.data["ReportsBucket"], Key=key)
        except s3.exceptions.NoSuchKey:
            time.sleep(0.1)
            continue
        return dict(json.loads(held["Body"].read()))
    raise InfraError(f"no {key} in the reports bucket after {REPORT_SECONDS} s")


def addresses(console: Console, deployed: stack.Deployment, report: dict[str, Any]) -> None:
    day, name = report["as_of_day"], traffic.EXPERIMENT
    for line in (
        f"s3://{deployed.data['ReportsBucket']}/reports/{name}/{day}.json",
        f"dynamodb://{deployed.data['LeansplitTable']}/reports#{name}/{day}",
        f"{deployed.api_url}/admin/reports/{name}/{day}",
    ):
        console.print(f"    {line}", highlight=False, soft_wrap=True)


def verdict(console: Console, differences: list[str], seconds: float) -> int:
    for line in differences:
        console.print(f"[bold red]differs[/] {line}")
    if not differences:
        console.print(f"[bold green]every count is what was sent[/]; {seconds:.1f} s, all stopped")
    return 1 if differences else 0
