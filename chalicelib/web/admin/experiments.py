"""What operators call, with the admin key."""

from typing import Any

from chalice.app import Blueprint, Response

from chalicelib import wiring
from chalicelib.config import settings
from chalicelib.domain.errors import InvalidInput, NotFound
from chalicelib.domain.experiments.experiment import Experiment
from chalicelib.domain.experiments.records import experiment_record, goal_record
from chalicelib.domain.instant import parse_day
from chalicelib.services.experiments import lifecycle
from chalicelib.services.experiments.load_definitions import load as load_file
from chalicelib.services.experiments.publish import config_of, publish
from chalicelib.services.reports import recount
from chalicelib.web.http.auth import require_key
from chalicelib.web.http.responses import answer, answered, json_body, object_body
from chalicelib.web.http.token import new_visitor_id

admin = Blueprint(__name__)


@admin.route("/admin/experiments", methods=["GET"])
@answered
def list_experiments() -> Response:
    """All experiments, newest first."""
    _authorize()
    known = wiring.definitions(fresh=True).experiments.values()
    newest = sorted(known, key=lambda each: (-each.created_at, each.name))
    return answer({"experiments": [experiment_record(each) for each in newest]})


@admin.route("/admin/experiments", methods=["POST"])
@answered
def create_experiment() -> Response:
    """A new experiment, disabled unless it says otherwise."""
    _authorize()
    return _published(lifecycle.create(wiring.store(), _object(), wiring.now()), 201)


@admin.route("/admin/definitions", methods=["POST"])
@answered
def load_definitions() -> Response:
    """A file of experiments: adds those that are missing and says what it did."""
    _authorize()
    body = json_body(admin.current_request.raw_body)
    loaded = load_file(wiring.store(), body, wiring.now())
    _publish()
    return answer(loaded)


@admin.route("/admin/experiments/{name}", methods=["GET"])
@answered
def read_experiment(name: str) -> Response:
    """One experiment."""
    _authorize()
    return _shown(lifecycle.get(wiring.store(), name))


@admin.route("/admin/experiments/{name}", methods=["PATCH"])
@answered
def change_experiment(name: str) -> Response:
    """Other weights, more coverage, another description."""
    _authorize()
    return _published(lifecycle.change(wiring.store(), name, _object(), wiring.now()))


@admin.route("/admin/experiments/{name}/enable", methods=["POST"])
@answered
def enable_experiment(name: str) -> Response:
    """Let visitors enrol."""
    _authorize()
    return _published(lifecycle.enable(wiring.store(), name, wiring.now()))


@admin.route("/admin/experiments/{name}/disable", methods=["POST"])
@answered
def disable_experiment(name: str) -> Response:
    """Show control to everybody."""
    _authorize()
    return _published(lifecycle.disable(wiring.store(), name, wiring.now()))


@admin.route("/admin/experiments/{name}/promote", methods=["POST"])
@answered
def promote_experiment(name: str) -> Response:
    """Show one variation to everybody."""
    _authorize()
    variation = _object().get("variation")
    if not isinstance(variation, str):
        raise InvalidInput("variation", "must name the variation that all shall see")
    return _published(lifecycle.promote(wiring.store(), name, variation, wiring.now()))


@admin.route("/admin/publish", methods=["POST"])
@answered
def publish_again() -> Response:
    """Write what browsers load once more: after a deploy, or when the last change could not."""
    _authorize()
    _publish()
    return answer({"site": settings().site_bucket})


@admin.route("/admin/goals", methods=["GET"])
@answered
def list_goals() -> Response:
    """All goals by name."""
    _authorize()
    goals = wiring.definitions(fresh=True).goals
    return answer({"goals": [goal_record(goals[name]) for name in sorted(goals)]})


@admin.route("/admin/goals", methods=["POST"])
@answered
def declare_goal() -> Response:
    """A new goal; what came before it is not counted."""
    _authorize()
    goal = lifecycle.declare_goal(wiring.store(), _object(), wiring.now())
    wiring.definitions(fresh=True)
    return answer(goal_record(goal), 201)


@admin.route("/admin/reports/{experiment}", methods=["GET"])
@answered
def list_reports(experiment: str) -> Response:
    """The days of an experiment that have a report."""
    _authorize()
    known = lifecycle.get(wiring.store(), experiment)
    days = list(wiring.store().written_reports(experiment))
    return answer({"experiment": experiment, "days": days, "message": _message(known, days)})


@admin.route("/admin/reports/{experiment}/{day}", methods=["GET"])
@answered
def read_report(experiment: str, day: str) -> Response:
    """The report of a day, or the `latest`."""
    _authorize()
    if day == "latest":
        day = max(wiring.store().written_reports(experiment), default=day)
    else:
        parse_day(day)
    report = wiring.store().load_report(experiment, day)
    if report is None:
        raise NotFound("report", f"{experiment}/{day}")
    return answer(report)


@admin.route("/admin/reports", methods=["POST"])
@answered
def run_reports() -> Response:
    """Recount now: a job to poll."""
    _authorize()
    job_id = f"manual-{new_visitor_id()}"
    segments = recount.segments_for(wiring.store().visitor_bytes())
    job = recount.start(wiring.store(), job_id, segments, wiring.now())
    for segment in recount.unfinished(job):
        wiring.invoke_recount(job_id, segment)
    return answer(job, 202)


@admin.route("/admin/jobs/{job_id}", methods=["GET"])
@answered
def read_job(job_id: str) -> Response:
    """A job as it stands."""
    _authorize()
    found = wiring.store().load_job(job_id)
    if found is None:
        raise NotFound("job", job_id)
    return answer(found[0])


def _authorize() -> None:
    require_key(admin.current_request.headers, settings().admin_keys)


def _object() -> dict[str, Any]:
    return object_body(admin.current_request.raw_body)


def _shown(experiment: Experiment, status: int = 200) -> Response:
    return answer(experiment_record(experiment), status)


def _published(experiment: Experiment, status: int = 200) -> Response:
    _publish()
    return _shown(experiment, status)


def _publish() -> None:
    """Once more if a change came meanwhile: of two at once, the later one must not be overwritten."""
    definitions = wiring.definitions(fresh=True)
    if not settings().site_bucket:
        return
    publish(wiring.site_files(), wiring.built_snippet(), definitions)
    latest = wiring.definitions(fresh=True)
    if config_of(latest) != config_of(definitions):
        publish(wiring.site_files(), wiring.built_snippet(), latest)


def _message(experiment: Experiment, days: list[str]) -> str:
    if experiment.started_at is None:
        return "not started"
    return "" if days else "started, no report yet: wait until tomorrow"
