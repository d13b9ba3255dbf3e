"""What one transaction takes; and that a million events come to what a naive sum says."""

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.instant import DAY
from chalicelib.domain.tracking import fold_plan
from chalicelib.domain.tracking.fold_plan import MAX_ACTIONS, plan
from chalicelib.domain.tracking.increment import Entry, Message
from chalicelib.domain.tracking.tracker import Bucket
from tests.tracking import NOW, tracker

KNOWN = tracker()
ALL = frozenset[str]()


def message(number: int, *entries: Entry) -> Message:
    return Message("products", 0, f"{NOW:013d}#{number}", entries)


def test_99_messages_to_one_counter_are_one_transaction():
    messages = [message(n, Entry("product:1", "views", NOW, 10_000)) for n in range(150)]
    batch = plan(KNOWN, messages, frozenset(), NOW)

    assert (len(batch.messages), len(batch.sums), batch.actions) == (99, 1, 100)
    assert batch.events == 99


def test_an_entry_that_the_tracker_no_longer_takes_is_set_aside_and_the_others_count():
    entries = [Entry("product:1", field, NOW, 10_000) for field in ("views", "gone", "buys")]
    batch = plan(KNOWN, [message(1, *entries)], frozenset(), NOW)

    assert [each.reason for each in batch.aside] == ["unknown_field"]
    assert batch.aside[0].event["field"] == "gone"
    assert len(batch.sums) == 2
    assert batch.events == 2


def test_what_is_set_aside_is_dated_no_earlier_than_it_happened():
    """By a clock that lags, a replay would take it for an event of the future."""
    batch = plan(KNOWN, [message(1, Entry("product:1", "gone", NOW, 1))], frozenset(), NOW - DAY)

    assert [each.received_at for each in batch.aside] == [NOW]


def test_a_tracker_of_declared_objects_takes_no_other():
    known = tracker(declared_only=True)
    made = message(1, Entry("product:1", "views", NOW, 1), Entry("product:2", "views", NOW, 1))
    batch = plan(known, [made], frozenset({"product:2"}), NOW)

    assert [each.reason for each in batch.aside] == ["unknown_object"]
    assert [counter[0] for counter in batch.sums] == ["product:2"]


entries = st.builds(
    Entry,
    st.sampled_from([f"product:{n}" for n in range(70)]),
    st.sampled_from(["views", "buys", "gone"]),
    st.integers(NOW - 3 * DAY, NOW),
    st.integers(-(10**13), 10**13),
)


@given(st.lists(st.lists(entries, max_size=50), max_size=20))
def test_batches_fit_take_every_message_once_and_lose_no_entry(written):
    waiting = [message(number, *each) for number, each in enumerate(written)]
    sums: Counter[tuple[str, str, Bucket]] = Counter()
    aside = 0
    while waiting:
        batch = plan(KNOWN, waiting, frozenset(), NOW)
        assert batch.messages == waiting[: len(batch.messages)] != []
        assert batch.actions <= MAX_ACTIONS
        waiting = waiting[len(batch.messages) :]
        sums.update(batch.sums)
        aside += len(batch.aside)
    naive: Counter[tuple[str, str, Bucket]] = Counter()
    for each in [entry for entries in written for entry in entries]:
        if each.field != "gone":
            naive[each.object, each.field, Bucket(each.at // DAY)] += each.amount

    assert sums == naive
    assert aside == sum(each.field == "gone" for entries in written for each in entries)


@pytest.mark.slow
def test_a_million_events_equal_a_naive_sum():
    chance = random.Random(20261121)
    pool = [
        Entry(f"product:{n % 20}", "views", NOW - n % 3 * DAY, chance.randrange(-(10**9), 10**10))
        for n in range(5_000)
    ]
    naive: Counter[tuple[str, str, Bucket]] = Counter()
    sums: Counter[tuple[str, str, Bucket]] = Counter()
    waiting: list[Message] = []
    for number in range(20_000):
        entries = chance.choices(pool, k=50)
        for each in entries:
            naive[each.object, each.field, Bucket(each.at // DAY)] += each.amount
        waiting.append(message(number, *entries))
    while waiting:
        batch = plan(KNOWN, waiting[:99], frozenset(), NOW)
        del waiting[: len(batch.messages)]
        sums.update(batch.sums)

    assert sum(naive.values()) > 0
    assert sums == naive


@pytest.mark.parametrize(
    "error", [OverflowError("odd"), ValueError("odd"), KeyError("odd"), RecursionError()]
)
def test_a_message_that_cannot_be_planned_is_set_aside_with_its_reason_and_the_others_count(
    monkeypatch, error
):
    def odd(tracker, entry, declared):
        if entry.object == "product:odd":
            raise error

    monkeypatch.setattr(fold_plan, "takes", odd)
    names = ("product:1", "product:odd", "product:2")
    batch = plan(
        KNOWN, [message(n, *[Entry(each, "views", NOW, 1)] * 2) for n, each in enumerate(names)], ALL, NOW
    )

    assert (len(batch.messages), batch.events, len(batch.aside)) == (3, 4, 2)
    assert {each.reason for each in batch.aside} == {"unreadable"}
    assert type(error).__name__ in batch.aside[0].problem
    assert batch.aside[0].event["object"] == "product:odd"


@pytest.mark.parametrize("at", [-(10**18), 0, 10**18])
def test_an_entry_of_an_odd_instant_is_set_aside_by_itself(at):
    entries = [Entry("product:1", "views", each, 10_000) for each in (NOW, at, NOW)]
    batch = plan(KNOWN, [message(1, *entries)], frozenset(), NOW)

    assert (batch.events, [each.reason for each in batch.aside]) == (2, ["bad_time"])
    assert batch.aside[0].event["at"] == at
