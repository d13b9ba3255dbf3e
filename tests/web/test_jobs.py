"""The nightly report by its schedule's event, and its segments in Lambdas of their own."""

import json
from pathlib import Path

import pytest

from chalicelib import wiring
from chalicelib.domain.instant import day_of, iso_day
from chalicelib.services import recount
from chalicelib.web.jobs import recount_segment, report
from tests.web.client import ADMIN

EVENT = json.loads((Path(__file__).parents[1] / "data" / "events" / "schedule.json").read_text())


class Context:
    """What Lambda tells of an invocation."""

    def get_remaining_time_in_millis(self):
        return 900_000


@pytest.fixture
def invoked(site, monkeypatch):
    calls = []
    monkeypatch.setattr(wiring, "invoke_recount", lambda *call: calls.append(call))
    site.load({"name": "headline", "state": "enabled"})
    return calls


def nightly():
    return report(EVENT, Context())


def test_a_small_table_is_counted_at_once(site, invoked):
    job = nightly()

    assert (job["state"], invoked) == ("succeeded", [])
    assert list(job["reports"]) == ["headline"]


def test_the_same_event_again_takes_up_the_same_job(site, invoked):
    assert nightly() == nightly()
    assert len(site.store._jobs) == 1


def test_a_large_table_is_counted_by_other_lambdas(site, invoked, monkeypatch):
    monkeypatch.setattr(recount, "segments_for", lambda _: 3)
    job = nightly()
    for job_id, segment in list(invoked):
        recount_segment({"job": job_id, "segment": segment}, Context())

    assert (job["state"], len(invoked)) == ("running", 3)
    assert site.store.load_job(job["id"])[0]["state"] == "succeeded"
    assert site.store.written_reports("headline")


def test_a_report_on_demand_is_a_job_to_poll(site, invoked):
    job = site.send("POST", "/admin/reports", {}, ADMIN)

    assert (job.status, job.body["state"]) == (202, "running")
    assert invoked == [(job.body["id"], 0)]
    assert site.send("GET", f"/admin/jobs/{job.body['id']}", None, ADMIN).body == job.body


def test_the_night_counts_what_was_excluded_until_then(site, invoked):
    for _ in range(3):
        events = [{"type": "enroll", "id": "e", "experiment": "headline"}]
        site.post("/e/collect", {"events": events}, key=None, **{"User-Agent": "Googlebot/2.1"})
    nightly()
    found = site.store.load_report("headline", iso_day(day_of(site.now)))

    assert found["exclusions"]["bots"] == {"bot": 3}
