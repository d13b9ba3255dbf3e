"""Emitting: who may, what is set aside, what is an error, and that only appending happens."""

from typing import Any

import pytest

from chalicelib.domain.errors import InvalidInput
from chalicelib.domain.tracking.tracked_object import Tracked
from chalicelib.domain.values import VALUE_SCALE
from chalicelib.services.tracking.track import Sender
from chalicelib.storage.memory.store import MemoryStore
from tests.tracking import NOW, SERVER, definitions, emit, event, fold_all, total, tracker


def statuses(store: MemoryStore, known: Any, *events: object, **kwargs: Any) -> list[str]:
    return [each.status for each in emit(store, known, *events, **kwargs)]


def counted(store: MemoryStore, known: Any) -> int:
    fold_all(store, known)
    return sum(total(store, known.trackers["products"]).values())


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


def test_incr_and_decr_by_exact_values(store):
    known = definitions(tracker())
    events = [event(by="0.1") for _ in range(3)] + [event(op="decr", by="0.3"), event(by=0)]
    emit(store, known, *events)

    assert counted(store, known) == 0
    assert len(total(store, known.trackers["products"])) == 1


def test_several_trackers_of_one_object_count_apart(store):
    known = definitions(tracker(), tracker(name="sales", fields=["views", "returns"]))
    emit(store, known, event(), event(), event(tracker="sales"), event(tracker="sales", field="returns"))
    fold_all(store, known)
    found = {
        name: {key[:2]: amount // VALUE_SCALE for key, amount in total(store, known.trackers[name]).items()}
        for name in ("products", "sales")
    }

    assert found == {
        "products": {("product:1", "views"): 2},
        "sales": {("product:1", "views"): 1, ("product:1", "returns"): 1},
    }


def test_a_browser_s_malformed_event_is_set_aside_and_the_others_count(store):
    known = definitions(tracker())
    bad = event(by="many")

    assert statuses(store, known, event(), bad, event(tracker="?")) == ["accepted", "set_aside", "set_aside"]
    assert counted(store, known) == 10_000
    (aside,) = store.aside("products", NOW, 9)
    assert (aside.reason, aside.event, aside.problem) == ("no_number", bad, "by: must be a number")
    assert [each.reason for each in store.aside("", NOW, 9)] == ["unknown_tracker"]


def test_a_server_s_malformed_event_is_named_and_not_kept(store):
    known = definitions(tracker())
    results = emit(store, known, event(), event(field="sales"), sender=SERVER)

    assert [each.shown() for each in results] == [
        {"status": "accepted"},
        {
            "status": "malformed",
            "reason": "unknown_field",
            "field": "field",
            "error": "'products' has no field 'sales'",
        },
    ]
    assert store.aside("products", NOW, 9) == []
    assert counted(store, known) == 10_000


@pytest.mark.parametrize("sender", [Sender(), SERVER], ids=["browser", "server"])
def test_a_strict_tracker_makes_it_an_error_and_keeps_nothing_of_the_request(store, sender):
    known = definitions(tracker(strict=True))
    with pytest.raises(InvalidInput) as refused:
        emit(store, known, event(), event(by="many"), sender=sender)

    assert refused.value.field == "events[1].by"
    assert counted(store, known) == 0
    assert store.aside("products", NOW, 9) == []


def test_spiders_are_not_counted_unless_the_tracker_counts_them(store):
    known = definitions(tracker(), tracker(name="robots", count_spiders=True))
    events = [event(), event(tracker="robots"), event(tracker="unknown")]

    assert statuses(store, known, *events, spider=True) == ["spider", "accepted", "spider"]
    assert counted(store, known) == 0
    assert store.aside("", NOW, 9) == []


@pytest.mark.parametrize(
    ("rules", "sender", "status"),
    [
        ({"server_only": True}, Sender(), "refused"),
        ({"server_only": True}, SERVER, "accepted"),
        ({"public_key": "pk"}, Sender(), "refused"),
        ({"public_key": "pk"}, Sender(key="other"), "refused"),
        ({"public_key": "pk"}, Sender(key="pk"), "accepted"),
        ({"public_key": "pk"}, SERVER, "accepted"),
        ({"origins": ["https://a.example"]}, Sender(), "refused"),
        ({"origins": ["https://a.example"]}, Sender(origin="https://a.example.evil"), "refused"),
        ({"origins": ["https://a.example"]}, Sender(origin="https://A.example"), "accepted"),
    ],
)
def test_who_may_emit(store, rules, sender, status):
    known = definitions(tracker(**rules))

    assert statuses(store, known, event(), sender=sender) == [status]
    assert counted(store, known) == (10_000 if status == "accepted" else 0)


def test_nobody_emits_to_what_is_built_in(store):
    bad = event(tracker="excluded", object="experiment:a", field="bot")

    assert statuses(store, definitions(), bad) == ["refused"]
    assert statuses(store, definitions(), bad, sender=SERVER) == ["malformed"]


def test_a_repeated_request_with_its_id_counts_once_even_after_folding(store):
    known = definitions(tracker())
    for _ in range(3):
        assert statuses(store, known, event(), once="order-7") == ["accepted"]
        fold_all(store, known)

    assert counted(store, known) == 10_000


def test_objects_that_must_be_declared_are_checked_at_the_door_for_servers_and_while_folding_for_browsers(
    store,
):
    known = definitions(tracker(declared_only=True))
    store.save_tracked("products", [Tracked("product:1")])
    events = [event(), event(object="product:2")]

    assert statuses(store, known, *events, sender=SERVER) == ["accepted", "malformed"]
    assert statuses(store, known, *events) == ["accepted", "accepted"]
    assert counted(store, known) == 20_000
    assert [each.reason for each in store.aside("products", NOW, 9)] == ["unknown_object"]


def test_a_strict_tracker_looks_up_objects_at_the_door(store):
    with pytest.raises(InvalidInput):
        emit(store, definitions(tracker(declared_only=True, strict=True)), event())


def test_emitting_appends_in_one_call_and_reads_nothing(store):
    calls = []

    class Watched:
        def __getattr__(self, name: str) -> Any:
            calls.append(name)
            return getattr(store, name)

    known = definitions(tracker(), tracker(name="other"))
    emit(Watched(), known, event(), event(tracker="other"), event(by="x"))

    assert calls == ["append"]


def test_a_request_that_names_too_many_trackers_for_one_transaction_is_refused(store):
    known = definitions(*(tracker(name=f"t{n}") for n in range(91)))
    with pytest.raises(InvalidInput):
        emit(store, known, *(event(tracker=f"t{n}") for n in range(91)), sender=SERVER)


def test_a_long_event_is_kept_only_by_its_beginning(store):
    emit(store, definitions(tracker()), event(by="x" * 9_000))

    assert len(store.aside("products", NOW, 9)[0].event) == 2_000
