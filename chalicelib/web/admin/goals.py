"""Changing a goal, with the admin key."""

from chalice.app import Blueprint, Response

from chalicelib import wiring
from chalicelib.config import settings
from chalicelib.domain.experiments.records import goal_record
from chalicelib.services.experiments.change_goal import change_goal
from chalicelib.web.http.auth import require_key
from chalicelib.web.http.responses import answer, answered, object_body

goals = Blueprint(__name__)


@goals.route("/admin/goals/{name}", methods=["PATCH"])
@answered
def change(name: str) -> Response:
    """What is said of it at any time; what it counts only before an experiment counts it."""
    require_key(goals.current_request.headers, settings().admin_keys)
    fields = object_body(goals.current_request.raw_body)
    changed = change_goal(wiring.store(), name, fields, wiring.now())
    wiring.definitions(fresh=True)
    return answer(goal_record(changed))
