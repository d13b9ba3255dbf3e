"""Reports and recounts for operators: what is there, a view of it, where all of it is, and jobs."""

import pytest

from chalicelib import wiring
from chalicelib.domain.instant import DAY, day_of, iso_day
from chalicelib.services.reports import write_reports
from chalicelib.web.jobs import JobFailed, recount_segment, report
from tests.web.client import ADMIN, SERVER, Site
from tests.web.test_jobs import EVENT, Context


@pytest.fixture
def invoked(site: Site, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    calls: list[tuple[str, int]] = []
    monkeypatch.setattr(wiring, "invoke_recount", lambda *call: calls.append(call))
    site.load({"name": "headline", "state": "enabled"}, {"name": "price", "state": "enabled"})
    return calls


def get(site: Site, path: str):
    return site.send("GET", f"/admin/{path}", None, ADMIN)


def today(site: Site) -> str:
    return iso_day(day_of(site.now))


def test_a_report_is_shown_without_what_only_computations_need(site, invoked):
    report(EVENT, Context())
    shown = get(site, "reports/headline/latest").body

    assert shown["as_of_day"] == today(site)
    assert "tallies" not in shown
    assert {"srm", "goals", "daily", "experiment"} <= shown.keys()
    assert "tallies" in site.store.load_report("headline", today(site))


@pytest.mark.parametrize("day", ["latest", "2026-03-10"])
def test_the_whole_report_is_a_link_to_one_file_for_five_minutes(site, invoked, day):
    report(EVENT, Context())
    answer = get(site, f"reports/headline/{day}/file")

    assert answer.status == 200
    assert answer.body == {
        "experiment": "headline",
        "day": "2026-03-10",
        "url": "memory:reports/headline/2026-03-10.json",
        "expires_in_seconds": 300,
    }


@pytest.mark.parametrize("path", ["headline/latest", "none/latest", "headline/2026-03-09", "none/2026-03-09"])
@pytest.mark.parametrize("end", ["", "/file"])
def test_what_is_not_there_is_not_found(site, invoked, path, end):
    assert get(site, f"reports/{path}{end}").status == 404


def test_only_what_the_table_knows_is_linked(site, invoked):
    site.files.write_report({"experiment": {"name": "headline"}, "as_of_day": "2026-03-01"}, 1)

    assert get(site, "reports/headline/2026-03-01/file").status == 404


@pytest.mark.parametrize("end", ["", "/file"])
def test_a_day_is_a_day(site, invoked, end):
    assert get(site, f"reports/headline/index.json{end}").status == 400


@pytest.mark.parametrize("path", ["reports/headline/latest/file", "reports/headline/latest", "jobs/x"])
def test_the_admin_key_is_needed(site, invoked, path):
    assert site.send("GET", f"/admin/{path}", None, SERVER).status == 401


def test_a_failed_report_is_listed_and_says_why(site, invoked, monkeypatch):
    report({**EVENT, "id": "the-night-before"}, Context())
    site.now += DAY
    frame = write_reports.frame

    def failing(definitions, experiment, *rest):
        if experiment.name == "headline":
            raise ZeroDivisionError("a fault of ours")
        return frame(definitions, experiment, *rest)

    monkeypatch.setattr(write_reports, "frame", failing)
    with pytest.raises(JobFailed, match="no report of headline: ZeroDivisionError: a fault of ours"):
        report(EVENT, Context())
    listed, shown = get(site, "reports/headline").body, get(site, "reports/headline/latest").body

    assert listed["failed_days"] == [iso_day(day_of(site.now) - 1), today(site)]
    assert listed["days"] == []
    assert listed["message"] == f"the report of {today(site)} failed: read it for the reason"
    assert shown["error"] == {
        "code": "internal_error",
        "message": "ZeroDivisionError: a fault of ours",
        "field": None,
    }
    assert get(site, "reports/price/latest").body["goals"]

    (job,) = [each for each in site.store.jobs() if each["state"] == "failed"]
    assert {each["experiment"] for each in job["failed"]} == {"headline"}
    assert get(site, f"jobs/{job['id']}").body["error"] == job["error"]


def test_a_recount_by_hand_is_cancelled_within_its_run(site, invoked):
    job = site.send("POST", "/admin/reports", None, ADMIN).body
    cancelled = site.send("POST", f"/admin/jobs/{job['id']}/cancel", {}, ADMIN)
    recount_segment({"job": job["id"], "segment": 0}, Context())

    assert (cancelled.status, cancelled.body["state"]) == (200, "cancelled")
    assert get(site, f"jobs/{job['id']}").body["state"] == "cancelled"
    assert site.store.written_reports("headline") == {}


def test_a_recount_by_hand_may_be_given_less_time(site, invoked):
    job = site.send("POST", "/admin/reports", {"limit_seconds": 60}, ADMIN).body
    site.now += 61_000
    recount_segment({"job": job["id"], "segment": 0}, Context())

    assert get(site, f"jobs/{job['id']}").body["state"] == "timed_out"


@pytest.mark.parametrize("body", [{"limit_seconds": 1}, {"limit_seconds": "9"}, [], b"{"])
def test_a_limit_that_is_none_is_an_error_and_starts_nothing(site, invoked, body):
    answer = site.send("POST", "/admin/reports", body, ADMIN)

    assert answer.status == 400
    assert (invoked, site.store.jobs()) == ([], [])


def test_a_recount_that_cannot_be_started_fails_and_says_so(site, monkeypatch):
    def throttled(job_id, segment):
        raise OSError("throttled")

    monkeypatch.setattr(wiring, "invoke_recount", throttled)
    answer = site.send("POST", "/admin/reports", {}, ADMIN)
    (job,) = site.store.jobs()

    assert answer.status == 503
    assert (job["state"], job["error"]) == ("failed", "a segment could not be started: throttled")


def test_an_unknown_job_is_not_found(site, invoked):
    assert get(site, "jobs/none").status == 404
    assert site.send("POST", "/admin/jobs/none/cancel", {}, ADMIN).status == 404
