"""Reports and recounts for operators: list, read, recount now, ask how far a job is."""

from chalice.app import Blueprint, Response

from chalicelib import wiring
from chalicelib.config import settings
from chalicelib.domain.errors import NotFound
from chalicelib.domain.experiments.experiment import Experiment
from chalicelib.domain.instant import parse_day
from chalicelib.services.experiments import lifecycle
from chalicelib.services.reports import recount
from chalicelib.web.http.auth import require_key
from chalicelib.web.http.responses import answer, answered
from chalicelib.web.http.token import new_visitor_id

reports = Blueprint(__name__)


@reports.route("/admin/reports/{experiment}", methods=["GET"])
@answered
def list_reports(experiment: str) -> Response:
    """The days of an experiment that have a report."""
    _authorize()
    known = lifecycle.get(wiring.store(), experiment)
    days = list(wiring.store().written_reports(experiment))
    return answer({"experiment": experiment, "days": days, "message": _message(known, days)})


@reports.route("/admin/reports/{experiment}/{day}", methods=["GET"])
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


@reports.route("/admin/reports", methods=["POST"])
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


@reports.route("/admin/jobs/{job_id}", methods=["GET"])
@answered
def read_job(job_id: str) -> Response:
    """A job as it stands."""
    _authorize()
    found = wiring.store().load_job(job_id)
    if found is None:
        raise NotFound("job", job_id)
    return answer(found[0])


def _authorize() -> None:
    require_key(reports.current_request.headers, settings().admin_keys)


def _message(experiment: Experiment, days: list[str]) -> str:
    if experiment.started_at is None:
        return "not started"
    return "" if days else "started, no report yet: wait until tomorrow"
