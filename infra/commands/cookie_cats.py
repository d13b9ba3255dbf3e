"""`python -m infra cookie-cats`: the Cookie Cats experiment as an event log to replay.

The published counts (Kaggle, "Mobile Games A/B Testing: Cookie Cats"): 44,700 players met the
first gate at level 30 and 45,489 at level 40; 20,034 and 20,119 came back after 1 day, 8,502 and
8,279 after 7 days.
"""

import argparse
import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from chalicelib.domain.instant import DAY, HOUR, Instant, iso_at, parse_at

_ARMS = {"gate_30": (44_700, 20_034, 8_502), "gate_40": (45_489, 20_119, 8_279)}
_START = parse_at("2026-01-05T00:00:00Z")
_ENROLLING_DAYS = 14
_AGENT = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1"
)

EXPERIMENTS = [
    {
        "name": "first_gate",
        "description": "Where the first gate of Cookie Cats stands: level 30 or level 40",
        "variations": ["gate_30", "gate_40"],
        "goals": ["retention_1", "retention_7"],
        "state": "enabled",
        "started_at": iso_at(_START),
    }
]


def register(subparsers: Any) -> None:
    """Add the command."""
    parser = subparsers.add_parser("cookie-cats", help="write the Cookie Cats experiment as a log to replay")
    parser.add_argument("folder", type=Path, help="where events.jsonl and experiments.json are written")
    parser.set_defaults(func=run)


def run(args: argparse.Namespace) -> int:
    """Write both files and say how to replay them."""
    folder: Path = args.folder
    folder.mkdir(parents=True, exist_ok=True)
    events, experiments = folder / "events.jsonl", folder / "experiments.json"
    experiments.write_text(json.dumps(EXPERIMENTS, indent=1) + "\n")
    with events.open("w") as file:
        for line in log():
            file.write(json.dumps(line, separators=(",", ":")) + "\n")
    sys.stdout.write(
        f"python -m infra replay {events} --experiments {experiments} --reports {folder / 'out'}\n"
    )
    return 0


def log() -> list[dict[str, Any]]:
    """All lines in the order of their times; the same ones at every call."""
    chance = random.Random(30_40)
    lines = [
        line for arm in _ARMS for player in range(_ARMS[arm][0]) for line in _player(arm, player, chance)
    ]
    return [{**line, "at": iso_at(line["at"])} for line in sorted(lines, key=lambda line: int(line["at"]))]


def _player(arm: str, number: int, chance: random.Random) -> Iterator[dict[str, Any]]:
    _, after_1_day, after_7_days = _ARMS[arm]
    who = {"visitor": f"{arm}-{number:06d}", "user_agent": _AGENT}
    at: Instant = _START + chance.randrange(_ENROLLING_DAYS * DAY)
    yield {"at": at, **who, "type": "confirm"}
    yield {"at": at, **who, "type": "enroll", "experiment": "first_gate", "variation": arm}
    if number < after_1_day:
        yield {"at": at + DAY + chance.randrange(HOUR), **who, "type": "goal", "goal": "retention_1"}
    if number >= _ARMS[arm][0] - after_7_days:
        yield {"at": at + 7 * DAY + chance.randrange(HOUR), **who, "type": "goal", "goal": "retention_7"}
