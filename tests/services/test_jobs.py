"""What jobs say of single visitors, and that it goes with them."""

import pytest

from chalicelib.domain.errors import NotFound
from chalicelib.domain.instant import DAY
from chalicelib.domain.visitors.visitor import Visitor
from chalicelib.services import jobs
from chalicelib.services.reports import recount_job
from chalicelib.services.visitors.erase import erase
from chalicelib.storage.memory.store import MemoryStore
from tests.services.reports.test_engagement_calculation import START, Place, Spend


class ErasesOnTheWay(Spend):
    """Somebody erases a user whose call has failed before, while the others are called."""

    def __init__(self, store):
        super().__init__()
        self.store = store

    def calculate_user_engagement_score(self, user, start_date, end_date):
        if user == "user-050" and self.store.load_visitor("~user-013", START)[1]:
            erase(self.store, "~user-013", START)
        return super().calculate_user_engagement_score(user, start_date, end_date)


def test_who_is_erased_while_the_job_runs_is_named_by_no_job():
    place = Place()
    calculator = ErasesOnTheWay(place.store)
    place.night(2, calculator)
    job = place.store.load_job("night")[0]

    assert "user-013" in {user for user, _, _ in calculator.calls}
    assert {each for each, _ in job["calculation"]["failures"]} == {"~user-014"}


def test_who_is_erased_while_the_job_is_written_is_named_by_no_job(monkeypatch):
    """The failures are there before it is seen who is gone, so that one of the two finds the other."""
    place = Place()
    forget = jobs.forget_erased

    def erased_just_before(store, *request):
        erase(store, "~user-013", START)
        monkeypatch.setattr(jobs, "forget_erased", forget)
        assert "user-013" not in str(store.load_job("night"))

    monkeypatch.setattr(jobs, "forget_erased", erased_just_before)
    place.night(2, Spend())
    job = place.store.load_job("night")[0]

    assert {each for each, _ in job["calculation"]["failures"]} == {"~user-014"}


def test_a_document_that_cannot_be_read_stays_in_the_job_until_it_is_erased():
    store = MemoryStore()
    store.save_visitor(Visitor("visitor-1", claimed_at=1, expires_at=START + DAY), 0)
    store.visitors["visitor-1"] = ("nonsense", *store.visitors["visitor-1"][1:])
    recount_job.start(store, "night", 1, START)
    found = [["visitor-1", "not a document"], ["visitor-2", "not a document"]]
    jobs.change(store, "night", lambda job: {**job, "unreadable": found})
    jobs.forget_erased(store, "night", START)
    assert store.load_job("night")[0]["unreadable"] == found[:1]

    erase(store, "visitor-1", START)
    assert store.load_job("night")[0]["unreadable"] == []


def test_a_job_that_is_not_there_cannot_be_changed():
    with pytest.raises(NotFound):
        jobs.change(MemoryStore(), "nothing", dict)


def test_a_job_that_expires_while_it_is_looked_through_does_not_keep_the_others_from_forgetting():
    store = MemoryStore()
    for job_id in ("monday", "tuesday"):
        recount_job.start(store, job_id, 1, START)
        jobs.change(store, job_id, lambda job: {**job, "unreadable": [["visitor-1", "not a document"]]})
    found = store.jobs()
    store.jobs = lambda: found
    del store._jobs["monday"]
    jobs.forget(store, {"visitor-1"})

    assert store.load_job("tuesday")[0]["unreadable"] == []
