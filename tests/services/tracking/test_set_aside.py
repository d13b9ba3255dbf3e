"""Set aside, mend, replay: counted exactly once, in the bucket of its own time."""

import pytest

from chalicelib.domain.errors import Conflict, InvalidInput, NotStorable, Unavailable
from chalicelib.domain.instant import DAY
from chalicelib.domain.tracking.tracked_object import Tracked
from chalicelib.services.tracking import set_aside
from chalicelib.storage.memory.store import MemoryStore
from tests.tracking import NOW, SERVER, definitions, emit, event, fold_all, total, tracker

KNOWN = definitions(tracker())
LATER = NOW + 2 * DAY


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


def ids(store: MemoryStore, known=KNOWN) -> list[str]:
    return [each.shown()["id"] for each in set_aside.listed(store, known.trackers, None, LATER)]


def counted(store: MemoryStore, known=KNOWN) -> dict:
    fold_all(store, known, now=LATER)
    return total(store, known.trackers["products"], LATER)


def test_what_is_set_aside_is_listed_by_tracker_or_all_of_it(store):
    emit(store, KNOWN, event(by="x"), event(tracker="?"))

    assert len(set_aside.listed(store, KNOWN.trackers, None, NOW)) == 2
    assert [each.reason for each in set_aside.listed(store, KNOWN.trackers, "products", NOW)] == ["no_number"]
    assert [each.reason for each in set_aside.listed(store, KNOWN.trackers, "", NOW)] == ["unknown_tracker"]


def test_nothing_looks_at_it_again_by_itself(store):
    emit(store, definitions(), event())
    fold_all(store, KNOWN)

    assert counted(store) == {}
    assert len(ids(store)) == 1


def test_a_tracker_declared_later_counts_what_is_replayed_on_the_day_when_it_came(store):
    emit(store, definitions(), event(age=1_000))
    (each_id,) = ids(store)

    assert set_aside.replay(store, KNOWN.trackers, [each_id], LATER) == {each_id: "replayed"}
    assert counted(store) == {("product:1", "views", "2026-03-10"): 10_000}
    assert ids(store) == []


def test_a_replay_twice_counts_once(store):
    emit(store, definitions(), event())
    (each_id,) = ids(store)
    set_aside.replay(store, KNOWN.trackers, [each_id], LATER)

    assert set_aside.replay(store, KNOWN.trackers, [each_id], LATER) == {each_id: "gone"}
    assert sum(counted(store).values()) == 10_000


def test_two_replays_at_once_count_once(store):
    emit(store, definitions(), event())
    (each_id,) = ids(store)

    class Meeting(MemoryStore):
        def take_aside(self, aside, message):
            set_aside.replay(store, KNOWN.trackers, [each_id], LATER)
            store.take_aside(aside, message)

        def aside_at(self, shelf, key, now):
            return store.aside_at(shelf, key, now)

    assert set_aside.replay(Meeting(), KNOWN.trackers, [each_id], LATER) == {each_id: "gone"}
    assert sum(counted(store).values()) == 10_000


def test_what_still_is_malformed_stays_and_says_why(store):
    emit(store, KNOWN, event(by="many"))
    (each_id,) = ids(store)

    answers = set_aside.replay(store, KNOWN.trackers, [each_id], LATER)
    assert answers == {each_id: "still malformed: by: must be a number"}
    assert ids(store) == [each_id]


def test_fields_can_be_mended_by_hand(store):
    emit(store, KNOWN, event(by="many"))
    (each_id,) = ids(store)

    assert set_aside.replay(store, KNOWN.trackers, [each_id], LATER, {"by": "2.5"}) == {each_id: "replayed"}
    assert list(counted(store).values()) == [25_000]


def test_what_was_too_old_is_taken_only_when_that_is_said(store):
    emit(store, KNOWN, event(age=3 * DAY))
    (each_id,) = ids(store)

    assert "older" in set_aside.replay(store, KNOWN.trackers, [each_id], LATER)[each_id]
    assert set_aside.replay(store, KNOWN.trackers, [each_id], LATER, any_age=True) == {each_id: "replayed"}
    assert counted(store) == {("product:1", "views", "2026-03-07"): 10_000}


def test_an_object_declared_after_folding_counts_when_it_is_replayed(store):
    known = definitions(tracker(declared_only=True))
    emit(store, known, event(by="-0.5", age=5 * DAY), sender=SERVER)
    emit(store, known, event(by="-0.5"))
    fold_all(store, known)
    (each_id,) = ids(store, known)

    assert "not declared" in set_aside.replay(store, known.trackers, [each_id], LATER)[each_id]
    store.save_tracked("products", [Tracked("product:1")])
    assert set_aside.replay(store, known.trackers, [each_id], LATER) == {each_id: "replayed"}
    assert counted(store, known) == {("product:1", "views", "2026-03-10"): -5_000}


def test_what_was_no_object_cannot_be_mended_by_fields_but_dismissed(store):
    emit(store, KNOWN, "views")
    (each_id,) = ids(store)
    with pytest.raises(InvalidInput):
        set_aside.replay(store, KNOWN.trackers, [each_id], LATER, {"by": 1})

    assert set_aside.dismiss(store, [each_id], LATER) == {each_id: "dismissed"}
    assert ids(store) == []


def test_what_is_older_than_30_days_is_forgotten(store):
    emit(store, KNOWN, event(by="x"))

    assert len(set_aside.listed(store, KNOWN.trackers, None, NOW + 29 * DAY)) == 1
    assert set_aside.listed(store, KNOWN.trackers, None, NOW + 30 * DAY) == []


def test_every_id_has_its_own_answer_and_none_stops_those_behind_it(store):
    emit(store, KNOWN, event(by="many"))
    emit(store, definitions(), event(), event())
    bad, *good = sorted(ids(store), key=lambda each: each.startswith("/"))
    gone = ["none", "", "/", "products/", "products/never", "a/\ud83d", f"products/{'x' * 2000}", "x" * 3000]

    answers = set_aside.replay(store, KNOWN.trackers, [*gone, good[0], bad, good[0], good[1]], LATER)
    assert answers == {
        **dict.fromkeys(gone, "gone"),
        bad: "still malformed: by: must be a number",
        **dict.fromkeys(good, "replayed"),
    }
    assert sum(counted(store).values()) == 20_000
    assert set_aside.dismiss(store, [*gone, *good, bad, bad], LATER) == {
        **dict.fromkeys([*gone, *good], "gone"),
        bad: "dismissed",
    }


class Failing(MemoryStore):
    """It raises `problem` for what is set aside under a key, so often."""

    def fail(self, key: str, problem: Exception, times: int = 1_000) -> None:
        self.key, self.problem, self.left = key, problem, times

    def take_aside(self, aside, message):
        if aside.id == self.key and self.left:
            self.left -= 1
            raise self.problem
        super().take_aside(aside, message)


@pytest.mark.parametrize(
    ("problem", "says"),
    [
        (Unavailable(), "try again"),
        (Conflict("others"), "try again"),
        (NotStorable("too long"), "still malformed: too long"),
    ],
)
@pytest.mark.parametrize("act", ["replay", "dismiss"])
def test_one_that_fails_is_answered_and_the_others_are_done(monkeypatch, problem, says, act):
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    store = Failing()
    emit(store, definitions(), event(), event(), event())
    first, second, third = ids(store)
    store.fail(second, problem)

    if act == "replay":
        answers = set_aside.replay(store, KNOWN.trackers, [first, second, third], LATER)
    else:
        answers = set_aside.dismiss(store, [first, second, third], LATER)
    assert answers == {first: f"{act}ed", second: says, third: f"{act}ed"}
    assert ids(store) == [second]


def test_a_conflict_that_passes_is_tried_again_at_once(monkeypatch):
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    store = Failing()
    emit(store, definitions(), event())
    (each_id,) = ids(store)
    store.fail(each_id, Conflict("others"), times=3)

    assert set_aside.replay(store, KNOWN.trackers, [each_id], LATER) == {each_id: "replayed"}
