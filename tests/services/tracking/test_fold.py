"""The laws of folding: whatever dies, repeats or runs at once, every event counts exactly once."""

import contextlib
import json
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.errors import Conflict, NotStorable, Unavailable
from chalicelib.domain.instant import DAY, SECOND
from chalicelib.domain.tracking.tracked_object import Tracked
from chalicelib.services.tracking import set_aside
from chalicelib.services.tracking.fold import GRACE, LEASE, Folder, fold, fold_until
from chalicelib.storage.memory.store import MemoryStore
from tests.laws import tried
from tests.tracking import NOW, SERVER, definitions, emit, event, fold_all, total, tracker

KNOWN = definitions(tracker(lanes=2), tracker(name="other", lanes=1))


class Killed(BaseException):
    """The folder's process ended here: nothing that it might still do is done."""


class Faulty:
    """A store whose caller is killed before or after its n-th call."""

    def __init__(self, store: MemoryStore, call: int, after: bool) -> None:
        self._store = store
        self._left = call
        self._after = after

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._store, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            self._left -= 1
            if self._left == 0 and not self._after:
                raise Killed
            answer = method(*args, **kwargs)
            if self._left == 0:
                raise Killed
            return answer

        return call


def filled() -> MemoryStore:
    store = MemoryStore()
    for number in range(200):
        emit(store, KNOWN, event(object=f"product:{number % 3}"), event(tracker="other", by="0.5"))
    return store


def sums(store: MemoryStore) -> tuple[int, int]:
    products, other = (total(store, KNOWN.trackers[name]) for name in ("products", "other"))
    return sum(products.values()), sum(other.values())


ALL = (2_000_000, 1_000_000)


def test_200_emits_are_0_before_folding_and_200_after():
    store = MemoryStore()
    for _ in range(200):
        emit(store, KNOWN, event())
    assert total(store, KNOWN.trackers["products"]) == {}

    folded = fold_all(store, KNOWN)
    assert (folded.events, folded.messages) == (200, 200)
    assert total(store, KNOWN.trackers["products"]) == {("product:1", "views", "2026-03-10"): 2_000_000}


def test_what_was_emitted_on_day_d_and_folded_on_the_next_counts_for_d():
    store = MemoryStore()
    emit(store, KNOWN, event(), now=NOW)
    emit(store, KNOWN, event(age=5 * DAY), now=NOW, sender=SERVER)
    fold_all(store, KNOWN, now=NOW + DAY)

    assert total(store, KNOWN.trackers["products"], NOW + DAY) == {
        ("product:1", "views", "2026-03-10"): 10_000,
        ("product:1", "views", "2026-03-05"): 10_000,
    }


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_folder_killed_at_any_call_loses_and_doubles_nothing(after):
    deaths = 0
    for call in range(1, 100):
        store = filled()
        try:
            fold_all(Faulty(store, call, after), KNOWN)
        except Killed:
            deaths += 1
            fold_all(store, KNOWN, now=NOW + LEASE + SECOND, owner="next")
        assert sums(store) == ALL, call

    assert 10 < deaths < 99


def test_a_folder_that_dies_again_and_again_comes_to_the_end():
    store, runs = filled(), 0
    while sums(store) != ALL:
        runs += 1
        try:
            store_dying = Faulty(store, random.Random(runs).randrange(1, 30), True)
            fold_all(store_dying, KNOWN, NOW + runs * 2 * LEASE)
        except Killed:
            assert runs < 500

    assert fold_all(store, KNOWN, NOW + 10_000 * LEASE).events == 0


class Meeting:
    """A store on which another folder runs to its end just before the n-th call."""

    def __init__(self, store: MemoryStore, call: int) -> None:
        self._store, self._left = store, call

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._store, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            self._left -= 1
            if self._left == 0:
                # Its clock is ahead by a lease, so that none keeps it away.
                fold_all(self._store, KNOWN, now=NOW + LEASE + SECOND, owner="other")
            return method(*args, **kwargs)

        return call


def test_two_folders_that_meet_at_any_call_count_everything_once():
    for call in range(1, 60):
        store = filled()
        fold_all(Meeting(store, call), KNOWN)
        fold_all(store, KNOWN)

        assert sums(store) == ALL, call


@given(st.data())
@tried(60)
def test_emits_repeats_and_deaths_in_any_order_come_to_one_each(data):
    store, expected, seen = MemoryStore(), 0, set()
    for step in range(data.draw(st.integers(1, 12))):
        now = NOW + step * 2 * LEASE
        once = data.draw(st.sampled_from([None, "a", "b", "c"]))
        amount = data.draw(st.integers(-50, 50))
        emit(store, KNOWN, event(by=amount), now=now, once=once)
        if once not in seen:
            expected += amount * 10_000
        seen |= {once} - {None}
        if data.draw(st.booleans()):
            death = Faulty(store, data.draw(st.integers(1, 12)), data.draw(st.booleans()))
            with contextlib.suppress(Killed):
                fold_all(death, KNOWN, now, owner=f"folder-{step}")
    fold_all(store, KNOWN, NOW + 100 * LEASE, owner="last")

    assert sum(total(store, KNOWN.trackers["products"], NOW).values()) == expected


def test_one_tracker_alone_and_no_more_messages_than_asked():
    store = filled()
    folder = Folder(store, lambda: NOW, "me")
    folded = fold(folder, [KNOWN.trackers["products"]], NOW + 1, most=30)

    assert (folded.messages, sums(store)) == (30, (300_000, 0))


def test_the_job_leaves_what_a_request_may_still_repeat():
    store = filled()

    assert fold(Folder(store, lambda: NOW, "job"), KNOWN.trackers.values(), NOW - GRACE).messages == 0
    assert sums(store) == (0, 0)


def test_a_lane_that_another_holds_is_left_to_it():
    store = filled()
    for lane in range(2):
        store.lease("products", lane, "another", NOW, NOW + LEASE)
    fold_all(store, KNOWN)

    assert sums(store) == (0, 1_000_000)


def test_who_must_have_everything_waits_for_the_lease_and_says_when_it_never_ends():
    clock, store = [NOW], filled()
    store.lease("products", 1, "another", NOW, NOW + LEASE)

    def sleep(seconds: float) -> None:
        clock[0] += int(seconds * SECOND)

    folder = Folder(store, lambda: clock[0], "report", sleep=sleep, wait=True)
    fold(folder, KNOWN.trackers.values(), NOW + 1)
    assert sums(store) == ALL
    assert clock[0] >= NOW + LEASE

    store = filled()
    store.lease("products", 1, "another", NOW, NOW + 100 * LEASE)
    begun = clock[0]
    folded = fold_until(store, KNOWN.trackers.values(), lambda: clock[0], "report", NOW, sleep)
    assert [(each.tracker, each.lane) for each in folded.failed] == [("products", 1)]
    assert "does not give it back" in str(folded.failed[0])
    assert clock[0] - begun <= 2 * LEASE + SECOND
    assert [bool(store.pending("products", lane, NOW + 1, 1)) for lane in range(2)] == [False, True]


def test_everything_up_to_and_with_an_instant_is_folded():
    store = MemoryStore()
    emit(store, KNOWN, event(), now=NOW)
    emit(store, KNOWN, event(), now=NOW + 1)
    fold_until(store, [KNOWN.trackers["products"]], lambda: NOW, "report", NOW)

    assert sums(store) == (10_000, 0)


def test_lanes_that_are_never_given_back_are_waited_for_once_and_not_each_in_turn():
    clock, store = [NOW], filled()
    for lane in range(2):
        store.lease("products", lane, "another", NOW, NOW + 100 * LEASE)

    def sleep(seconds: float) -> None:
        clock[0] += int(seconds * SECOND)

    folded = fold_until(store, KNOWN.trackers.values(), lambda: clock[0], "report", NOW, sleep)
    assert len(folded.failed) == 2
    assert clock[0] - NOW <= 2 * LEASE + 2 * SECOND
    assert sums(store) == (0, 1_000_000)


def test_a_lane_is_given_back_and_an_idle_one_never_taken():
    store = filled()
    fold_all(store, KNOWN)

    assert store._leases == {}


def test_time_that_runs_out_ends_between_two_transactions():
    store, left = filled(), iter([100_000, 100_000, 0])
    folder = Folder(store, lambda: NOW, "me", lambda: next(left))
    folded = fold(folder, [KNOWN.trackers["other"]], NOW + 1)

    assert folded.transactions == 2
    assert sums(store) == (0, 5_000 * folded.messages)


class Broken(MemoryStore):
    """It raises `problem` for the calls of a method that `wanted` picks by their arguments."""

    def __init__(self) -> None:
        super().__init__()
        self.problem: BaseException = RuntimeError("a mistake of ours")
        self.wanted: Any = lambda name, *args: False

    def __getattribute__(self, name: str) -> Any:
        method = super().__getattribute__(name)
        if name not in ("pending", "lease", "release", "apply", "tracked"):
            return method

        def call(*args: Any) -> Any:
            if self.wanted(name, *args):
                raise self.problem
            return method(*args)

        return call


PROBLEMS = [
    RuntimeError("a mistake of ours"),
    Unavailable(),
    Conflict("others"),
    KeyError("x"),
    NotStorable("x"),
]


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda each: type(each).__name__)
@pytest.mark.parametrize("method", ["pending", "lease", "apply", "tracked"])
def test_a_lane_that_fails_stops_no_other_and_is_folded_by_the_next_run(method, problem):
    known = definitions(tracker(lanes=2, declared_only=True), tracker(name="other", lanes=1))
    store = Broken()
    store.save_tracked("products", [Tracked("product:1")])
    for _ in range(30):
        emit(store, known, event(), event(tracker="other"))
    store.problem = problem
    store.wanted = lambda name, of, *rest: name == method and "products" in (of, getattr(of, "name", ""))
    first = fold_all(store, known)
    assert {(each.tracker, each.lane) for each in first.failed} == {("products", 0), ("products", 1)}
    assert total(store, known.trackers["products"]) == {}
    assert sum(total(store, known.trackers["other"]).values()) == 300_000
    assert store._leases == {}

    store.wanted = lambda *args: False
    second = fold_all(store, known)
    assert (second.failed, second.set_aside) == ((), 0)
    assert sum(total(store, known.trackers["products"]).values()) == 300_000


def test_a_lane_that_failed_says_where_and_why():
    store = Broken()
    emit(store, definitions(tracker(lanes=1)), event())
    (waiting_message,) = store.pending("products", 0, NOW + 1, 9)
    store.wanted = lambda name, *rest: name == "apply"
    (failed,) = fold_all(store, definitions(tracker(lanes=1))).failed

    assert (failed.tracker, failed.lane, failed.message) == ("products", 0, waiting_message.key)
    assert failed.problem == "RuntimeError: a mistake of ours"
    assert str(failed) == f"lane 0 of products failed at message {failed.message}: {failed.problem}"


def test_a_lease_that_cannot_be_given_back_takes_nothing_away_from_what_was_counted():
    store = Broken()
    emit(store, definitions(tracker(lanes=1)), event())
    store.problem, store.wanted = Unavailable(), lambda name, *rest: name == "release"
    folded = fold_all(store, definitions(tracker(lanes=1)))

    assert (folded.events, folded.failed) == (1, ())


@pytest.mark.parametrize(
    "problem", [NotStorable("a key too long"), OverflowError("odd"), UnicodeError("half")]
)
@pytest.mark.parametrize("bad", [{0}, {50}, {119}, {3, 4, 90}])
def test_a_message_that_cannot_be_added_up_is_set_aside_and_all_others_count(problem, bad):
    known = definitions(tracker(lanes=1))
    store = Broken()
    for number in range(120):
        name = "bad" if number in bad else "good"
        emit(store, known, event(object=f"product:{name}"), event(object=f"product:{name}"))
    store.problem = problem
    store.wanted = lambda name, of, *rest: name == "apply" and any("bad" in key[0] for key in rest[0].sums)
    folded = fold_all(store, known)

    assert folded.failed == ()
    assert (folded.events, folded.set_aside) == (240 - 2 * len(bad), 2 * len(bad))
    assert total(store, known.trackers["products"]) == {
        ("product:good", "views", "2026-03-10"): 10_000 * (240 - 2 * len(bad))
    }
    aside = store.aside("products", NOW, 1_000)
    assert {each.reason for each in aside} == {"unreadable"}
    assert all(type(problem).__name__ in each.problem for each in aside)
    replayed = set_aside.replay(store, known.trackers, [each.id for each in aside], NOW)
    assert set(replayed.values()) == {"replayed"}


ODD_BODIES = {
    "year 1": '[["product:1","views",-62135596800000,10000]]',
    "far future": '[["product:1","views",99999999999999999999,10000]]',
    "before 2000": '[["product:1","views",0,10000]]',
    "huge": json.dumps([["product:1", "views", NOW, 10**400]]),
    "deep": "[" * 50_000,
    "half a character": json.dumps([["product:\ud83d", "views", NOW, 10_000]]),
    "long object": json.dumps([["product:" + "x" * 3_000, "views", NOW, 10_000]]),
    "no object": json.dumps([["", "views", NOW, 10_000]]),
    "other kind": json.dumps([["page:1", "views", NOW, 10_000]]),
    "no field": json.dumps([["product:1", "", NOW, 10_000]]),
    "no body": "",
    "wide": json.dumps([[f"product:{number}", "views", NOW, 10_000] for number in range(200)]),
}


@pytest.mark.parametrize("declared_only", [False, True])
@pytest.mark.parametrize("body", ODD_BODIES.values(), ids=ODD_BODIES)
def test_an_odd_message_is_set_aside_and_the_lane_goes_on(body, declared_only):
    rules = {"granularity": "hourly", "retention_days": 30, "declared_only": declared_only}
    known = definitions(tracker(lanes=1, **rules))
    store = MemoryStore()
    store.save_tracked("products", [Tracked("product:1")])
    emit(store, known, event())
    emit(store, known, event())
    store._lanes["products", 0][f"{NOW:013d}#odd"] = body
    folded = fold_all(store, known)

    assert (folded.failed, folded.events) == ((), 2)
    assert store.pending("products", 0, NOW + 1, 9) == []
    asides = store.aside("products", NOW, 1_000)
    assert asides
    assert json.dumps([each.shown() for each in asides])
