"""An erasure that is cut short anywhere is completed by the same request."""

import json

import pytest

from chalicelib.domain.errors import NotFound
from chalicelib.domain.visitors.event import BROWSER, Reached
from chalicelib.domain.visitors.identity import own_id
from chalicelib.domain.visitors.visitor import Confirmation
from chalicelib.services import jobs
from chalicelib.services.reports import recount_job
from chalicelib.services.visitors.collect import collect
from chalicelib.services.visitors.erase import erase, erase_all
from chalicelib.services.visitors.identify import identify
from chalicelib.storage.memory.store import MemoryStore
from tests.domain.worlds import START, world

WORLD = world()
NOW = START + 1
WRITES = ("save_visitors", "remove_aliases", "save_job")


def log_in(store, device, user="ann"):
    identify(store, WORLD, device, user, Confirmation(NOW, device), NOW)


@pytest.fixture
def store():
    """A user of a hundred devices, of whom a job names the first and the last."""
    made = MemoryStore()
    for goal in WORLD.goals.values():
        made.hold(goal)
    for number in range(100):
        log_in(made, f"device-{number:03d}")
    recount_job.start(made, "night", 1, NOW)
    rows = [[each, "not read: ann"] for each in ("device-000", "device-099")]
    jobs.change(made, "night", lambda job: {**job, "unreadable": rows})
    return made


def cut(store, monkeypatch, left):
    """Let only so many writes of any kind through."""

    def limited(write):
        def maybe(*request):
            nonlocal left
            if left == 0:
                raise OSError("the function's time is over")
            left -= 1
            write(*request)

        return maybe

    for name in WRITES:
        monkeypatch.setattr(store, name, limited(getattr(store, name)))


@pytest.mark.parametrize("named", ["device-000", "device-007", own_id("ann")])
@pytest.mark.parametrize("done", range(7))
def test_wherever_an_erasure_is_cut_short_a_repeat_leaves_nothing(store, monkeypatch, named, done):
    with monkeypatch.context() as patch:
        cut(store, patch, done)
        try:
            erase(store, named, NOW)
        except OSError:
            assert done < 6
    try:
        erase(store, named, NOW)
    except NotFound:
        assert done >= 4

    assert "ann" not in json.dumps([store.visitors, store.load_job("night")[0]])
    assert not any(store._aliases.values())


@pytest.mark.parametrize("write", WRITES[:2])
def test_devices_that_join_before_any_write_of_an_erasure_are_erased_too(store, monkeypatch, write):
    """Its alias is none of those that the erasure has read and removes."""
    real, late = getattr(store, write), ["late-1-device", "late-2-device"]

    def joined_before(*request):
        if late:
            monkeypatch.setattr(store, write, real)
            log_in(store, late.pop())
            monkeypatch.setattr(store, write, joined_before)
        real(*request)

    monkeypatch.setattr(store, write, joined_before)

    assert erase(store, own_id("ann"), NOW) == 103
    assert "device-000" not in json.dumps([body for body, _, _ in store.visitors.values()])
    assert not any(store._aliases.values())


def test_a_conflict_after_most_were_erased_loses_none_of_them_from_the_count(store, monkeypatch):
    real = store.save_visitors

    def hurried(visitors, removed):
        if removed:
            monkeypatch.setattr(store, "save_visitors", real)
            collect(store, WORLD, "device-000", [Reached("g", NOW, "buy")], NOW, BROWSER, signed=True)
        real(visitors, removed)

    monkeypatch.setattr(store, "save_visitors", hurried)

    assert erase(store, own_id("ann"), NOW) == 101


def test_one_person_that_fails_does_not_keep_jobs_from_forgetting_the_others(store, monkeypatch):
    """The entry is written after the jobs were looked through, before the person is erased."""
    log_in(store, "bobs-device", "bob")
    real = store.save_visitors

    def breaks_for_bob(visitors, removed):
        if own_id("bob") in removed:
            raise OSError("no table")
        jobs.change(store, "night", lambda job: {**job, "unreadable": [["device-050", "not read"]]})
        real(visitors, removed)

    monkeypatch.setattr(store, "save_visitors", breaks_for_bob)
    with pytest.raises(OSError, match="no table"):
        erase_all(store, [own_id("ann"), own_id("bob")], NOW)

    assert store.load_job("night")[0]["unreadable"] == []
