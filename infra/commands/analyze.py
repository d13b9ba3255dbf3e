"""`python -m infra analyze FILE`: every statistic of a saved report, or of counts that people have."""

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from chalicelib.domain.errors import LeansplitError
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
    """0; 3 when a request could not be analysed, whose error is in its place and on standard error; 2 for
    a file that can't be read."""
    try:
        found = analysis_of(_read(args.file))
    except RequestError as error:
        print(error, file=sys.stderr)
        return 2
    json.dump(found, sys.stdout, indent=2, ensure_ascii=True)
    print()
    errors = _errors(found)
    for line in errors:
        print(line, file=sys.stderr)
    return 3 if errors else 0


def analysis_of(body: Any) -> Any:
    """One analysis, or an array of them for an array of requests."""
    # numpy takes its time to load: not before it is needed.
    from chalicelib.stats.analysis import analyse

    if isinstance(body, list):
        return _answers(body, analyse)
    return _answers([body], analyse)[0]


def _answers(bodies: list[Any], analyse: Callable[[Sequence[Any]], list[Any]]) -> list[Any]:
    requests = [_request(body) for body in bodies]
    answers = iter(analyse([request for request, error in requests if error is None]))
    return [next(answers) if error is None else error for _, error in requests]


def _request(body: Any) -> tuple[Any, Any]:
    """The request, or for a report that can't be read an error in the place of its analysis."""
    if not (isinstance(body, Mapping) and "tallies" in body and "schema_version" in body):
        return body, None
    from chalicelib.services.reports.analysis_request import request_of_report

    try:
        return request_of_report(dict(body)), None
    except (LookupError, TypeError, ValueError, AttributeError, LeansplitError) as error:
        message = f"is no report that leansplit wrote: {type(error).__name__}: {error}"
        return None, {"error": {"code": "invalid_report", "message": message, "field": "tallies"}}


def _errors(found: Any) -> list[str]:
    """One line for each request that failed, with its place in the array."""
    answers = found if isinstance(found, list) else [found]
    lines = []
    for i, answer in enumerate(answers):
        if "error" in answer:
            error = answer["error"]
            places = [f"[{i}]" if isinstance(found, list) else "", error["field"] or ""]
            path = ".".join(place for place in places if place)
            lines.append(f"{path}: {error['message']}" if path else error["message"])
    return lines


def _read(file: str) -> Any:
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
        return json.loads(text, parse_float=Decimal)
    except RecursionError as error:
        raise RequestError(_name(file), "is nested too deeply") from error
    except ValueError as error:
        raise RequestError(_name(file), f"is not JSON: {error}") from error
    except OSError as error:
        raise RequestError(_name(file), error.strerror or "can't be read") from error


def _name(file: str) -> str:
    return "standard input" if file == "-" else file
