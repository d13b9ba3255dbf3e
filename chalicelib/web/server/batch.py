"""What a server posts: one item or up to 500, each with a result of its own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from chalice.app import Response

from chalicelib.domain.errors import (
    Conflict,
    InvalidInput,
    LeansplitError,
    NotFound,
    Refused,
    Unavailable,
    UnreadableDocument,
)
from chalicelib.domain.nesting import is_deep
from chalicelib.web.http.responses import SOON, answer, batch_body, error
from chalicelib.web.http.telemetry import failed, measure

MAX_BYTES = 1024 * 1024
MAX_ITEMS = 500

Fields = dict[str, Any]
Result = dict[str, Any]
"""`status` and what else there is to say of an item."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """What was asked, by its place; a result for each item that is none."""

    items: dict[int, Any]
    results: dict[int, Result]


def respond(
    raw: str | bytes, parse: Callable[[Fields, str], Any], answer_all: Callable[[Parsed], None]
) -> Response:
    """The results of all items: as one object for one, as `{"results": […]}` for a list.

    Too long or too many is 413 for all; an item that is wrong is a result of 400 and leaves the
    others alone. `answer_all` adds the results of the others.
    """
    if len(raw) > MAX_BYTES:
        return error(413, f"body: must not be longer than {MAX_BYTES} bytes")
    body = batch_body(raw)
    written = body if isinstance(body, list) else [body]
    if len(written) > MAX_ITEMS:
        return error(413, f"body: must be a list of {MAX_ITEMS} at the most")
    parsed = _parsed(written, parse, single=written is not body)
    answer_all(parsed)
    results = [parsed.results[index] for index in range(len(written))]
    if written is body:
        return answer({"results": results})
    status = results[0].pop("status")
    return answer(results[0], status, SOON if status == 503 else None)


def _parsed(written: Sequence[Any], parse: Callable[[Fields, str], Any], single: bool) -> Parsed:
    parsed = Parsed({}, {})
    for index, fields in enumerate(written):
        path = "" if single else f"[{index}]"
        try:
            if not isinstance(fields, dict):
                raise InvalidInput(path or "body", "must be an object")
            if is_deep(fields):
                raise InvalidInput(path or "body", "is nested too deeply")
            parsed.items[index] = parse(fields, path)
        except InvalidInput as problem:
            parsed.results[index] = {"status": 400, "error": str(problem), "field": problem.field}
    return parsed


def done(**fields: Any) -> Result:
    """It was done."""
    return {"status": 200, **fields}


def refused(reason: str) -> Result:
    """It was understood, and must not count."""
    return {"status": 422, "error": f"refused: {reason}", "reason": reason}


def failure(problem: LeansplitError) -> Result:
    """The result of one item that failed; the others have results of their own."""
    if isinstance(problem, Refused):
        return refused(problem.reason)
    if isinstance(problem, NotFound):
        return {"status": 404, "error": str(problem)}
    if isinstance(problem, Conflict):
        return {"status": 409, "error": "written by too many at once; try again"}
    if isinstance(problem, Unavailable):
        return {"status": 503, "error": f"{problem}; try again"}
    failed("item")
    if isinstance(problem, UnreadableDocument):
        measure("unreadable_documents", 1)
        return {"status": 503, "error": "the visitor's document cannot be read; try again"}
    return {"status": 500, "error": "an internal error, which is in the log"}
