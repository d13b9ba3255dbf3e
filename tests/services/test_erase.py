"""Erasure: nothing of a person stays in any document, and its ids bring nothing back."""

import json

import pytest

from chalicelib.domain.errors import NotFound, Refused
from chalicelib.domain.event import BROWSER, SERVER, Confirmed, Enrolled, Reached
from chalicelib.domain.identity import own_id
from chalicelib.domain.instant import DAY
from chalicelib.domain.visitor import Confirmation
from chalicelib.services.collect import collect
from chalicelib.services.erase import erase
from chalicelib.services.identify import identify
from chalicelib.storage.memory import MemoryStore
from tests.domain.worlds import START, world
from tests.recounts import counts

WORLD = world()
NOW = START + DAY
DEVICES = ("phone-01", "laptop-1", "tablet-1")


@pytest.fixture
def store():
    made = MemoryStore()
    made._experiments.update(WORLD.experiments)
    made._goals.update(WORLD.goals)
    for device in DEVICES:
        told = [
            Confirmed(f"c{device}", NOW),
            Enrolled(f"e{device}", NOW, "whole"),
            Reached(f"g{device}", NOW, "buy"),
        ]
        collect(made, WORLD, device, told, NOW, BROWSER, signed=True)
        identify(made, WORLD, device, "ann", Confirmation(NOW, device), NOW)
    collect(made, WORLD, "somebody-else", [Confirmed("x", NOW), Enrolled("y", NOW, "whole")], NOW, BROWSER)
    return made


@pytest.mark.parametrize("named", [*DEVICES, own_id("ann")])
def test_a_person_is_erased_everywhere_by_any_of_its_ids(store, named):
    assert erase(store, named, NOW) == 4
    assert "ann" not in json.dumps(store.visitors)
    assert store.aliases("phone-01") == []
    for device in DEVICES:
        assert json.loads(store.visitors[device][0]) == {"v": 2, "x": True}


def test_the_next_recount_lacks_the_person_alone(store):
    erase(store, "laptop-1", NOW)

    assert sum(counts(store, "whole", NOW).enrolled.values()) == 1


def test_an_erased_id_takes_nothing_and_cannot_be_linked_again(store):
    erase(store, "phone-01", NOW)
    for device in DEVICES:
        with pytest.raises(Refused, match="erased"):
            collect(store, WORLD, device, [Confirmed("z", NOW)], NOW, BROWSER, signed=True)
    found = identify(store, WORLD, "phone-01", "ann", Confirmation(NOW, "z"), NOW)

    assert found.visitor_id == own_id("ann")
    assert store.load_visitor("phone-01", NOW)[0].erased


def test_the_user_may_come_back_as_somebody_new(store):
    erase(store, own_id("ann"), NOW)
    collect(store, WORLD, own_id("ann"), [Reached("n", NOW, "buy")], NOW, SERVER, True, registered=True)

    assert store.load_visitor(own_id("ann"), NOW)[0].enrollments == {}


def test_whom_nobody_knows_is_not_found_nor_who_was_erased_before(store):
    with pytest.raises(NotFound):
        erase(store, "never-seen", NOW)
    erase(store, "phone-01", NOW)
    with pytest.raises(NotFound):
        erase(store, "phone-01", NOW)


def test_an_event_that_was_under_way_does_not_bring_the_person_back(store):
    save, hurried = store.save_visitor, []

    def erased_meanwhile(visitor, version):
        if not hurried:
            hurried.append(True)
            erase(store, "phone-01", NOW)
        save(visitor, version)

    store.save_visitor = erased_meanwhile
    with pytest.raises(Refused, match="erased"):
        collect(store, WORLD, "laptop-1", [Reached("late", NOW, "buy")], NOW, BROWSER, signed=True)


def test_a_person_with_hundreds_of_devices_is_erased_whole(store):
    for number in range(200):
        identify(store, WORLD, f"private-{number:03d}", "ann", Confirmation(NOW, str(number)), NOW)

    assert erase(store, "private-007", NOW) == 204
    assert "ann" not in json.dumps(store.visitors)
