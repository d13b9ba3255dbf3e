"""Reports and recounts for operators: list, read, recount now, ask how far a job is, cancel it."""

from chalice.app import Blueprint, Response

from chalicelib import wiring
from chalicelib.domain.errors import NotFound, Unavailable
from chalicelib.domain.experiments.experiment import Experiment
from chalicelib.domain.fields.reading import read
from chalicelib.domain.instant import asked_day
from chalicelib.services.experiments import lifecycle
from chalicelib.services.isolation import attempt
from chalicelib.services.reports import recount_job
from chalicelib.services.reports.read_reports import latest_day, report_file, report_view
from chalicelib.web.admin.requests import RunInput
from chalicelib.web.http.auth import require_admin
from chalicelib.web.http.responses import answer, answered, object_body
from chalicelib.web.http.token import new_visitor_id

reports = Blueprint(__name__)
LONGEST_KEY = 512


@reports.route("/admin/reports/{experiment}", methods=["GET"])
@answered
def list_reports(experiment: str) -> Response:
    """The days of an experiment that have a report, and those whose report failed."""
    _authorize()
    known = lifecycle.get(wiring.store(), experiment)
    written = wiring.store().written_reports(experiment)
    days = [day for day, each in written.items() if not each.failed]
    failed = [day for day, each in written.items() if each.failed]
    message = _message(known, days, failed)
    return answer({"experiment": experiment, "days": days, "failed_days": failed, "message": message})


@reports.route("/admin/reports/{experiment}/{day}", methods=["GET"])
@answered
def read_report(experiment: str, day: str) -> Response:
    """The report of a day, or the `latest`, without the tallies that it was computed from."""
    _authorize()
    return answer(report_view(wiring.store(), _short("experiment", experiment), _day(experiment, day)))


@reports.route("/admin/reports/{experiment}/{day}/file", methods=["GET"])
@answered
def link_report(experiment: str, day: str) -> Response:
    """An address of the whole report, for five minutes and this file alone."""
    _authorize()
    iso_day = _day(_short("experiment", experiment), day)
    return answer(report_file(wiring.store(), wiring.report_files(), experiment, iso_day))


@reports.route("/admin/reports", methods=["POST"])
@answered
def run_reports() -> Response:
    """Recount now: a job to poll, which ends by `limit_seconds`."""
    _authorize()
    body = reports.current_request.raw_body
    limit = recount_job.limit_of(read(RunInput, object_body(body)).limit_seconds if body else None)
    job_id = f"manual-{new_visitor_id()}"
    segments = recount_job.segments_for(wiring.store().visitor_bytes())
    job = recount_job.start(wiring.store(), job_id, segments, wiring.now(), limit)
    _invoke(job_id, recount_job.unfinished(job))
    return answer(job, 202)


@reports.route("/admin/jobs/{job_id}", methods=["GET"])
@answered
def read_job(job_id: str) -> Response:
    """A job as it stands."""
    _authorize()
    return answer(recount_job.current(wiring.store(), _short("job", job_id)))


@reports.route("/admin/jobs/{job_id}/cancel", methods=["POST"])
@answered
def cancel_job(job_id: str) -> Response:
    """Stop a job within seconds: what it wrote stays. A job that has ended stays as it is."""
    _authorize()
    return answer(recount_job.cancel(wiring.store(), _short("job", job_id), wiring.now()))


def _invoke(job_id: str, segments: list[int]) -> None:
    """Run every segment; when one cannot be, the job fails and the caller may try again."""
    problems: list[Exception] = []
    for segment in segments:
        attempt(lambda segment=segment: wiring.invoke_recount(job_id, segment), problems.append)  # type: ignore[misc]
    if problems:
        reason = f"a segment could not be started: {problems[0]}"
        recount_job.fail(wiring.store(), job_id, reason, wiring.now())
        raise Unavailable(reason)


def _short(kind: str, name: str) -> str:
    """A name out of an address; NotFound for one that is longer than any key of the table."""
    if len(name.encode()) > LONGEST_KEY:
        raise NotFound(kind, f"{name[:64]}…")
    return name


def _day(experiment: str, day: str) -> str:
    """An ISO day, `latest` being that of the newest report; InvalidInput and NotFound."""
    if day == "latest":
        return latest_day(wiring.store(), experiment)
    asked_day(day)
    return day


def _authorize() -> None:
    require_admin(reports.current_request.headers)


def _message(experiment: Experiment, days: list[str], failed: list[str]) -> str:
    if experiment.started_at is None:
        return "not started"
    if failed:
        return f"the report of {failed[-1]} failed: read it for the reason"
    return "" if days else "started, no report yet: wait until tomorrow"
