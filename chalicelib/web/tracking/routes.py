"""Emitting to trackers: a batch, a picture, and a redirect that counts."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote

from chalice.app import Blueprint, Response

from chalicelib import wiring
from chalicelib.config import settings
from chalicelib.domain.errors import InvalidInput, NotFound
from chalicelib.domain.fields.names import checked_key
from chalicelib.domain.tracking.tracker import Tracker, checked_object
from chalicelib.services.tracking.track import Result, Sender, track
from chalicelib.web.http.auth import has_key
from chalicelib.web.http.bots import agent_reason, bot_reason
from chalicelib.web.http.cors import is_stranger, key_of
from chalicelib.web.http.responses import (
    answer,
    answered,
    as_object,
    batch_body,
    error,
    no_content,
    pixel,
)
from chalicelib.web.http.telemetry import count, failed
from chalicelib.web.http.token import new_visitor_id

tracking = Blueprint(__name__)
_TYPES = ["application/json", "text/plain", "application/x-www-form-urlencoded"]
_MAX_BYTES = 16 * 1024
_MAX_EVENTS = 50
_MAX_SERVER_BYTES = 256 * 1024
_MAX_SERVER_EVENTS = 500


@tracking.route("/e/track", methods=["POST"], content_types=_TYPES)
@answered
def track_batch() -> Response:
    """`{"id"?, "key"?, "events": [{"tracker", "object", "field", "op", "by", "age"}]}`.

    A server gets a result for each event. A browser gets 204, but 400 for a malformed
    event of a strict tracker, and in development for every problem.
    """
    request = tracking.current_request
    if has_key(request.headers, settings().server_keys):
        return _from_server(request.raw_body)
    try:
        return _from_browser(request.raw_body)
    except InvalidInput:
        raise
    except Exception:  # noqa: BLE001 a tracker that is down must not break the page
        failed("track")
        return no_content()


@tracking.route("/e/track/{tracker}/{object}/{field}", methods=["GET"])
def track_pixel(tracker: str, object: str, field: str) -> Response:
    """`?op=incr&by=1&key=`: always 200 and the picture, whatever happened."""
    try:
        query = _query()
        given = {"op": query.get("op"), "by": query.get("by")}
        event = {"tracker": tracker, "object": _unquoted(object), "field": field}
        _emit([event | {key: value for key, value in given.items() if value is not None}], query.get("key"))
    except Exception:  # noqa: BLE001 the visitor's page must not break
        failed("track pixel", tracker=tracker)
    return pixel()


@tracking.route("/e/go/{tracker}/{object}", methods=["GET"])
@answered
def go(tracker: str, object: str) -> Response:
    """Count a click and lead to the object's declared target, and nowhere else; `?script=1` only says it."""
    known = _tracker(tracker)
    name = checked_object(_unquoted(object), "object", known.kind)
    found = wiring.store().tracked(tracker, [name]).get(name)
    if found is None or found.target is None:
        raise NotFound("target of", name)
    query = _query()
    try:
        _emit([{"tracker": tracker, "object": name, "field": known.clicked}], query.get("key"))
    except Exception:  # noqa: BLE001 the click must lead on even when it cannot be counted
        failed("go", tracker=tracker)
    if query.get("script") == "1":
        return answer({"target": found.target})
    headers: dict[str, str | list[str]] = {
        "Location": found.target,
        "Cache-Control": "no-store",
        "Referrer-Policy": "origin",
    }
    return Response(body="", status_code=302, headers=headers)


def _tracker(name: str) -> Tracker:
    """A tracker in use; an unknown one is looked for again, but not for each request of a flood."""
    found = wiring.definitions().trackers.get(name) or wiring.renewed_definitions().trackers.get(name)
    if found is None:
        raise NotFound("tracker", name)
    return found


def _from_server(raw: str | bytes) -> Response:
    body = _batch(raw, _MAX_SERVER_BYTES, _MAX_SERVER_EVENTS)
    results = _append(body, Sender(server=True), _server_spider, "server")
    accepted = sum(result.status == "accepted" for result in results)
    return answer({"accepted": accepted, "results": [result.shown() for result in results]})


def _from_browser(raw: str | bytes) -> Response:
    try:
        body = _batch(raw, _MAX_BYTES, _MAX_EVENTS)
    except InvalidInput:
        count("refused_events", {"bad_batch": 1})
        if settings().development:
            raise
        return no_content()
    key = body.get("key", _query().get("key"))
    sender = Sender(key=key if isinstance(key, str) else None, origin=_origin())
    if is_stranger(tracking.current_request.headers, key_of(_query()), settings()):
        count("refused_emits", {"origin": len(body["events"])})
        return no_content()
    results = _append(body, sender, _browser_spider(body.get("webdriver") is True), "browser")
    problems = [each for each in results if each.status in ("set_aside", "refused")]
    if problems and settings().development:
        first = problems[0]
        return error(
            400, f"{first.field}: {first.problem}" if first.field else str(first.reason), first.field
        )
    return no_content()


def _emit(events: list[dict[str, Any]], key: str | None) -> None:
    _append({"events": events}, Sender(key=key, origin=_origin()), _browser_spider(), "browser")


def _append(
    body: Mapping[str, Any], sender: Sender, is_spider: Callable[[object], bool], namespace: str
) -> list[Result]:
    once = body.get("id")
    if once is not None:
        checked_key(once, "id")
    events = body["events"]
    definitions = wiring.definitions()
    if any(_names(event) not in definitions.trackers for event in events):
        definitions = wiring.renewed_definitions()
    results = track(
        wiring.store(),
        definitions,
        events,
        wiring.now(),
        sender,
        new_visitor_id(),
        is_spider,
        None if once is None else f"{namespace}#{once}",
    )
    reasons: dict[str, int] = {}
    for result in results:
        if result.status != "accepted":
            word = result.reason or result.status
            reasons[word] = reasons.get(word, 0) + 1
    count("refused_emits", reasons)
    return results


def _batch(raw: str | bytes, most_bytes: int, most_events: int) -> dict[str, Any]:
    if len(raw) > most_bytes:
        raise InvalidInput("body", f"must not be longer than {most_bytes} bytes")
    body = as_object(batch_body(raw))
    events = body.get("events")
    if not isinstance(events, list) or len(events) > most_events:
        raise InvalidInput("events", f"must be a list of {most_events} at the most")
    return body


def _browser_spider(webdriver: bool = False) -> Callable[[object], bool]:
    is_spider = webdriver or bot_reason(tracking.current_request.headers) is not None
    return lambda event: is_spider


def _server_spider(event: object) -> bool:
    """A server may pass on its visitor's user agent; without one nobody is taken for a spider."""
    agent = event.get("user_agent") if isinstance(event, Mapping) else None
    return isinstance(agent, str) and agent_reason(agent) is not None


def _query() -> Mapping[str, str]:
    return tracking.current_request.query_params or {}


def _origin() -> str | None:
    """Where the page is: browsers leave the Origin out of a GET, and give the Referer instead."""
    headers = tracking.current_request.headers
    origin: str | None = headers.get("origin")
    if origin is not None:
        return origin
    parts = headers.get("referer", "").split("/", 3)
    return "/".join(parts[:3]) if len(parts) >= 3 else None


def _names(event: object) -> object:
    name = event.get("tracker") if isinstance(event, Mapping) else None
    return name if isinstance(name, str) else ""


def _unquoted(part: str) -> str:
    """API Gateway hands path parameters over as they were sent, and some stand-ins decode them.

    An object has no percent sign, so that decoding what is decoded changes nothing.
    """
    return unquote(part)
