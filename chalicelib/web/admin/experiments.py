"""Experiments for operators: create, change, set their state, publish."""

from typing import Any

from chalice.app import Blueprint, Response

from chalicelib import wiring
from chalicelib.config import settings
from chalicelib.domain.errors import InvalidInput
from chalicelib.domain.experiments.experiment import Experiment
from chalicelib.domain.experiments.records import experiment_record
from chalicelib.services.experiments import lifecycle
from chalicelib.services.experiments.load_definitions import load as load_file
from chalicelib.services.experiments.publish import publish_newest
from chalicelib.web.http.auth import require_key
from chalicelib.web.http.responses import answer, answered, json_body, object_body
from chalicelib.web.http.telemetry import failed

experiments = Blueprint(__name__)


@experiments.route("/admin/experiments", methods=["GET"])
@answered
def list_experiments() -> Response:
    """All experiments, newest first."""
    _authorize()
    known = wiring.definitions(fresh=True).experiments.values()
    newest = sorted(known, key=lambda each: (-each.created_at, each.name))
    return answer({"experiments": [experiment_record(each) for each in newest]})


@experiments.route("/admin/experiments", methods=["POST"])
@answered
def create_experiment() -> Response:
    """A new experiment, disabled unless it says otherwise."""
    _authorize()
    return _published(lifecycle.create(wiring.store(), _object(), wiring.now()), 201)


@experiments.route("/admin/definitions", methods=["POST"])
@answered
def load_definitions() -> Response:
    """A file of experiments: adds those that are missing and says what it did."""
    _authorize()
    body = json_body(experiments.current_request.raw_body)
    loaded = load_file(wiring.store(), body, wiring.now())
    return answer({**loaded, "published": _is_published()})


@experiments.route("/admin/experiments/{name}", methods=["GET"])
@answered
def read_experiment(name: str) -> Response:
    """One experiment."""
    _authorize()
    return answer(experiment_record(lifecycle.get(wiring.store(), name)))


@experiments.route("/admin/experiments/{name}", methods=["PATCH"])
@answered
def change_experiment(name: str) -> Response:
    """Other weights, more coverage, another description."""
    _authorize()
    return _published(lifecycle.change(wiring.store(), name, _object(), wiring.now()))


@experiments.route("/admin/experiments/{name}/enable", methods=["POST"])
@answered
def enable_experiment(name: str) -> Response:
    """Let visitors enrol."""
    _authorize()
    return _published(lifecycle.enable(wiring.store(), name, wiring.now()))


@experiments.route("/admin/experiments/{name}/disable", methods=["POST"])
@answered
def disable_experiment(name: str) -> Response:
    """Show control to everybody."""
    _authorize()
    return _published(lifecycle.disable(wiring.store(), name, wiring.now()))


@experiments.route("/admin/experiments/{name}/promote", methods=["POST"])
@answered
def promote_experiment(name: str) -> Response:
    """Show one variation to everybody."""
    _authorize()
    variation = _object().get("variation")
    if not isinstance(variation, str):
        raise InvalidInput("variation", "must name the variation that all shall see")
    return _published(lifecycle.promote(wiring.store(), name, variation, wiring.now()))


@experiments.route("/admin/publish", methods=["POST"])
@answered
def publish_again() -> Response:
    """Write what browsers load once more: after a deploy, or when the last change could not."""
    _authorize()
    _publish()
    return answer({"site": settings().site_bucket})


def _authorize() -> None:
    require_key(experiments.current_request.headers, settings().admin_keys)


def _object() -> dict[str, Any]:
    return object_body(experiments.current_request.raw_body)


def _published(experiment: Experiment, status: int = 200) -> Response:
    return answer({**experiment_record(experiment), "published": _is_published()}, status)


def _is_published() -> bool:
    """Publish a change that was saved; whether it could be. If not, the job of every minute does it."""
    try:
        _publish()
    except Exception:  # noqa: BLE001 the change was made, whatever keeps it from being published
        failed("publish")
        return False
    return True


def _publish() -> None:
    wiring.definitions(fresh=True)
    if settings().site_bucket:
        publish_newest(wiring.store(), wiring.site_files(), wiring.built_snippet(), wiring.now())
