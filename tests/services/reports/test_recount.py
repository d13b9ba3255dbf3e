"""The recount's job: split, interrupted, failing and repeated, it gives the same tally."""

from dataclasses import replace

import pytest

from chalicelib.domain.counting.tally import Tally
from chalicelib.domain.errors import NotFound
from chalicelib.domain.instant import DAY
from chalicelib.domain.visitors.event import BROWSER, Confirmed, Enrolled, Reached
from chalicelib.services import jobs
from chalicelib.services.reports import recount, recount_job
from chalicelib.services.reports.recount import Worker
from chalicelib.services.reports.write_reports import ReportRun
from chalicelib.services.visitors.collect import collect
from chalicelib.storage.files.json_files import JsonFiles
from chalicelib.storage.files.objects import MemoryObjects
from chalicelib.storage.memory import store as memory
from chalicelib.storage.memory.store import MemoryStore
from tests.domain.worlds import START, flat, world

NOW = START + 3 * DAY
PEOPLE = 60


class Lambdas:
    """Runs invoked segments later, one after another, and keeps the tallies that were finished."""

    def __init__(self, store, remaining=lambda: 10**9):
        self.queue, self.finished = [], []
        self.objects = MemoryObjects()
        self.worker = Worker(
            store,
            JsonFiles(self.objects),
            lambda *call: self.queue.append(call),
            self._finish,
            remaining,
            lambda: NOW,
        )

    def _finish(self, tally, now, between):
        self.finished.append(tally)
        return ReportRun([("whole", "2024-10-04")])

    def run(self, job_id, segment):
        recount.run_segment(self.worker, job_id, segment)
        while self.queue:
            recount.run_segment(self.worker, *self.queue.pop(0))


@pytest.fixture
def store(monkeypatch):
    monkeypatch.setattr(memory, "_PAGE", 7)
    made, definitions = MemoryStore(), world()
    made.save_experiment(definitions.experiments["whole"])
    for goal in definitions.goals.values():
        made.save_goal(goal)
    for number in range(PEOPLE):
        events = [
            Confirmed("c", NOW),
            Enrolled("e", NOW, "whole"),
            *[Reached(f"g{i}", NOW, "spend", number) for i in range(number % 3)],
        ]
        collect(made, definitions, f"visitor-{number}", events, NOW, BROWSER)
    return made


def tally_with(store, segments, order, remaining=lambda: 10**9):
    lambdas = Lambdas(store, remaining)
    recount_job.start(store, "job", segments, NOW)
    for segment in order:
        lambdas.run("job", segment)
    return lambdas


def test_one_segment_counts_everybody(store):
    lambdas = tally_with(store, 1, [0])

    assert lambdas.finished[0].documents == PEOPLE
    assert store.load_job("job")[0]["state"] == "succeeded"
    assert store.load_job("job")[0]["reports"] == {"whole": "2024-10-04"}
    assert store.load_job("job")[0]["written"] == 1


@pytest.mark.parametrize("order", [[0, 1, 2, 3], [3, 1, 0, 2], [0, 0, 1, 1, 2, 2, 3, 3, 0]])
def test_segments_in_any_order_and_repeated_give_the_same_tally_once(store, order):
    whole = tally_with(store, 1, [0]).finished[0]
    store._jobs.clear()
    store._progress.clear()
    lambdas = tally_with(store, 4, order)

    assert [flat(tally) for tally in lambdas.finished] == [flat(whole)]


def test_a_segment_out_of_time_goes_on_in_another_invocation(store):
    whole = tally_with(store, 1, [0]).finished[0]
    store._jobs.clear()
    store._progress.clear()
    lambdas = tally_with(store, 2, [0, 1], remaining=lambda: 0)

    assert [flat(tally) for tally in lambdas.finished] == [flat(whole)]
    assert lambdas.finished[0].documents == PEOPLE


def test_a_segment_that_failed_is_found_unfinished_and_taken_up_again(store):
    lambdas = tally_with(store, 3, [0, 2])
    job, _ = store.load_job("job")

    assert recount_job.unfinished(job) == [1]
    assert not lambdas.finished

    lambdas.run("job", 1)

    assert lambdas.finished[0].documents == PEOPLE
    assert recount_job.unfinished(store.load_job("job")[0]) == []


def test_the_writing_of_reports_that_failed_is_taken_up_again(store):
    lambdas = Lambdas(store)
    recount_job.start(store, "job", 1, NOW)
    broken = replace(lambdas.worker, finish=_fails)
    with pytest.raises(RuntimeError):
        recount.run_segment(broken, "job", 0)
    job, _ = store.load_job("job")

    assert (job["state"], recount_job.unfinished(job)) == ("running", [0])
    assert recount.run_segment(lambdas.worker, "job", 0)["state"] == "succeeded"


def _fails(tally, now, between):
    raise RuntimeError("S3 is down")


def test_documents_that_cannot_be_read_are_set_aside_with_the_reason(store):
    store.visitors["visitor-x"] = ("nonsense", 1, NOW + DAY)
    store.visitors["visitor-y"] = ('{"v":9}', 1, NOW + DAY)
    lambdas = tally_with(store, 1, [0])

    assert lambdas.finished[0].documents == PEOPLE
    assert sum(lambdas.finished[0].unreadable.values()) == 2
    assert ["visitor-y", "format 9 is not known"] in store.load_job("job")[0]["unreadable"]


def test_partials_are_removed_at_the_end(store):
    assert not tally_with(store, 4, [0, 1, 2, 3]).objects.files


def test_an_unknown_job_is_not_found(store):
    with pytest.raises(NotFound):
        Lambdas(store).run("nothing", 0)


def test_small_tables_take_one_segment_and_large_ones_more():
    assert recount_job.segments_for(0) == 1
    assert recount_job.segments_for(10 * recount_job.BYTES_PER_SEGMENT) == 11
    assert recount_job.segments_for(10**15) == recount_job.MAX_SEGMENTS


def test_of_two_runs_of_a_segment_the_slow_one_changes_nothing(store):
    """It read the segment before the other finished it, and comes back after."""
    lambdas = Lambdas(store)
    recount_job.start(store, "job", 2, NOW)
    pages, met = store.visitor_pages, []

    def slow(*which):
        for page in pages(*which):
            if not met:
                met.append(True)
                recount.run_segment(replace(lambdas.worker, name="fast"), "job", 0)
            yield page

    store.visitor_pages = slow
    recount.run_segment(replace(lambdas.worker, name="slow"), "job", 0)
    entry, version = store.load_progress("job", 0)
    recount.run_segment(lambdas.worker, "job", 1)

    assert (version, entry["key"]) == (1, "work/job/0000-000000-fast.json.gz")
    assert [tally.documents for tally in lambdas.finished] == [PEOPLE]


def test_reports_come_of_finished_segments_only(store):
    """The job says that a segment is done, but what is there of it is half-way."""
    lambdas = tally_with(store, 2, [0])
    half = {"next": None, "unreadable": [], "tally": Tally().record()}
    key = lambdas.worker.files.write_partial("job", 1, "half", half)
    store.save_progress("job", 1, {"key": key, "finished": False}, 0, NOW)
    jobs.change(store, "job", lambda job: {**job, "done": [0, 1]})
    job = recount.run_segment(lambdas.worker, "job", 1)

    assert (job["state"], lambdas.finished) == ("running", [])
