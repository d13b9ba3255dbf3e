"""What is wrong with an answer."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from bench.hostile.request import Request
from bench.hostile.tables import COUNTED, COUNTED_WITHOUT_VALUE, KEPT_IN_DEVELOPMENT, changed, digest
from bench.hostile.target import Answer
from infra.local.gateway import UNKNOWN_ROUTE

SLOWEST = 20
"""Seconds of CPU; API Gateway waits 29 seconds for an answer."""

LARGEST = 6 * 1024 * 1024
"""Bytes that a Lambda may answer."""


def faults_of(
    request: Request, answer: Answer, before: Mapping[str, str], after: Mapping[str, str], development: bool
) -> list[str]:
    """In words, so that the same fault of many requests has the same."""
    if answer.body == UNKNOWN_ROUTE or request.method == "HEAD":
        return []
    found = [*_of_status(request, answer), *_of_json(request, answer)]
    if 400 <= answer.status < 500:
        found += _of_tables(request, answer, before, after, development)
    return found


def _of_status(request: Request, answer: Answer) -> Iterator[str]:
    cause = ", ".join(answer.logged)
    if answer.status >= 500 and answer.status != 503:
        yield f"status {answer.status}: {cause or request.route}"
    elif cause:
        yield f"exception behind {answer.status}: {cause}"
    if not 200 <= answer.status < 600:
        yield f"status {answer.status} is none: {request.route}"
    if answer.seconds > SLOWEST:
        yield f"slow: {request.route}"
    if len(answer.body) > LARGEST:
        yield f"answer too large: {request.route}"


def _of_json(request: Request, answer: Answer) -> Iterator[str]:
    if "json" not in answer.headers.get("content-type", ""):
        if 400 <= answer.status < 500:
            yield f"{answer.status} that is no JSON: {request.route}"
        return
    try:
        body = json.loads(answer.body, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        yield f"no JSON: {error} {request.route}"
        return
    if (400 <= answer.status < 500 or answer.status == 503) and not (
        isinstance(body, dict) and isinstance(body.get("error"), str)
    ):
        yield f"{answer.status} without an error: {_code(body)}"
    yield from _of_items(request, body)


def _of_items(request: Request, body: Any) -> Iterator[str]:
    items = body.get("results") if isinstance(body, dict) else None
    for item in items if isinstance(items, list) else ():
        status = item.get("status")
        if isinstance(status, int) and (status < 200 or status >= 500) and status != 503:
            yield f"an item's status {status}: {request.route}"
        if isinstance(status, int) and status >= 400 and not isinstance(item.get("error"), str):
            yield f"an item's {status} without an error: {request.route}"


def _of_tables(
    request: Request, answer: Answer, before: Mapping[str, str], after: Mapping[str, str], development: bool
) -> Iterator[str]:
    but = COUNTED
    if answer.status == 422 and b'"reason": "over_max_value"' in answer.body:
        but += COUNTED_WITHOUT_VALUE
    if development and request.route in ("POST /e/collect", "POST /e/track"):
        but += KEPT_IN_DEVELOPMENT
    if digest(before, but) != digest(after, but):
        places = sorted({place.partition(" ")[0] for place in changed(before, after, but)})
        yield f"tables changed after a 4xx: {request.route}: {', '.join(places)}"


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


def _code(body: Any) -> str:
    return str(body.get("Code", "")) if isinstance(body, dict) else type(body).__name__
