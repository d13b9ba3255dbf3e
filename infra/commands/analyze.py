"""`python -m infra analyze FILE`: every statistic of a saved report, or of counts that people have."""

import argparse
import json
import sys
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from chalicelib.stats.errors import RequestError

_EXAMPLE = """\
FILE is a report that leansplit wrote (it is computed again from its tallies), a request, or an array of
requests; "-" reads standard input. A request, the control first in each goal:

  {"goals": [{"key": "buy", "type": "conversion",
              "arms": [{"key": "control", "n": 1000, "conversions": 100},
                       {"key": "test", "n": 1000, "conversions": 120}]}]}

Every field is explained in docs/statistics.md.
"""


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `analyze FILE`."""
    parser = subparsers.add_parser(
        "analyze",
        help="analyse a saved report, or counts of your own",
        description="Analyses a report or counts and prints the analysis as JSON.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("file", metavar="FILE", help='a JSON file, or "-" for standard input')
    parser.set_defaults(func=run)


def run(args: argparse.Namespace) -> int:
    """0, or 2 with one line on standard error that names the field at fault."""
    try:
        found = analysis_of(_read(args.file))
    except RequestError as error:
        print(error, file=sys.stderr)
        return 2
    json.dump(found, sys.stdout, indent=2, ensure_ascii=False)
    print()
    return 0


def analysis_of(body: Any) -> Any:
    """One analysis, or an array of them for an array of requests."""
    # numpy takes its time to load: not before it is needed.
    from chalicelib.stats.analysis import analyse

    if isinstance(body, list):
        return analyse([_request(item) for item in body])
    return analyse([_request(body)])[0]


def _request(body: Any) -> Any:
    if not (isinstance(body, Mapping) and "tallies" in body and "schema_version" in body):
        return body
    from chalicelib.services.reports.analysis_request import request_of_report

    return request_of_report(dict(body))


def _read(file: str) -> Any:
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
        return json.loads(text, parse_float=Decimal)
    except json.JSONDecodeError as error:
        raise RequestError(_name(file), f"is not JSON: {error}") from error
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "is not UTF-8 text"
        raise RequestError(_name(file), reason) from error


def _name(file: str) -> str:
    return "standard input" if file == "-" else file
