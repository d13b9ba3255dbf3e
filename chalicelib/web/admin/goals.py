"""Goals for operators: list, declare, change."""

from chalice.app import Blueprint, Response

from chalicelib import wiring
from chalicelib.config import settings
from chalicelib.domain.experiments.records import goal_record
from chalicelib.services.experiments import lifecycle
from chalicelib.services.experiments.change_goal import change_goal
from chalicelib.web.http.auth import require_key
from chalicelib.web.http.responses import answer, answered, object_body

goals = Blueprint(__name__)


@goals.route("/admin/goals", methods=["GET"])
@answered
def list_goals() -> Response:
    """All goals by name."""
    _authorize()
    known = wiring.definitions(fresh=True).goals
    return answer({"goals": [goal_record(known[name]) for name in sorted(known)]})


@goals.route("/admin/goals", methods=["POST"])
@answered
def declare_goal() -> Response:
    """A new goal; what came before it is not counted."""
    _authorize()
    goal = lifecycle.declare_goal(wiring.store(), object_body(goals.current_request.raw_body), wiring.now())
    wiring.definitions(fresh=True)
    return answer(goal_record(goal), 201)


@goals.route("/admin/goals/{name}", methods=["PATCH"])
@answered
def change(name: str) -> Response:
    """What is said of it at any time; what it counts only before an experiment counts it."""
    _authorize()
    fields = object_body(goals.current_request.raw_body)
    changed = change_goal(wiring.store(), name, fields, wiring.now())
    wiring.definitions(fresh=True)
    return answer(goal_record(changed))


def _authorize() -> None:
    require_key(goals.current_request.headers, settings().admin_keys)
