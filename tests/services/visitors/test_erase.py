"""Erasure: nothing of a person stays in any document, and its ids bring nothing back."""

import json

import pytest

from chalicelib.domain.errors import NotFound, Refused
from chalicelib.domain.instant import DAY
from chalicelib.domain.visitors.event import BROWSER, SERVER, Confirmed, Enrolled, Reached
from chalicelib.domain.visitors.identity import own_id
from chalicelib.domain.visitors.visitor import Confirmation
from chalicelib.services import jobs
from chalicelib.services.reports import recount_job
from chalicelib.services.visitors.collect import collect
from chalicelib.services.visitors.erase import erase
from chalicelib.services.visitors.identify import identify
from chalicelib.storage.memory.store import MemoryStore
from tests.domain.worlds import START, world
from tests.recounts import counts

WORLD = world()
NOW = START + DAY
DEVICES = ("phone-01", "laptop-1", "tablet-1")


@pytest.fixture
def store():
    made = MemoryStore()
    for experiment in WORLD.experiments.values():
        made.hold(experiment)
    for goal in WORLD.goals.values():
        made.hold(goal)
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


@pytest.mark.parametrize("done", [1, 2])
@pytest.mark.parametrize("named", ["private-007", own_id("ann"), "phone-01"])
def test_an_erasure_that_is_cut_short_is_completed_by_the_same_request(store, named, done):
    """181 documents: where the last ones were written alone, nothing would lead to them any more."""
    for number in range(177):
        identify(store, WORLD, f"private-{number:03d}", "ann", Confirmation(NOW, str(number)), NOW)
    write, written = store.save_visitors, []

    def broken_off(*request):
        if len(written) == done:
            raise OSError("the function's time is over")
        write(*request)
        written.append(request)

    store.save_visitors = broken_off
    with pytest.raises(OSError, match="time"):
        erase(store, named, NOW)
    store.save_visitors = write
    erase(store, named, NOW)

    assert "ann" not in json.dumps(store.visitors)


def test_a_device_that_writes_meanwhile_does_not_end_the_erasure_of_hundreds(store):
    for number in range(200):
        identify(store, WORLD, f"private-{number:03d}", "ann", Confirmation(NOW, str(number)), NOW)
    write, hurried = store.save_visitors, []

    def hurried_on(*request):
        hurried.append(request)
        if len(hurried) == 2:
            collect(store, WORLD, "phone-01", [Reached("more", NOW, "buy")], NOW, BROWSER, signed=True)
        write(*request)

    store.save_visitors = hurried_on
    erase(store, own_id("ann"), NOW)

    assert len(hurried) > 3
    assert "ann" not in json.dumps(store.visitors)


def test_a_document_that_cannot_be_read_is_erased_with_the_devices_that_point_to_it(store):
    _, version, expires_at = store.visitors["phone-01"]
    store.visitors["phone-01"] = '{"v": 9, "u": "ann"}', version, expires_at

    assert erase(store, own_id("ann"), NOW) == 4
    assert "ann" not in json.dumps(store.visitors)


@pytest.mark.parametrize("broken", ["laptop-1", own_id("ann")])
def test_a_linked_document_that_cannot_be_read_is_erased_with_the_person(store, broken):
    _, version, expires_at = store.visitors[broken]
    store.visitors[broken] = '{"v": 9, "p": "phone-01", "old": "facts"}', version, expires_at

    assert erase(store, "tablet-1", NOW) == 4
    assert own_id("ann") not in store.visitors
    assert "facts" not in json.dumps(store.visitors)
    assert store.aliases("phone-01") == []


def test_a_person_whose_document_has_expired_is_erased_by_a_device_all_the_same(store):
    """The pointers to it may be younger, and one of them names the user."""
    body, version, _ = store.visitors["phone-01"]
    store.visitors["phone-01"] = body, version, NOW

    assert erase(store, "laptop-1", NOW) == 4
    assert "ann" not in json.dumps(store.visitors)


def server_only():
    """A store in which a server told of a user, and one device has logged in since."""
    store = MemoryStore()
    for goal in WORLD.goals.values():
        store.hold(goal)
    collect(store, WORLD, own_id("ann"), [Reached("n", NOW, "buy")], NOW, SERVER, True, registered=True)
    identify(store, WORLD, "first-device", "ann", Confirmation(NOW, "a"), NOW)
    return store


def test_an_empty_device_that_logs_in_while_its_user_is_erased_is_erased_too():
    store = server_only()
    write = store.save_visitors

    def hurried(*request):
        store.save_visitors = write
        identify(store, WORLD, "fresh-device", "ann", Confirmation(NOW, "b"), NOW)
        write(*request)

    store.save_visitors = hurried
    erase(store, own_id("ann"), NOW)

    assert "ann" not in json.dumps(store.visitors)
    assert store.aliases(own_id("ann")) == []


def test_a_user_erased_during_a_login_begins_anew_and_is_known_to_all_its_documents():
    store = server_only()
    write = store.save_visitors

    def erased_meanwhile(*request):
        store.save_visitors = write
        erase(store, own_id("ann"), NOW)
        write(*request)

    store.save_visitors = erased_meanwhile
    found = identify(store, WORLD, "fresh-device", "ann", Confirmation(NOW, "b"), NOW)

    assert found.visitor_id == "fresh-device"
    assert erase(store, own_id("ann"), NOW) == 2
    assert "ann" not in json.dumps(store.visitors)


def with_job(store, job_id, failures, unreadable):
    recount_job.start(store, job_id, 1, NOW)
    jobs.change(
        store,
        job_id,
        lambda job: {**job, "calculation": {"calls": 9, "failures": failures}, "unreadable": unreadable},
    )


@pytest.mark.parametrize("named", ["laptop-1", own_id("ann")])
def test_no_job_says_anything_of_the_person_any_more(store, named):
    others = [["~bob", "ValueError: no account of bob"]]
    with_job(store, "monday", [["phone-01", "ValueError: no account of ann"], *others], [["x", "not read"]])
    with_job(store, "tuesday", others, [["laptop-1", "format 9 is not known"], ["x", "not read"]])
    with_job(store, "wednesday", others, [])
    before = store.load_job("wednesday")
    erase(store, named, NOW)

    for each in ("monday", "tuesday"):
        job, _ = store.load_job(each)
        assert job["calculation"] == {"calls": 9, "failures": others}
        assert job["unreadable"] == [["x", "not read"]]
    assert store.load_job("wednesday") == before
