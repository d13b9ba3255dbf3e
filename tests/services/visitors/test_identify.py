"""Logins: who is who afterwards, and who is left alone."""

import pytest

from chalicelib.domain.errors import Conflict, Refused
from chalicelib.domain.instant import DAY, SECOND, day_of
from chalicelib.domain.visitors.event import BROWSER, SERVER, Confirmed, Enrolled, Reached
from chalicelib.domain.visitors.identity import own_id
from chalicelib.domain.visitors.merge import merge, tombstone
from chalicelib.domain.visitors.visitor import CONFIRMED_LIFE, Confirmation, Past, Visitor
from chalicelib.services.visitors.assign import assigned
from chalicelib.services.visitors.assign_and_enroll import expose
from chalicelib.services.visitors.collect import collect
from chalicelib.services.visitors.erase import erase
from chalicelib.services.visitors.identify import Identified, Outcome, identify
from chalicelib.storage.memory.store import MemoryStore
from tests.domain.worlds import START, world
from tests.recounts import counts, recount
from tests.services.reports.tallied import tallied_report

WORLD = world()
NOW = START + DAY
WHOLE = WORLD.experiments["whole"]


def ids_in(variation):
    """Ids of devices that the hash of the experiment `whole` gives that variation."""
    ids = (f"device-{number:04d}" for number in range(10_000))
    return [each for each in ids if WHOLE.phase.variation_of(each) == variation]


CONTROLS, TESTS = ids_in("control"), ids_in("test")


@pytest.fixture
def store():
    made = MemoryStore()
    for experiment in WORLD.experiments.values():
        made.hold(experiment)
    for goal in WORLD.goals.values():
        made.hold(goal)
    return made


def log_in(store, device, user, at=NOW):
    return identify(store, WORLD, device, user, Confirmation(at, f"login {device} {user}"), at)


def see(store, device, at=NOW):
    told = [Confirmed(f"c {device}", at), Enrolled(f"e {device}", at, "whole")]
    return collect(store, WORLD, device, told, at, BROWSER, signed=True)


def test_the_first_visitor_of_a_user_stands_for_the_user(store):
    see(store, CONTROLS[0])

    assert log_in(store, CONTROLS[0], "ann") == Identified(CONTROLS[0], Outcome.LINKED)
    assert assigned(store, WORLD, own_id("ann"), ["whole"], NOW).visitor_id == CONTROLS[0]


def test_a_second_device_moves_into_the_first_and_answers_its_token(store):
    log_in(store, CONTROLS[0], "ann")
    see(store, CONTROLS[1])

    assert log_in(store, CONTROLS[1], "ann") == Identified(CONTROLS[0], Outcome.JOINED)
    assert store.load_visitor(CONTROLS[1], NOW)[0].belongs_to == CONTROLS[0]
    assert counts(store, "whole", NOW).enrolled == {"control": 1}


def test_the_variation_survives_sign_up_and_login_on_every_device(store):
    see(store, TESTS[0])
    log_in(store, TESTS[0], "ann")
    log_in(store, CONTROLS[0], "ann", NOW + 1)

    for who in (TESTS[0], CONTROLS[0], own_id("ann")):
        assert assigned(store, WORLD, who, ["whole"], NOW + 2).assignments["whole"].variation == "test"


def test_the_earlier_enrolment_wins_at_a_login(store):
    see(store, TESTS[0], NOW + 5)
    log_in(store, TESTS[0], "ann", NOW + 6)
    see(store, TESTS[1], NOW)
    log_in(store, TESTS[1], "ann", NOW + 7)

    assert store.load_visitor(TESTS[0], NOW)[0].enrollments["whole"].enrolled_at == NOW


def test_who_saw_two_variations_is_a_conflict_counted_and_left_out_from_that_day_on(store):
    see(store, TESTS[0], NOW)
    log_in(store, TESTS[0], "ann", NOW)
    see(store, CONTROLS[0], NOW + 2 * DAY)
    log_in(store, CONTROLS[0], "ann", NOW + 2 * DAY)
    tally, today = recount(store, NOW + 3 * DAY), day_of(NOW)

    assert tallied_report(tally, today) == {("whole", 1, "test"): (1, 0, {})}
    assert tallied_report(tally, today + 1) == {("whole", 1, "test"): (1, 0, {})}
    assert tallied_report(tally, today + 2) == {("whole", 1, "test"): (0, 1, {})}


def test_a_goal_told_through_both_counts_once(store):
    see(store, CONTROLS[0])
    see(store, CONTROLS[1])
    goal = Reached("order 7", NOW + 1, "spend", 10_000)
    collect(store, WORLD, CONTROLS[0], [goal], NOW + 1, BROWSER, signed=True)
    collect(store, WORLD, CONTROLS[1], [goal], NOW + 1, BROWSER, signed=True)
    log_in(store, CONTROLS[0], "ann", NOW + 2)
    log_in(store, CONTROLS[1], "ann", NOW + 2)
    collect(store, WORLD, own_id("ann"), [goal], NOW + 3, SERVER, signed=True)

    assert counts(store, "whole", NOW).goals["control", "spend"] == [1, 10_000]


def test_a_visitor_of_another_user_is_left_alone_and_this_user_gets_an_own_id(store):
    see(store, CONTROLS[0])
    log_in(store, CONTROLS[0], "ann")

    assert log_in(store, CONTROLS[0], "bob") == Identified(own_id("bob"), Outcome.OTHER_USER)
    assert store.load_visitor(CONTROLS[0], NOW)[0].user_id == "ann"


def test_a_device_that_belongs_to_another_user_by_pointer_is_left_alone(store):
    log_in(store, CONTROLS[0], "ann")
    log_in(store, CONTROLS[1], "ann")

    assert log_in(store, CONTROLS[1], "bob").outcome is Outcome.OTHER_USER
    assert log_in(store, own_id("ann"), "bob").outcome is Outcome.OTHER_USER
    assert store.load_visitor(CONTROLS[1], NOW)[0].belongs_to == CONTROLS[0]


def test_a_user_first_known_by_the_server_keeps_the_hash_of_the_user_id_as_it_stands(store):
    user = "ann@example.org"
    shown = expose(store, WORLD, own_id(user), ["whole"], Confirmation(NOW, "x"), NOW)
    device = CONTROLS[0] if WHOLE.phase.variation_of(user) == "control" else TESTS[0]
    see(store, device, NOW + 1)

    assert shown.assignments["whole"].variation == WHOLE.phase.variation_of(user)
    assert log_in(store, device, user, NOW + 2) == Identified(own_id(user), Outcome.JOINED)
    assert sum(counts(store, "whole", NOW).enrolled.values()) == 1


def test_what_a_browser_saw_before_it_learns_its_new_token_is_judged_by_its_old_id(store):
    log_in(store, TESTS[0], "ann")
    log_in(store, CONTROLS[0], "ann")
    told = [Enrolled("e", NOW + 1, "whole", "control", 1)]
    collected = collect(store, WORLD, CONTROLS[0], told, NOW + 1, BROWSER, signed=True)

    assert collected.refused == {}
    assert collected.visitor.id == TESTS[0]
    assert counts(store, "whole", NOW).enrolled == {"control": 1}


def test_a_variation_remembered_from_before_the_login_is_seen_again_and_no_conflict(store):
    log_in(store, TESTS[0], "ann")
    see(store, CONTROLS[0])
    log_in(store, CONTROLS[0], "ann")
    told = [Enrolled("again", NOW + 1, "whole", "control", 1)]
    collected = collect(store, WORLD, TESTS[0], told, NOW + 1, BROWSER, signed=True)

    assert collected.refused == {}
    assert counts(store, "whole", NOW).enrolled == {"control": 1}


def test_a_user_whose_visitor_expired_is_linked_again_by_the_pointer(store):
    see(store, CONTROLS[0])
    log_in(store, CONTROLS[0], "ann")
    later = NOW + CONFIRMED_LIFE - 60 * DAY
    collect(store, WORLD, own_id("ann"), [Confirmed("x", later)], later, SERVER, signed=True)
    body, version, _ = store.visitors[CONTROLS[0]]
    store.visitors[CONTROLS[0]] = body, version, later
    late = NOW + CONFIRMED_LIFE + DAY
    told = [Confirmed("y", late), Reached("z", late, "buy")]
    collect(store, WORLD, own_id("ann"), told, late, SERVER, signed=True)

    assert store.load_visitor(CONTROLS[0], late)[0].user_id == "ann"


def test_the_past_of_both_is_kept_in_order():
    one = Visitor("one", past={"spend": (Past(1, 10), Past(5, 20))})
    two = Visitor("two", past={"spend": (Past(3, 7),), "buy": (Past(4),)})

    assert merge(one, two).past == {
        "spend": (Past(1, 10), Past(3, 7), Past(5, 20)),
        "buy": (Past(4),),
    }


def test_a_login_that_always_conflicts_gives_up_and_leaves_nothing(store, monkeypatch):
    def conflicts(self, visitors, removed):
        raise Conflict("always")

    monkeypatch.setattr("chalicelib.services.retry._ATTEMPTS", 3)
    monkeypatch.setattr(MemoryStore, "save_visitors", conflicts)
    with pytest.raises(Conflict):
        log_in(store, CONTROLS[0], "ann")

    assert store.visitors == {}


def test_a_login_between_reading_and_writing_sends_the_event_to_the_joined_visitor(store):
    log_in(store, CONTROLS[0], "ann")
    see(store, CONTROLS[1], NOW + SECOND)
    save = store.save_visitor
    hurried = []

    def joined_meanwhile(visitor, version):
        if not hurried:
            hurried.append(True)
            log_in(store, CONTROLS[1], "ann", NOW + 2 * SECOND)
        save(visitor, version)

    store.save_visitor = joined_meanwhile
    goal = [Reached("g", NOW + 3 * SECOND, "buy")]
    collect(store, WORLD, CONTROLS[1], goal, NOW + 3 * SECOND, BROWSER, signed=True)

    assert counts(store, "whole", NOW).goals["control", "buy"] == [1, 0]


def test_a_login_waits_until_nothing_points_to_an_erased_visitor(store):
    """Half of an erasure as another reader may see it: written then, the tombstone would name the user."""
    log_in(store, CONTROLS[0], "ann")
    document, read = store.visitors[own_id("ann")], store.load_visitor
    erase(store, CONTROLS[0], NOW)
    store.visitors[own_id("ann")] = document

    def seen_then_gone(visitor_id, now):
        found = read(visitor_id, now)
        if visitor_id == own_id("ann"):
            store.visitors.pop(visitor_id, None)
        return found

    store.load_visitor = seen_then_gone

    assert log_in(store, CONTROLS[1], "ann") == Identified(CONTROLS[1], Outcome.LINKED)
    assert store.visitors[CONTROLS[0]][0] == '{"v":2,"x":true}'


def test_an_unsigned_id_of_a_joined_device_is_worth_nothing(store):
    log_in(store, CONTROLS[0], "ann")
    log_in(store, CONTROLS[1], "ann")
    told = [Reached("g", NOW, "buy")]
    with pytest.raises(Refused, match="claimed"):
        collect(store, WORLD, CONTROLS[1], told, NOW, BROWSER, signed=False)


def test_a_user_whose_document_points_to_an_erased_one_begins_anew(store):
    log_in(store, CONTROLS[0], "ann")
    _, version = store.load_visitor(CONTROLS[0], NOW)
    store.save_visitors([(tombstone(CONTROLS[0], NOW), version)], {})
    found = log_in(store, CONTROLS[1], "ann")

    assert found.outcome is Outcome.LINKED
    assert store.load_visitor(own_id("ann"), NOW)[0].belongs_to == CONTROLS[1]
