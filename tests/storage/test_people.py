"""What a login and an erasure need of a store: both stores, one contract."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from chalicelib.domain.errors import Conflict, Refused
from chalicelib.domain.instant import DAY, SECOND
from chalicelib.domain.visitors.event import SERVER, Confirmed, Enrolled, Reached
from chalicelib.domain.visitors.identity import own_id
from chalicelib.domain.visitors.visitor import Confirmation, Fact, Visitor
from chalicelib.services.visitors.collect import collect
from chalicelib.services.visitors.identify import identify
from tests.domain.worlds import START, world

NOW = START + DAY
LATER = NOW + DAY
WORLD = world()


def visitor(visitor_id, **fields):
    return Visitor(visitor_id, expires_at=LATER, **fields)


def test_several_visitors_are_written_together(store):
    store.save_visitors([(visitor("one", claimed_at=1), 0), (visitor("two", claimed_at=2), 0)], {})

    assert store.load_visitor("one", NOW) == (visitor("one", claimed_at=1), 1)
    assert store.load_visitor("two", NOW) == (visitor("two", claimed_at=2), 1)


def test_one_wrong_version_writes_nothing_of_all(store):
    store.save_visitor(visitor("two", claimed_at=2), 0)
    with pytest.raises(Conflict):
        store.save_visitors([(visitor("one", claimed_at=1), 0), (visitor("two", claimed_at=3), 7)], {})

    assert store.load_visitor("one", NOW)[1] == 0
    assert store.load_visitor("two", NOW)[0].claimed_at == 2


def test_visitors_are_removed_in_the_same_transaction_or_not_at_all(store):
    store.save_visitors([(visitor("one", claimed_at=1), 0), (visitor("two", claimed_at=2), 0)], {})
    with pytest.raises(Conflict):
        store.save_visitors([(visitor("one", claimed_at=9), 1)], {"two": 5})
    assert store.load_visitor("two", NOW)[1] == 1

    store.save_visitors([(visitor("one", claimed_at=9), 1)], {"two": 1})
    assert store.load_visitor("one", NOW)[0].claimed_at == 9
    assert store.load_visitor("two", NOW) == (Visitor("two"), 0)


def test_a_document_that_is_too_large_stops_the_transaction(store):
    facts = tuple(Fact(f"{number:011d}", 1, "goal" * 10, 1) for number in range(6000))
    with pytest.raises(Refused, match="document_too_large"):
        store.save_visitors([(visitor("one", claimed_at=1), 0), (visitor("two", facts=facts), 0)], {})

    assert store.load_visitor("one", NOW)[1] == 0


def test_pointers_and_tombstones_are_read_as_they_were_written(store):
    for each in (visitor("one", belongs_to="~ann"), visitor("two", erased=True)):
        store.save_visitor(each, 0)

        assert store.load_visitor(each.id, NOW) == (each, 1)


def test_a_user_id_in_any_script_is_a_key(store):
    for user in ("ann@example.org", "Ünïcode 猫 🐈", "a" * 256, "a/b#c?d%2E"):
        store.save_visitor(visitor(own_id(user), claimed_at=1), 0)

        assert store.load_visitor(own_id(user), NOW)[1] == 1


def test_aliases_are_remembered_once_and_forgotten_by_name(store):
    for alias, version in (("b", 0), ("a", 0), ("b", 1)):
        store.save_visitor(visitor(alias, belongs_to="one"), version)
    store.save_visitors([(visitor("c", belongs_to="two"), 0), (visitor("d", claimed_at=1), 0)], {})
    assert store.aliases("one") == ["a", "b"]

    store.remove_aliases("one", ["b", "never"])
    assert store.aliases("one") == ["a"]
    store.remove_aliases("one", {"a"})
    store.remove_aliases("one", [])
    assert store.aliases("one") == []
    assert store.aliases("two") == ["c"]


def test_a_pointer_that_is_not_written_is_no_alias(store):
    store.save_visitor(visitor("a", claimed_at=1), 0)
    with pytest.raises(Conflict):
        store.save_visitors([(visitor("a", belongs_to="one"), 7)], {})

    assert store.aliases("one") == []


def test_an_alias_lives_as_long_as_its_pointer(dynamo_store):
    """A device that is used for years must be found by an erasure."""
    for version, at in enumerate((LATER, LATER + 400 * DAY)):
        dynamo_store.save_visitor(visitor("a", belongs_to="one")._replace(expires_at=at), version)
        (alias,) = dynamo_store._items.query("aliases#one")

        assert alias.expires_at == at // SECOND


def test_sixteen_devices_that_log_in_at_once_are_one_participant_with_all_goals(dynamo_store):
    store, devices = dynamo_store, [f"device-{number:04d}" for number in range(16)]

    def life(device):
        told = [
            Confirmed(f"c {device}", NOW),
            Enrolled(f"e {device}", NOW, "whole", None, 1),
            Reached(f"g {device}", NOW + SECOND, "spend", 10_000),
        ]
        collect(store, WORLD, device, told, NOW + SECOND, SERVER, signed=True)
        identify(store, WORLD, device, "ann", Confirmation(NOW, device), NOW + SECOND)
        again = [Reached(f"h {device}", NOW + 2 * SECOND, "spend", 10_000)]
        collect(store, WORLD, device, again, NOW + 2 * SECOND, SERVER, signed=True)

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(life, devices))
    documents = [store.load_visitor(device, NOW)[0] for device in devices]
    canonical = [each for each in documents if each.belongs_to is None]

    assert [each.user_id for each in canonical] == ["ann"]
    assert {each.belongs_to for each in documents} == {None, canonical[0].id}
    assert len(canonical[0].facts) == 32
    assert {*store.aliases(canonical[0].id)} == {*devices, own_id("ann")} - {canonical[0].id}
