"""Events at the door: what is taken, and the one word for each way of being malformed."""

from decimal import Decimal

import pytest

from chalicelib.domain.errors import UnreadableDocument
from chalicelib.domain.instant import DAY, HOUR, iso_at
from chalicelib.domain.tracking.increment import (
    Entry,
    Malformed,
    body_of,
    emit_from,
    entries_of,
    event_of,
    message_key,
    messages_of,
)
from tests.tracking import NOW, definitions, event, tracker

TRACKERS = definitions(tracker()).trackers


@pytest.mark.parametrize(
    ("fields", "amount"),
    [
        ({}, 10_000),
        ({"by": 0}, 0),
        ({"by": 3}, 30_000),
        ({"by": -3}, -30_000),
        ({"op": "decr", "by": "0.1"}, -1_000),
        ({"by": 0.1}, 1_000),
        ({"by": "1000000000"}, 10**13),
        ({"by": "1e3"}, 10**7),
        ({"by": Decimal("12.3456")}, 123_456),
    ],
)
def test_an_amount_is_exact_and_one_when_it_is_not_said_and_zero_when_it_is_zero(fields, amount):
    assert emit_from(event(**fields), TRACKERS, NOW, server=False).entry.amount == amount


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"tracker": "other"}, "unknown_tracker"),
        ({"tracker": 5}, "unknown_tracker"),
        ({"tracker": "excluded"}, "unknown_tracker"),
        ({"object": "user:1"}, "unknown_object"),
        ({"object": None}, "unknown_object"),
        ({"field": "sales"}, "unknown_field"),
        ({"field": ["views"]}, "unknown_field"),
        ({"op": "set"}, "unknown_op"),
        ({"op": {}}, "unknown_op"),
        ({"by": "many"}, "no_number"),
        ({"by": "٣"}, "no_number"),
        ({"by": True}, "no_number"),
        ({"by": None}, "no_number"),
        ({"by": float("nan")}, "no_number"),
        ({"by": 2_000_000_000}, "no_number"),
        ({"by": "0.00001"}, "no_number"),
        ({"age": "5"}, "bad_time"),
        ({"age": float("nan")}, "bad_time"),
        ({"age": DAY + 1}, "too_old"),
    ],
)
def test_every_way_of_being_malformed_has_its_word(fields, reason):
    with pytest.raises(Malformed) as refused:
        emit_from(event(**fields), TRACKERS, NOW, server=False)

    assert refused.value.reason == reason


@pytest.mark.parametrize("key", ["tracker", "object", "field"])
def test_a_missing_key_is_named(key):
    fields = {name: value for name, value in event().items() if name != key}
    with pytest.raises(Malformed) as refused:
        emit_from(fields, TRACKERS, NOW, server=True)

    assert (refused.value.reason, refused.value.field) == ("missing_key", key)


@pytest.mark.parametrize("fields", [None, "views", ["views"], 5])
def test_what_is_no_object_is_malformed(fields):
    with pytest.raises(Malformed):
        emit_from(fields, TRACKERS, NOW, server=True)


def test_browsers_may_be_a_day_late_and_servers_seven():
    assert emit_from(event(age=DAY), TRACKERS, NOW, server=False).entry.at == NOW - DAY
    assert emit_from(event(age=7 * DAY), TRACKERS, NOW, server=True).entry.at == NOW - 7 * DAY
    with pytest.raises(Malformed):
        emit_from(event(age=7 * DAY + 1), TRACKERS, NOW, server=True)


def test_only_servers_say_when_it_was():
    at = iso_at(NOW - HOUR)

    assert emit_from(event(at=at), TRACKERS, NOW, server=True).entry.at == NOW - HOUR
    assert emit_from(event(at=at), TRACKERS, NOW, server=False).entry.at == NOW
    with pytest.raises(Malformed) as refused:
        emit_from(event(at=iso_at(NOW + HOUR)), TRACKERS, NOW, server=True)
    assert refused.value.reason == "in_the_future"


def test_entries_are_stored_and_read_back():
    entries = (Entry("product:ü", "views", NOW, -5), Entry("product:1", "buys", 0, 10**15))

    assert entries_of(body_of(entries)) == entries


@pytest.mark.parametrize(
    "body", ["", "{", "5", "[[1]]", '[["a","b",1,"2"]]', '[["a","b",1.5,2]]', "[[1,2,3,4]]", "null"]
)
def test_a_body_of_another_form_cannot_be_read(body):
    with pytest.raises(UnreadableDocument):
        entries_of(body)


def test_an_entry_as_an_event_is_taken_as_the_same_entry():
    entry = Entry("product:1", "views", NOW - 5, -12_500)

    assert emit_from(event_of("products", entry), TRACKERS, NOW, server=True).entry == entry


def test_messages_are_split_by_tracker_and_never_hold_more_than_a_transaction_can():
    other = tracker(name="other")
    known = definitions(tracker(), other).trackers
    emits = [emit_from(event(object=f"product:{n}"), known, NOW, server=True) for n in range(120)]
    emits.append(emit_from(event(tracker="other"), known, NOW, server=True))
    messages = messages_of(emits, known, message_key(NOW, "id"))

    assert [(each.tracker, len(each.entries)) for each in messages] == [
        ("products", 50),
        ("products", 50),
        ("products", 20),
        ("other", 1),
    ]
    assert len({(each.tracker, each.key) for each in messages}) == 4


def test_messages_spread_over_all_lanes():
    known = definitions(tracker(lanes=4)).trackers
    emit = emit_from(event(), known, NOW, server=True)
    lanes = [messages_of([emit], known, message_key(NOW, f"id-{n}"))[0].lane for n in range(4000)]

    # 4 × 1000 expected: a deviation of 5 standard deviations (27.4 each) is no chance.
    assert all(abs(lanes.count(lane) - 1000) < 5 * 27.4 for lane in range(4))
