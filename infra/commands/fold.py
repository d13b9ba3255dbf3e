"""`python -m infra fold`: count now what trackers were sent, in place of waiting for the job."""

import argparse
import os
import secrets
import sys
import time
from typing import Any

from chalicelib.domain.instant import Instant
from chalicelib.services.tracking.fold import Folder, fold
from chalicelib.services.tracking_store import TrackingStore
from chalicelib.storage.dynamo.store import DynamoStore
from infra.errors import InfraError
from infra.local.target_store import open_store


def register(subparsers: Any) -> None:
    """Add the command."""
    parser = subparsers.add_parser("fold", help="count now what trackers were sent")
    parser.add_argument("tracker", nargs="?", help="this one alone; all without it, the built-in ones too")
    parser.add_argument("--max", type=int, metavar="N", help="stop after N messages")
    parser.add_argument(
        "--table",
        default=os.environ.get("LEANSPLIT_TABLE"),
        help="a stage's leansplit table, LEANSPLIT_TABLE by default; without it what `serve` runs",
    )
    parser.set_defaults(func=run)


def run(args: argparse.Namespace) -> int:
    """Fold, and say how many were applied; 1 when a lane failed, after all the others are done."""
    store = open_tracking(args.table)
    trackers = {each.name: each for each in store.definitions().trackers_to_fold(_now())}
    if args.tracker is not None and args.tracker not in trackers:
        raise InfraError(f"no tracker {args.tracker!r}; there are {', '.join(sorted(trackers))}")
    chosen = trackers.values() if args.tracker is None else [trackers[args.tracker]]
    folder = Folder(store, _now, f"fold-{secrets.token_hex(8)}")
    folded = fold(folder, chosen, _now() + 1, args.max)
    print(f"applied {folded.events} events from {folded.messages} messages, set {folded.set_aside} aside")
    for each in folded.failed:
        print(each, file=sys.stderr)
    return 1 if folded.failed else 0


def open_tracking(table: str | None) -> TrackingStore:
    """The trackers of a table, or of the local stack; no other table is touched."""
    return open_store("local", None)[0] if table is None else DynamoStore(table, table)


def _now() -> Instant:
    return time.time_ns() // 1_000_000
