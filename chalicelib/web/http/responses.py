"""Answers, and the one place where errors become status codes."""

import base64
import functools
import json
from collections.abc import Callable, Mapping
from typing import Any

from chalice.app import CaseInsensitiveMapping, Request, Response

from chalicelib.domain.errors import (
    Conflict,
    InvalidInput,
    NotFound,
    NotStorable,
    Refusal,
    Refused,
    Unavailable,
)
from chalicelib.domain.nesting import is_deep, pruned
from chalicelib.web.http.auth import Unauthorized
from chalicelib.web.http.telemetry import failed, log, warn

JSON = {"Content-Type": "application/json", "Cache-Control": "no-store"}
SOON = {"Retry-After": "2"}
"""For whoever asked at a bad moment, in seconds."""

_PIXEL = base64.b64decode("R0lGODlhAQABAIAAAAAAAAAAACH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==")
PIXEL_TYPE = "image/gif"
_PIXEL_HEADERS = {"Content-Type": PIXEL_TYPE, "Cache-Control": "no-store"}


def answer(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """JSON that nobody may cache."""
    # In ASCII, since text may hold halves of characters, which no UTF-8 has.
    return Response(body=json.dumps(body), status_code=status, headers={**JSON, **(headers or {})})


def no_content(headers: Mapping[str, str] | None = None) -> Response:
    """204, with nothing to read."""
    return Response(body="", status_code=204, headers={"Cache-Control": "no-store", **(headers or {})})


def pixel(headers: Mapping[str, str] | None = None) -> Response:
    """The transparent picture of 43 bytes."""
    return Response(body=_PIXEL, status_code=200, headers={**_PIXEL_HEADERS, **(headers or {})})


def error(status: int, problem: str, field: str | None = None) -> Response:
    """`{"error": …, "field": …}`, the field only where one is to blame."""
    return answer({"error": problem} | ({} if field is None else {"field": field}), status)


def answered(view: Callable[..., Response]) -> Callable[..., Response]:
    """A view whose errors become answers, and that leaves one line in the log."""

    @functools.wraps(view)
    def wrapped(*args: Any, **kwargs: Any) -> Response:
        response = _answer_of(view, *args, **kwargs)
        log(view.__name__, status=response.status_code)
        return response

    return wrapped


def _answer_of(view: Callable[..., Response], *args: Any, **kwargs: Any) -> Response:
    try:
        return view(*args, **kwargs)
    except InvalidInput as problem:
        return error(400, str(problem), problem.field)
    except Unauthorized as problem:
        return error(401, str(problem))
    except NotFound as problem:
        return error(404, str(problem))
    except NotStorable:
        return error(409, "the table cannot hold this: a name is too long, or the definition too large")
    except (Conflict, Refusal, Refused) as problem:
        return error(409, str(problem))
    except Unavailable as problem:
        # Without the traceback, which may name a visitor.
        warn("unavailable", view=view.__name__, cause=type(problem.__cause__).__name__)
        return answer({"error": f"{problem}; try again"}, 503, SOON)
    except Exception:  # noqa: BLE001 the last place before Lambda: say 500, and log it
        failed(view.__name__)
        return error(500, "an internal error, which is in the log")


def accept_pixel(event: Request, get_response: Callable[[Request], Response]) -> Response:
    """Middleware: Chalice refuses a binary answer to a request whose first Accept type is another.

    Only the pixel is binary. JSON must not be: API Gateway hands it to a caller without an Accept
    header as it left here, in base64.
    """
    event.headers = CaseInsensitiveMapping({**event.headers, "accept": PIXEL_TYPE})
    return get_response(event)


def json_body(raw: str | bytes) -> Any:
    """The JSON of a body; InvalidInput when there is none, and for what is nested too deeply."""
    body = batch_body(raw)
    if is_deep(body):
        raise InvalidInput("body", "is nested too deeply")
    return body


def object_body(raw: str | bytes) -> dict[str, Any]:
    """The same, where it must be an object."""
    return as_object(json_body(raw))


def batch_body(raw: str | bytes) -> Any:
    """JSON of several events or items, each of which is to be judged by itself, for its depth too."""
    try:
        text = raw if isinstance(raw, str) else raw.decode(json.detect_encoding(raw), "surrogatepass")
        return _parsed(text)
    except ValueError as problem:
        raise InvalidInput("body", "must be JSON") from problem


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except RecursionError:
        return json.loads(pruned(text))


def as_object(body: Any) -> dict[str, Any]:
    """A body that must be an object."""
    if not isinstance(body, dict):
        raise InvalidInput("body", "must be an object")
    return body
