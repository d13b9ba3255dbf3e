"""`run-report`: recounts all visitors now and writes the reports that are due, a provisional one of today."""

import argparse
import time
from typing import Any

from infra.aws import keyring, stack, stage
from infra.aws.cloud import Cloud
from infra.aws.stage import say
from infra.commands.publish import call
from infra.demo.report_table import calculated, failures
from infra.errors import InfraError


def register(commands: Any) -> None:
    parser = commands.add_parser("run-report", help="recount now and write the reports that are due")
    stage.changes(stage.arguments(parser))
    parser.add_argument("--timeout", type=int, default=3600, help="seconds to wait for the job (3600)")
    parser.add_argument("--limit", type=int, metavar="SECONDS", help="end the job by then (12 hours)")
    parser.add_argument("--cancel", metavar="JOB", help="stop a job of this stage; what it wrote stays")
    parser.set_defaults(func=run_report)


@stage.reached
def run_report(args: argparse.Namespace, cloud: Cloud) -> int:
    deployed, keys = stack.standing(cloud, args.stage), keyring.needed(cloud, args.stage)
    print(f"run-report: stage {args.stage}, region {cloud.region}")
    if args.cancel:
        job = call(deployed, keys, "POST", f"/admin/jobs/{args.cancel}/cancel")
        say(f"job {job['id']} is {job['state']}")
        return 0
    say(f"plan: read every document of {deployed.data['VisitorsTable']} once, write what is due or differs")
    if not stage.confirm("Go on?", args):
        return 1
    limit = {} if args.limit is None else {"limit_seconds": args.limit}
    job = call(deployed, keys, "POST", "/admin/reports", limit)
    say(f"job {job['id']}: {job['segments']} segments; it goes on when this command is interrupted,")
    say(f"until `run-report --stage {args.stage} --cancel {job['id']}`")
    job = finished(deployed, keys, job, time.monotonic() + args.timeout)
    for line in failures(job["failed"]):
        say(line)
    if job["state"] != "succeeded":
        raise InfraError(f"job {job['id']} is {job['state']}: {job['error'] or 'see `logs recount`'}")
    say(f"{job['documents']} documents, {len(job['unreadable'])} unreadable, {job['written']} reports")
    for line in calculated(job.get("calculation")):
        say(line)
    for experiment, day in job["reports"].items():
        say(f"s3://{deployed.data['ReportsBucket']}/reports/{experiment}/{day}.json")
    return 0


def finished(
    deployed: stack.Deployment, keys: stack.Keys, job: dict[str, Any], deadline: float
) -> dict[str, Any]:
    done = -1
    while job["state"] == "running" and time.monotonic() < deadline:
        if len(job["done"]) > done:
            done = len(job["done"])
            say(f"{done} of {job['segments']} segments counted")
        time.sleep(0.2 if deployed.cloud.url else 2)
        job = call(deployed, keys, "GET", f"/admin/jobs/{job['id']}")
    return job
