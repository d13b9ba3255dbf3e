"""What was set aside, for operators with the admin key."""

from collections.abc import Mapping

from chalice.app import Blueprint, Response

from chalicelib import wiring
from chalicelib.domain.fields.reading import read
from chalicelib.domain.table import page, view_from
from chalicelib.domain.tracking.tracker import Tracker
from chalicelib.services.tracking import set_aside
from chalicelib.web.admin.requests import DismissInput, ReplayInput
from chalicelib.web.http.auth import require_admin
from chalicelib.web.http.responses import answer, answered, object_body

aside_admin = Blueprint(__name__)


@aside_admin.route("/admin/set-aside", methods=["GET"])
@answered
def list_set_aside() -> Response:
    """The newest first; `?tracker=` of one, `?tracker=` empty of those that name none."""
    _authorize()
    query: Mapping[str, str] = aside_admin.current_request.query_params or {}
    definitions = wiring.definitions(fresh=True)
    known = {**definitions.trackers, **{each.name: each for each in definitions.archived_of(Tracker)}}
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
    asked = read(ReplayInput, object_body(aside_admin.current_request.raw_body))
    trackers = wiring.definitions(fresh=True).trackers
    answers = set_aside.replay(wiring.store(), trackers, asked.ids, wiring.now(), asked.event, asked.any_age)
    return _shown(answers, set_aside.REPLAYED)


@aside_admin.route("/admin/set-aside/dismiss", methods=["POST"])
@answered
def dismiss_set_aside() -> Response:
    """`{"ids": […]}`: throw them away, and say of each whether it was there."""
    _authorize()
    asked = read(DismissInput, object_body(aside_admin.current_request.raw_body))
    return _shown(set_aside.dismiss(wiring.store(), asked.ids, wiring.now()), set_aside.DISMISSED)


def _shown(answers: Mapping[str, str], done: str) -> Response:
    return answer({done: sum(each == done for each in answers.values()), "results": answers})


def _authorize() -> None:
    require_admin(aside_admin.current_request.headers)
