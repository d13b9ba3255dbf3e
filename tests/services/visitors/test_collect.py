"""One read, and at most one write; a bad event loses no other."""

import pytest

from chalicelib.domain.errors import Conflict, Refused
from chalicelib.domain.instant import DAY
from chalicelib.domain.visitors.event import BROWSER, Confirmed, Enrolled, Reached
from chalicelib.services.visitors.assign import assigned
from chalicelib.services.visitors.collect import collect
from chalicelib.storage.memory.store import MemoryStore
from tests.domain.worlds import START, world

WORLD = world()
NOW = START + 3 * DAY


class Counted(MemoryStore):
    """Counts reads and writes."""

    def __init__(self):
        super().__init__()
        self.reads = self.writes = 0

    def load_visitor(self, *args):
        self.reads += 1
        return super().load_visitor(*args)

    def save_visitor(self, *args):
        self.writes += 1
        super().save_visitor(*args)


@pytest.fixture
def store():
    return Counted()


def batch(at=NOW):
    return [Confirmed("c", at), Enrolled("e", at, "whole"), *(Reached(f"g{i}", at, "buy") for i in range(10))]


def test_a_batch_is_one_read_and_one_write(store):
    collect(store, WORLD, "visitor-one", batch(), NOW, BROWSER)

    assert (store.reads, store.writes) == (1, 1)


def test_a_repeated_batch_does_not_write(store):
    collect(store, WORLD, "visitor-one", batch(), NOW, BROWSER)
    again = collect(store, WORLD, "visitor-one", batch(NOW - 7), NOW, BROWSER)

    assert store.writes == 1
    assert not again.written


def test_an_empty_batch_leaves_no_document(store):
    collect(store, WORLD, "visitor-one", [], NOW, BROWSER, signed=True)

    assert not store.visitors


def test_a_refused_event_leaves_the_others_alone(store):
    events = [Confirmed("c", NOW), Enrolled("e", NOW, "nothing"), Reached("g", NOW, "buy")]
    collected = collect(store, WORLD, "visitor-one", events, NOW, BROWSER)

    assert collected.refused == {1: "unknown_experiment"}
    assert len(store.load_visitor("visitor-one", NOW)[0].facts) == 1


def test_an_id_that_was_seen_signed_is_worth_nothing_unsigned(store):
    collect(store, WORLD, "visitor-one", batch(), NOW, BROWSER)
    collect(store, WORLD, "visitor-one", batch(), NOW, BROWSER)
    collect(store, WORLD, "visitor-one", batch(), NOW, BROWSER, signed=True)
    with pytest.raises(Refused, match="claimed"):
        collect(store, WORLD, "visitor-one", batch(), NOW, BROWSER)
    with pytest.raises(Refused, match="claimed"):
        assigned(store, WORLD, "visitor-one", ["whole"], NOW, signed=False)

    assert assigned(store, WORLD, "visitor-one", ["whole"], NOW).assignments["whole"].reason == "enrolled"


def test_assignment_names_every_enabled_experiment_when_asked_for_none(store):
    assert set(assigned(store, WORLD, "visitor-one", [], NOW).assignments) == {"whole", "broken"}
    assert store.writes == 0


def test_a_write_that_always_conflicts_gives_up(store, monkeypatch):
    monkeypatch.setattr("chalicelib.services.retry._ATTEMPTS", 3, raising=False)
    monkeypatch.setattr(Counted, "save_visitor", _conflicts)
    with pytest.raises(Conflict):
        collect(store, WORLD, "visitor-one", batch(), NOW, BROWSER)


def _conflicts(*_):
    raise Conflict("always")
