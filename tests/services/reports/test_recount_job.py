"""A job always ends, and says how."""

from dataclasses import replace

import pytest

from chalicelib.domain.errors import InvalidInput, NotFound, Unavailable
from chalicelib.domain.fields.reading import read
from chalicelib.domain.instant import HOUR, MINUTE, SECOND, iso_at
from chalicelib.services.reports import recount, recount_job
from chalicelib.services.reports.failed_report import Failure
from chalicelib.services.reports.recount import Worker
from chalicelib.services.reports.write_reports import ReportRun
from chalicelib.storage.files.json_files import JsonFiles
from chalicelib.storage.files.objects import MemoryObjects
from chalicelib.storage.memory.store import MemoryStore
from chalicelib.web.admin.requests import RunInput
from tests.domain.worlds import START, world

FIFTEEN_MINUTES = 15 * MINUTE


class Place:
    """A job of one segment, a clock that is moved by hand, and what a run of it does."""

    def __init__(self, limit=recount_job.LIMIT):
        self.store, self.now, self.run = MemoryStore(), START, ReportRun()
        self.store.save_experiment(world().experiments["whole"])
        recount_job.start(self.store, "job", 1, START, limit)
        self.worker = Worker(
            self.store,
            JsonFiles(MemoryObjects()),
            lambda *call: None,
            lambda tally, now, between: self.run,
            lambda: FIFTEEN_MINUTES,
            lambda: self.now,
        )

    @property
    def job(self):
        return recount_job.current(self.store, "job")

    def watch_after(self, passed):
        self.now += passed
        return [each["id"] for each in recount_job.watch(self.store, self.now)]


@pytest.fixture
def place():
    return Place()


def test_a_job_that_was_done_has_succeeded(place):
    job = recount.run_segment(place.worker, "job", 0)

    assert (job["state"], job["error"], job["ended_at"]) == ("succeeded", None, iso_at(START))
    assert place.store.running_jobs() == []


def test_a_job_whose_reports_failed_has_failed_and_names_them(place):
    failure = Failure("headline", None, "internal_error", "ZeroDivisionError: division by zero")
    place.run = ReportRun([("other", "2024-10-04")], [failure])
    job = recount.run_segment(place.worker, "job", 0)

    assert job["state"] == "failed"
    assert job["error"] == "no report of headline: ZeroDivisionError: division by zero"
    assert job["written"] == 1
    assert job["failed"] == [failure.shown()]


def test_what_could_not_be_written_for_now_is_tried_again_by_the_same_job(place):
    busy = Failure("headline", None, "store_unavailable", "the table is busy", passing=True)
    place.run = ReportRun([], [busy])
    with pytest.raises(Unavailable):
        recount.run_segment(place.worker, "job", 0)

    assert place.job["state"] == "running"
    assert "the table is busy" in place.job["error"]

    place.run = ReportRun()
    job = recount.run_segment(place.worker, "job", 0)

    assert (job["state"], job["error"]) == ("succeeded", None)


def test_a_job_whose_run_died_fails_once_it_is_past_its_promise(place):
    assert place.watch_after(19 * MINUTE) == []
    assert place.watch_after(2 * MINUTE) == ["job"]
    assert place.job["state"] == "failed"
    assert "no sign of life since" in place.job["error"]
    assert place.watch_after(MINUTE) == []


def test_the_last_error_of_a_job_that_died_is_its_reason(place):
    broken = replace(place.worker, finish=lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        recount.run_segment(broken, "job", 0)
    place.watch_after(HOUR)

    assert place.job["state"] == "failed"
    assert place.job["error"] == "ZeroDivisionError: division by zero"


def test_a_run_promises_to_last_as_long_as_it_may_and_to_be_tried_again(place):
    place.now = START + 10 * MINUTE
    with pytest.raises(ZeroDivisionError):
        recount.run_segment(replace(place.worker, finish=lambda *_: 1 / 0), "job", 0)

    assert place.watch_after(20 * MINUTE) == []
    assert place.watch_after(5 * MINUTE) == ["job"]


def test_a_late_run_of_a_job_that_has_ended_does_nothing(place):
    place.watch_after(HOUR)
    before = place.job
    finished = []
    job = recount.run_segment(replace(place.worker, finish=lambda *_: finished.append(1)), "job", 0)

    assert (job, finished) == (before, [])


def test_a_job_ends_by_its_limit():
    place = Place(limit=5 * MINUTE)

    assert place.watch_after(5 * MINUTE) == ["job"]
    assert (place.job["state"], place.job["error"]) == (
        "timed_out",
        f"not done by {iso_at(START + 5 * MINUTE)}, its limit",
    )


def test_a_run_stops_by_itself_at_the_limit():
    place = Place(limit=5 * MINUTE)

    def slow(tally, now, between):
        place.now += 6 * MINUTE
        between()
        raise AssertionError("went on")

    assert recount.run_segment(replace(place.worker, finish=slow), "job", 0)["state"] == "timed_out"


def test_a_cancelled_job_stops_at_its_next_look_and_stays_cancelled(place):
    def cancelled(tally, now, between):
        recount_job.cancel(place.store, "job", place.now)
        place.now += 6 * SECOND
        between()
        raise AssertionError("went on")

    job = recount.run_segment(replace(place.worker, finish=cancelled), "job", 0)

    assert job["state"] == "cancelled"
    assert recount_job.unfinished(job) == []
    assert recount.run_segment(place.worker, "job", 0)["state"] == "cancelled"


def test_a_cancelled_count_stops_between_pages(place, monkeypatch):
    monkeypatch.setattr("chalicelib.storage.memory.store._PAGE", 1)
    for number in range(5):
        place.store.visitors[f"visitor-{number}"] = ('{"v":2}', 1, START + HOUR)
    pages = place.store.visitor_pages

    def cancelled(*which):
        for number, page in enumerate(pages(*which)):
            assert number < 2
            recount_job.cancel(place.store, "job", place.now)
            place.now += 6 * SECOND
            yield page

    monkeypatch.setattr(place.store, "visitor_pages", cancelled)

    assert recount.run_segment(place.worker, "job", 0)["state"] == "cancelled"


def test_a_job_that_ended_cannot_be_cancelled(place):
    recount.run_segment(place.worker, "job", 0)

    assert recount_job.cancel(place.store, "job", START)["state"] == "succeeded"


def test_an_unknown_job_can_be_neither_read_nor_cancelled(place):
    with pytest.raises(NotFound):
        recount_job.cancel(place.store, "nothing", START)


@pytest.mark.parametrize("value", [0, 59, "60", True, 1e3, 10**30, -5])
def test_a_limit_is_a_number_of_seconds(value):
    with pytest.raises(InvalidInput, match="limit_seconds"):
        read(RunInput, {"limit_seconds": value})


def test_jobs_of_an_older_version_have_no_limit_and_end_when_they_are_done(place):
    job, version = place.store.load_job("job")
    old = {key: job[key] for key in job if key not in ("limit_at", "alive_until", "ended_at", "failed")}
    place.store.save_job("job", old, version, START + HOUR)

    assert place.watch_after(HOUR) == []
    assert recount.run_segment(place.worker, "job", 0)["state"] == "succeeded"
