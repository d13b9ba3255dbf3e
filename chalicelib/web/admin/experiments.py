"""Experiments for operators: create, change, set their state, archive, publish."""

from typing import Any

from chalice.app import Blueprint, Response

from chalicelib import wiring
from chalicelib.config import settings
from chalicelib.domain.experiments.experiment import Experiment
from chalicelib.domain.experiments.shown import shown_experiment
from chalicelib.domain.fields.reading import read
from chalicelib.services.experiments import archive, lifecycle
from chalicelib.services.experiments.load_definitions import load as load_file
from chalicelib.services.experiments.publish import publish_newest
from chalicelib.web.admin.listing import is_set, listed
from chalicelib.web.admin.requests import PromoteInput
from chalicelib.web.http.auth import require_admin
from chalicelib.web.http.responses import answer, answered, json_body, no_content, object_body
from chalicelib.web.http.telemetry import failed

experiments = Blueprint(__name__)


@experiments.route("/admin/experiments", methods=["GET"])
@answered
def list_experiments() -> Response:
    """All experiments, newest first; `?archived=true`: the archived ones."""
    _authorize()
    found = listed(wiring.definitions(fresh=True), "experiment", experiments.current_request.query_params)
    newest = sorted(found.definitions, key=lambda each: (-each.created_at, each.name))
    return answer({"experiments": [shown_experiment(each) for each in newest], **found.rest})


@experiments.route("/admin/experiments", methods=["POST"])
@answered
def create_experiment() -> Response:
    """A new experiment, disabled unless it says otherwise."""
    _authorize()
    return _published(lifecycle.create(wiring.store(), _object(), wiring.now()), 201)


@experiments.route("/admin/definitions", methods=["POST"])
@answered
def load_definitions() -> Response:
    """A file of definitions: adds those that are missing and says what it did.

    With `?strict=true` a bad entry is 400 and nothing is added; otherwise it is a warning.
    """
    _authorize()
    body = json_body(experiments.current_request.raw_body)
    strict = is_set(experiments.current_request.query_params, "strict")
    loaded = load_file(wiring.store(), body, wiring.now(), strict)
    return answer({**vars(loaded), "published": _is_published()})


@experiments.route("/admin/experiments/{name}", methods=["GET"])
@answered
def read_experiment(name: str) -> Response:
    """One experiment."""
    _authorize()
    return answer(shown_experiment(lifecycle.get(wiring.store(), name)))


@experiments.route("/admin/experiments/{name}", methods=["PATCH"])
@answered
def change_experiment(name: str) -> Response:
    """Other weights, more coverage, another description."""
    _authorize()
    return _published(lifecycle.change(wiring.store(), name, _object(), wiring.now()))


@experiments.route("/admin/experiments/{name}", methods=["DELETE"])
@answered
def delete_experiment(name: str) -> Response:
    """Remove an experiment that nobody took part in."""
    _authorize()
    archive.delete_experiment(wiring.store(), name, wiring.now())
    _is_published()
    return no_content()


@experiments.route("/admin/experiments/{name}/archive", methods=["POST"])
@answered
def archive_experiment(name: str) -> Response:
    """Out of lists, script and reports; the reports that it has stay."""
    _authorize()
    if archive.archive_unreadable(wiring.store(), "experiment", name, wiring.now()):
        wiring.definitions(fresh=True)
        return no_content()
    return _published(archive.archive_experiment(wiring.store(), name, wiring.now()))


@experiments.route("/admin/experiments/{name}/restore", methods=["POST"])
@answered
def restore_experiment(name: str) -> Response:
    """Back as it was before."""
    _authorize()
    return _published(archive.restore_experiment(wiring.store(), name))


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
    variation = read(PromoteInput, _object()).variation
    return _published(lifecycle.promote(wiring.store(), name, variation, wiring.now()))


@experiments.route("/admin/publish", methods=["POST"])
@answered
def publish_again() -> Response:
    """Write what browsers load once more: after a deploy, or when the last change could not."""
    _authorize()
    _publish()
    return answer({"site": settings().site_bucket})


def _authorize() -> None:
    require_admin(experiments.current_request.headers)


def _object() -> dict[str, Any]:
    return object_body(experiments.current_request.raw_body)


def _published(experiment: Experiment, status: int = 200) -> Response:
    return answer({**shown_experiment(experiment), "published": _is_published()}, status)


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
