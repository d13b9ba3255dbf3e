"""The nightly report by its schedule's event, and its segments in Lambdas of their own."""

import json
from pathlib import Path

import pytest

from chalicelib import wiring
from chalicelib.config import BadSetting
from chalicelib.domain.instant import day_of, iso_day
from chalicelib.services.reports import recount_job
from chalicelib.web import jobs
from chalicelib.web.jobs import fold, recount_segment, report
from tests.web.client import ADMIN

PERSON = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
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
    monkeypatch.setattr(recount_job, "segments_for", lambda _: 3)
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


def emitted(capsys):
    """The metrics that were written to the log: name → sum."""
    found = {}
    for line in capsys.readouterr().out.splitlines():
        record = json.loads(line) if line.startswith('{"_aws"') else {"_aws": {"CloudWatchMetrics": []}}
        for group in record["_aws"]["CloudWatchMetrics"]:
            for metric in group["Metrics"]:
                value = sum(record[metric["Name"]])
                found[group["Namespace"], metric["Name"]] = value
    return found


def test_a_finished_report_says_so_to_its_alarms(site, invoked, capsys):
    nightly()

    assert emitted(capsys) == {
        ("leansplit/dev", "finished_reports"): 1,
        ("leansplit/dev", "unreadable_documents"): 0,
        ("leansplit/dev", "sample_ratio_mismatches"): 0,
        ("leansplit/dev", "failed_experiments"): 0,
    }


def test_a_skewed_split_rings(site, invoked, capsys):
    experiment = site.store.definitions().experiments["headline"]
    ids = [each for n in range(400) if experiment.phase.variation_of(each := f"visitor-{n:05d}") == "test"]
    for each in ids:
        events = [{"type": "confirm", "id": "c"}, {"type": "enroll", "id": "e", "experiment": "headline"}]
        site.post("/e/collect", {"visitor": each, "events": events}, key=None, **{"User-Agent": PERSON})
    capsys.readouterr()
    nightly()

    assert emitted(capsys)["leansplit/dev", "sample_ratio_mismatches"] == 1


def test_lanes_that_wait_are_counted_every_ten_minutes(site, invoked, capsys):
    fold(EVENT, Context())
    at_ten = emitted(capsys)
    site.now += 60_000
    fold(EVENT, Context())

    assert at_ten == {("leansplit/dev", "waiting_lanes"): 0}
    assert emitted(capsys) == {}


@pytest.fixture
def astray(monkeypatch):
    """The setting names what is not there."""

    def calculator():
        raise BadSetting("ENGAGEMENT_CALCULATOR 'no.where' cannot be loaded")

    monkeypatch.setattr(wiring, "calculator", calculator)


def test_a_bad_calculator_ends_the_night_at_once_and_the_job_says_why(site, invoked, astray):
    with pytest.raises(BadSetting):
        nightly()
    (name,) = site.store._jobs
    job, _ = site.store.load_job(name)

    assert (job["state"], job["error"]) == ("failed", "ENGAGEMENT_CALCULATOR 'no.where' cannot be loaded")
    assert site.store.written_reports("headline") == {}


def test_a_report_on_demand_with_a_bad_calculator_is_a_job_that_failed(site, invoked, astray):
    job = site.send("POST", "/admin/reports", {}, ADMIN).body
    for _ in range(3):
        with pytest.raises(BadSetting):
            recount_segment({"job": job["id"], "segment": 0}, Context())

    assert site.send("GET", f"/admin/jobs/{job['id']}", None, ADMIN).body["state"] == "failed"


def test_the_night_after_the_setting_was_mended_makes_up_for_all(site, invoked, monkeypatch, astray):
    with pytest.raises(BadSetting):
        nightly()
    monkeypatch.setattr(wiring, "calculator", lambda: None)
    job = report({**EVENT, "id": "the-next-night"}, Context())

    assert job["state"] == "succeeded"
    assert site.store.written_reports("headline")


def test_a_lane_that_fails_is_measured_and_the_fold_ends_as_failed_after_all_others(
    site, invoked, capsys, monkeypatch
):
    for name in ("one", "two"):
        site.post("/admin/trackers", {"name": name, "kind": "page", "fields": ["views"], "lanes": 1}, ADMIN)
    events = [{"tracker": name, "object": "page:1", "field": "views"} for name in ("one", "two")]
    site.post("/e/track", {"events": events})
    site.now += 60_000
    apply = site.store.apply

    def broken(tracker, batch):
        if tracker.name == "one":
            raise RuntimeError("a mistake of ours")
        apply(tracker, batch)

    said = []
    monkeypatch.setattr(site.store, "apply", broken)
    monkeypatch.setattr(jobs, "warn", lambda event, **fields: said.append(fields))
    capsys.readouterr()
    with pytest.raises(jobs.JobFailed, match=r"lane 0 of one failed at message .*: RuntimeError: a mistake"):
        fold(EVENT, Context())
    lines = capsys.readouterr()

    assert [(each["tracker"], each["problem"]) for each in said] == [
        ("one", "RuntimeError: a mistake of ours")
    ]
    assert '"failed_lanes":[1.0]' in lines.out.replace(" ", "")
    assert [site.store.pending(name, 0, site.now, 9) == [] for name in ("one", "two")] == [False, True]

    monkeypatch.setattr(site.store, "apply", apply)
    assert fold(EVENT, Context())["messages"] == 1
