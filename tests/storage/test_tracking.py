"""Lanes, leases, counters: memory and DynamoDB keep the same promises."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from chalicelib.domain.errors import Conflict, NotFound
from chalicelib.domain.instant import DAY, HOUR, SECOND
from chalicelib.domain.tracking.fold_plan import plan
from chalicelib.domain.tracking.increment import Entry, Message
from chalicelib.domain.tracking.set_aside import SetAside
from chalicelib.domain.tracking.tracked_object import Tracked
from chalicelib.domain.tracking.tracker import Bucket
from chalicelib.services.tracking.fold import LEASE, Folder, fold
from tests.services.tracking.test_fold import Faulty, Killed
from tests.tracking import NOW, definitions, emit, event, fold_all, message, total, tracker

ENTRY = Entry("product:1", "views", NOW, 10_000)
KNOWN = tracker(lanes=1)


def put(store: Any, *ids: str) -> list[Message]:
    messages = [message(each, ENTRY, of=KNOWN) for each in ids]
    store.append(messages, [], NOW)
    return messages


def test_a_lane_gives_its_oldest_messages_first_and_none_that_is_younger_than_asked(store):
    late, early = message("a", ENTRY, of=KNOWN, at=NOW + 5), message("b", ENTRY, of=KNOWN)
    store.append([late, early], [], NOW)

    assert store.pending("products", 0, NOW + 6, 10) == [early, late]
    assert store.pending("products", 0, NOW + 6, 1) == [early]
    assert store.pending("products", 0, NOW + 5, 10) == [early]
    assert store.pending("products", 1, NOW + 6, 10) == []


def test_a_batch_takes_its_messages_away_and_adds_their_sums(store):
    messages = put(store, "a", "b")
    store.apply(KNOWN, plan(KNOWN, messages, frozenset(), NOW))

    assert store.pending("products", 0, NOW + 1, 10) == []
    assert total(store, KNOWN) == {("product:1", "views", "2026-03-10"): 20_000}


def test_a_batch_with_one_message_gone_changes_nothing(store):
    messages = put(store, "a", "b")
    store.apply(KNOWN, plan(KNOWN, messages[:1], frozenset(), NOW))

    with pytest.raises(Conflict):
        store.apply(KNOWN, plan(KNOWN, messages, frozenset(), NOW))

    assert store.pending("products", 0, NOW + 1, 10) == messages[1:]
    assert total(store, KNOWN) == {("product:1", "views", "2026-03-10"): 10_000}


def test_a_full_transaction_of_99_messages_and_a_counter_goes_through(store):
    messages = put(store, *(f"m{number}" for number in range(99)))
    batch = plan(KNOWN, messages, frozenset(), NOW)
    store.apply(KNOWN, batch)

    assert batch.actions == 100
    assert total(store, KNOWN) == {("product:1", "views", "2026-03-10"): 990_000}


def test_sums_beyond_the_precision_of_a_float_are_exact(store):
    amounts = [10**22 + 1, 1, -7]
    for number, amount in enumerate(amounts):
        made = message(f"m{number}", Entry("product:1", "views", NOW, amount), of=KNOWN)
        store.append([made], [], NOW)
        store.apply(KNOWN, plan(KNOWN, [made], frozenset(), NOW))

    assert total(store, KNOWN) == {("product:1", "views", "2026-03-10"): sum(amounts)}


def test_an_append_with_an_id_that_came_before_keeps_nothing(store):
    first, second = message("a", ENTRY, of=KNOWN), message("b", ENTRY, of=KNOWN)
    assert store.append([first], [], NOW, once="server#1") is True
    assert store.append([second], [], NOW, once="server#1") is False
    assert store.append([second], [], NOW, once="browser#1") is True

    assert store.pending("products", 0, NOW + 1, 10) == [first, second]


def test_an_id_is_forgotten_after_eight_days(store):
    store.append([message("a", ENTRY, of=KNOWN)], [], NOW, once="server#1")

    assert store.append([], [], NOW + 7 * DAY, once="server#1") is False
    assert store.append([], [], NOW + 9 * DAY, once="server#1") is True


def test_a_lease_is_one_folder_s_until_it_ends_or_is_given_back(store):
    until = NOW + 60 * SECOND
    assert store.lease("products", 0, "one", NOW, until)
    assert not store.lease("products", 0, "two", NOW, until)
    assert store.lease("products", 1, "two", NOW, until)
    assert store.lease("products", 0, "one", NOW, until + 60 * SECOND)
    assert not store.lease("products", 0, "two", until + SECOND, until + 60 * SECOND)

    store.release("products", 0, "two")
    assert not store.lease("products", 0, "two", NOW, until)
    store.release("products", 0, "one")
    assert store.lease("products", 0, "two", NOW, until)
    assert store.lease("products", 0, "three", until + 2 * SECOND, until + 60 * SECOND)


def test_counters_lie_in_the_bucket_of_their_own_time(store):
    hourly = tracker(granularity="hourly", lanes=1)
    entries = [Entry("product:a#b", "views", NOW + step, 10_000) for step in (0, HOUR, HOUR + 1, -DAY)]
    made = message("a", *entries, of=hourly)
    store.append([made], [], NOW)
    store.apply(hourly, plan(hourly, [made], frozenset(), NOW))

    assert total(store, hourly) == {
        ("product:a#b", "views", "2026-03-10T12Z"): 10_000,
        ("product:a#b", "views", "2026-03-10T13Z"): 20_000,
        ("product:a#b", "views", "2026-03-09T12Z"): 10_000,
    }
    day = NOW // DAY
    buckets = [Bucket(day, 12), Bucket(day, 13), Bucket(day, 14)]
    found = store.counts_at(hourly, "product:a#b", "views", buckets, NOW)
    assert found == {buckets[0]: 10_000, buckets[1]: 20_000}


def test_a_tracker_of_totals_has_one_counter(store):
    totals = tracker(granularity="total", lanes=1)
    entries = [Entry("product:1", "views", NOW - days * DAY, 10_000) for days in range(5)]
    made = message("a", *entries, of=totals)
    store.append([made], [], NOW)
    store.apply(totals, plan(totals, [made], frozenset(), NOW))

    assert total(store, totals) == {("product:1", "views", "total"): 50_000}


def test_counters_are_gone_once_their_retention_is_over(store):
    brief = tracker(retention_days=2, lanes=1)
    made = message("a", ENTRY, of=brief)
    store.append([made], [], NOW)
    store.apply(brief, plan(brief, [made], frozenset(), NOW))
    day = NOW // DAY

    assert len(list(store.counts_between(brief, day, day, NOW + 2 * DAY))) == 1
    assert list(store.counts_between(brief, day, day, NOW + 3 * DAY)) == []
    assert store.counts_at(brief, "product:1", "views", [Bucket(day)], NOW + 3 * DAY) == {}


def test_what_was_set_aside_is_listed_newest_first_and_taken_once(store):
    records = [
        SetAside("products", f"{NOW + n:013d}#x", "no_number", "by: must be", {"n": n}, NOW + n)
        for n in range(3)
    ]
    store.append([], records, NOW)

    assert store.aside("products", NOW, 10) == records[::-1]
    assert store.aside("products", NOW, 1) == records[2:]
    assert store.aside("other", NOW, 10) == []
    assert store.aside_at("products", records[0].key, NOW) == records[0]
    assert store.aside_at("products", records[0].key, NOW + 31 * DAY) is None

    again = message("replayed", ENTRY, of=KNOWN)
    store.take_aside(records[0], again)
    with pytest.raises(NotFound):
        store.take_aside(records[0], message("twice", ENTRY, of=KNOWN))
    store.take_aside(records[1], None)

    assert store.pending("products", 0, NOW + 1, 10) == [again]
    assert store.aside("products", NOW, 10) == records[2:]


def test_declared_objects_are_found_by_name_and_listed(store):
    store.save_tracked("products", [Tracked("product:1", "One", "/one"), Tracked("product:2")])
    store.save_tracked("products", [Tracked("product:2", "Two")])

    assert store.tracked("products", ["product:2", "product:3"]) == {"product:2": Tracked("product:2", "Two")}
    assert sorted(store.tracked("products")) == ["product:1", "product:2"]
    assert store.tracked("other") == {}


def test_trackers_are_definitions_under_their_version(store):
    saved = store.save_tracker(tracker(public_key="pk", origins=["https://a.example"], retention_days=9))

    assert store.definitions().trackers["products"] == saved
    assert {"excluded", "refused", "unknown_goals"} <= set(store.definitions().trackers)
    with pytest.raises(Conflict):
        store.save_tracker(tracker())


def test_a_message_that_cannot_be_read_is_set_aside_and_blocks_nothing(dynamo_store):
    dynamo_store._items("lane#products#00", f"{NOW:013d}#bad", body='[["product:1"]]').save()
    dynamo_store._items("lane#products#00", f"{NOW:013d}#none").save()
    put(dynamo_store, "good")
    folded = fold_all(dynamo_store, definitions(KNOWN))

    assert (folded.messages, folded.events, folded.set_aside) == (3, 1, 2)
    assert [each.reason for each in dynamo_store.aside("products", NOW, 9)] == ["unreadable"] * 2
    assert fold_all(dynamo_store, definitions(KNOWN)).messages == 0


def test_two_folders_at_once_on_the_emulator_count_each_event_once(dynamo_store):
    """Without leases, so that they do meet."""
    known = tracker(lanes=2)
    for _ in range(150):
        emit(dynamo_store, definitions(known), event(), event(field="buys", by="0.1"))

    class Unleased:
        def __getattr__(self, name: str) -> Any:
            return getattr(dynamo_store, name)

        def lease(self, *args: Any) -> bool:
            return True

        def release(self, *args: Any) -> None:
            pass

    def run(owner: int) -> int:
        folder = Folder(Unleased(), lambda: NOW, f"folder-{owner}")
        return fold(folder, [known], NOW + 1).events

    with ThreadPoolExecutor(3) as pool:
        applied = list(pool.map(run, range(3)))

    assert sum(applied) == 300
    assert total(dynamo_store, known) == {
        ("product:1", "views", "2026-03-10"): 1_500_000,
        ("product:1", "buys", "2026-03-10"): 150_000,
    }


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_folder_killed_at_any_call_on_the_emulator_loses_and_doubles_nothing(dynamo_store, after):
    """One lane, two transactions; before each run as many messages again."""
    known, expected, deaths = definitions(KNOWN), 0, 0
    for call in range(1, 16):
        later = NOW + call * 3 * LEASE
        for number in range(3):
            made = [Entry("product:1", f"{field}s", later, 10_000) for field in ("view", "buy")]
            dynamo_store.append([message(f"{call}-{number}", *made, of=KNOWN, at=later)], [], later)
            expected += 20_000
        folder = Folder(Faulty(dynamo_store, call, after), lambda later=later: later, f"folder-{call}")
        try:
            fold(folder, [KNOWN], later + 1, most=2)
        except Killed:
            deaths += 1
    fold_all(dynamo_store, known, NOW + 100 * LEASE, owner="last")

    assert deaths >= 4
    assert sum(total(dynamo_store, KNOWN).values()) == expected
