"""The laws of folding: whatever dies, repeats or runs at once, every event counts exactly once."""

import contextlib
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.errors import Conflict
from chalicelib.domain.instant import DAY, SECOND
from chalicelib.services.tracking.fold import GRACE, LEASE, Folder, fold, fold_until
from chalicelib.storage.memory.store import MemoryStore
from tests.laws import tried
from tests.tracking import NOW, SERVER, definitions, emit, event, fold_all, total, tracker

KNOWN = definitions(tracker(lanes=2), tracker(name="other", lanes=1))


class Killed(Exception):
    """The folder's process ended here."""


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
    with pytest.raises(Conflict):
        fold(
            Folder(store, lambda: clock[0], "report", sleep=sleep, wait=True),
            KNOWN.trackers.values(),
            NOW + 1,
        )


def test_everything_up_to_and_with_an_instant_is_folded():
    store = MemoryStore()
    emit(store, KNOWN, event(), now=NOW)
    emit(store, KNOWN, event(), now=NOW + 1)
    fold_until(store, [KNOWN.trackers["products"]], lambda: NOW, "report", NOW)

    assert sums(store) == (10_000, 0)


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
