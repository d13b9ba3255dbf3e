"""Goals for operators: list, declare, change, archive, delete."""

from chalice.app import Blueprint, Response

from chalicelib import wiring
from chalicelib.domain.experiments.goal import Goal
from chalicelib.domain.experiments.shown import shown_goal
from chalicelib.services.experiments import archive
from chalicelib.services.experiments.change_goal import change_goal
from chalicelib.services.experiments.declare_goals import declare_goal as declare
from chalicelib.web.admin.listing import listed
from chalicelib.web.http.auth import require_admin
from chalicelib.web.http.responses import answer, answered, no_content, object_body

goals = Blueprint(__name__)


@goals.route("/admin/goals", methods=["GET"])
@answered
def list_goals() -> Response:
    """All goals by name; `?archived=true`: the archived ones."""
    _authorize()
    found = listed(wiring.definitions(fresh=True), "goal", goals.current_request.query_params)
    return answer(
        {"goals": [shown_goal(each) for each in sorted(found.definitions, key=_name)], **found.rest}
    )


@goals.route("/admin/goals", methods=["POST"])
@answered
def declare_goal() -> Response:
    """A new goal; what came before it is not counted."""
    _authorize()
    return _changed(declare(wiring.store(), object_body(goals.current_request.raw_body), wiring.now()), 201)


@goals.route("/admin/goals/{name}", methods=["GET"])
@answered
def read_goal(name: str) -> Response:
    """One goal, archived or not."""
    _authorize()
    return answer(shown_goal(archive.goal_named(wiring.definitions(fresh=True), name)))


@goals.route("/admin/goals/{name}", methods=["PATCH"])
@answered
def change(name: str) -> Response:
    """What is said of it at any time; what it counts only before an experiment counts it."""
    _authorize()
    fields = object_body(goals.current_request.raw_body)
    return _changed(change_goal(wiring.store(), name, fields, wiring.now()))


@goals.route("/admin/goals/{name}", methods=["DELETE"])
@answered
def delete(name: str) -> Response:
    """Remove a goal that nobody reached."""
    _authorize()
    archive.delete_goal(wiring.store(), name, wiring.now())
    wiring.definitions(fresh=True)
    return no_content()


@goals.route("/admin/goals/{name}/archive", methods=["POST"])
@answered
def archive_goal(name: str) -> Response:
    """Out of lists and reports; what visitors reach from now on does not count."""
    _authorize()
    if archive.archive_unreadable(wiring.store(), "goal", name, wiring.now()):
        wiring.definitions(fresh=True)
        return no_content()
    return _changed(archive.archive_goal(wiring.store(), name, wiring.now()))


@goals.route("/admin/goals/{name}/restore", methods=["POST"])
@answered
def restore(name: str) -> Response:
    """Back in lists and reports."""
    _authorize()
    return _changed(archive.restore_goal(wiring.store(), name))


def _changed(goal: Goal, status: int = 200) -> Response:
    wiring.definitions(fresh=True)
    return answer(shown_goal(goal), status)


def _name(goal: Goal) -> str:
    return goal.name


def _authorize() -> None:
    require_admin(goals.current_request.headers)
