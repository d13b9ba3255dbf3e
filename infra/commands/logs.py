"""`logs`: what the functions of a stage wrote lately."""

import argparse
import re
import time
from datetime import UTC, datetime
from typing import Any

from infra.aws import stage
from infra.aws.cloud import Cloud
from infra.errors import InfraError

FUNCTIONS = {"api": "", "report": "-report", "recount": "-recount", "fold": "-fold"}
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
Line = tuple[str, int, str]


def register(commands: Any) -> None:
    parser = stage.arguments(commands.add_parser("logs", help="what a stage's functions wrote lately"))
    parser.add_argument("function", nargs="?", default="api", choices=FUNCTIONS)
    parser.add_argument("--since", type=seconds, default="15m", help="15m by default; 30s, 2h, 1d")
    parser.add_argument("--filter", default="", help="a CloudWatch filter pattern, such as '\"ERROR\"'")
    parser.add_argument("--follow", action="store_true", help="go on until Ctrl-C")
    parser.set_defaults(func=logs)


@stage.reached
def logs(args: argparse.Namespace, cloud: Cloud) -> int:
    group = f"/aws/lambda/leansplit-{args.stage}{FUNCTIONS[args.function]}"
    start, seen = int((time.time() - args.since) * 1000), set[Line]()
    while True:
        for event in events(cloud, group, start, args.filter):
            line = (event["logStreamName"], event["timestamp"], event["message"])
            if line not in seen:
                seen.add(line)
                start = max(start, event["timestamp"])
                at = datetime.fromtimestamp(event["timestamp"] / 1000, UTC)
                print(f"{at:%H:%M:%S} {event['message'].rstrip()}", flush=True)
        if not args.follow:
            return 0
        time.sleep(2)


def events(cloud: Cloud, group: str, start: int, pattern: str) -> list[dict[str, Any]]:
    client = cloud.client("logs")
    request = {"logGroupName": group, "startTime": start, **({"filterPattern": pattern} if pattern else {})}
    try:
        pages = client.get_paginator("filter_log_events").paginate(**request)
        return [event for page in pages for event in page["events"]]
    except client.exceptions.ResourceNotFoundException as error:
        raise InfraError(f"there is no log {group} in {cloud.region}: is the stage deployed?") from error


def seconds(text: str) -> int:
    found = re.fullmatch(r"(\d+)([smhd])", text)
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r} is not like 15m, 2h or 1d")
    return int(found[1]) * UNITS[found[2]]
