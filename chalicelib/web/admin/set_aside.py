"""What was set aside, for operators with the admin key."""

from collections.abc import Mapping
from typing import Any

from chalice.app import Blueprint, Response

from chalicelib import wiring
from chalicelib.config import settings
from chalicelib.domain.errors import InvalidInput
from chalicelib.domain.table import page, view_from
from chalicelib.services.tracking import set_aside
from chalicelib.web.http.auth import require_key
from chalicelib.web.http.responses import answer, answered, object_body

aside_admin = Blueprint(__name__)
_MOST = 100


@aside_admin.route("/admin/set-aside", methods=["GET"])
@answered
def list_set_aside() -> Response:
    """The newest first; `?tracker=` of one, `?tracker=` empty of those that name none."""
    _authorize()
    query: Mapping[str, str] = aside_admin.current_request.query_params or {}
    known = wiring.definitions(fresh=True).trackers
    found = set_aside.listed(wiring.store(), known, query.get("tracker"), wiring.now())
    rows = [{**each, "text": str(each["event"])} for each in (one.shown() for one in found)]
    shown = page(rows, view_from(query), ["id", "reason", "problem", "text"], ["reason", "received_at"])
    for row in shown["rows"]:
        del row["text"]
    return answer(shown)


@aside_admin.route("/admin/set-aside/replay", methods=["POST"])
@answered
def replay_set_aside() -> Response:
    """`{"ids": […], "any_age": false}`, or one with `{"ids": [id], "event": {field: value}}`."""
    _authorize()
    body = object_body(aside_admin.current_request.raw_body)
    ids, mended = _ids(body), body.get("event")
    if mended is not None and (not isinstance(mended, dict) or len(ids) != 1):
        raise InvalidInput("event", "must be an object, for one id")
    trackers = wiring.definitions(fresh=True).trackers
    any_age = body.get("any_age") is True
    answers = set_aside.replay(wiring.store(), trackers, ids, wiring.now(), mended, any_age)
    return _shown(answers, set_aside.REPLAYED)


@aside_admin.route("/admin/set-aside/dismiss", methods=["POST"])
@answered
def dismiss_set_aside() -> Response:
    """`{"ids": […]}`: throw them away, and say of each whether it was there."""
    _authorize()
    ids = _ids(object_body(aside_admin.current_request.raw_body))
    return _shown(set_aside.dismiss(wiring.store(), ids, wiring.now()), set_aside.DISMISSED)


def _shown(answers: Mapping[str, str], done: str) -> Response:
    return answer({done: sum(each == done for each in answers.values()), "results": answers})


def _ids(body: Mapping[str, Any]) -> list[str]:
    ids = body.get("ids")
    if (
        not isinstance(ids, list)
        or not 0 < len(ids) <= _MOST
        or not all(isinstance(each, str) for each in ids)
    ):
        raise InvalidInput("ids", f"must be a list of 1 to {_MOST} ids")
    return ids


def _authorize() -> None:
    require_key(aside_admin.current_request.headers, settings().admin_keys)
