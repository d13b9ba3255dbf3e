"""Logins in any order, with repeats: the recount equals a naive reader of the same events."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.instant import DAY, HOUR, day_of
from chalicelib.domain.visitors.event import SERVER, Confirmed, Enrolled, Reached
from chalicelib.domain.visitors.identity import own_id
from chalicelib.domain.visitors.visitor import Confirmation
from chalicelib.services.visitors.collect import collect
from chalicelib.services.visitors.identify import Outcome, identify
from chalicelib.storage.memory.store import MemoryStore
from tests.domain.worlds import START, world
from tests.laws import tried
from tests.recounts import recount
from tests.services.reports.tallied import told_reports
from tests.services.visitors.people import naive_report, places_of, variation_of

pytestmark = pytest.mark.no_cover  # tracing would double what it takes

WORLD = world()
DEVICES = ("phone-01", "laptop-1", "tablet-1", "library-pc")
USERS = ("ann", "bob")
OWNER = {"phone-01": "ann", "laptop-1": "ann", "tablet-1": "bob", "library-pc": None}
LAST = START + 6 * DAY
instants = st.integers(0, 24).map(lambda after: START + after * 6 * HOUR)


@st.composite
def told(draw):
    """(who, event): who is a device, or a user of whom a server tells."""
    log = []
    for number in range(draw(st.integers(1, 25))):
        who = draw(st.sampled_from([*DEVICES, *map(own_id, USERS)]))
        log.append((who, draw(event(who, f"event-{number}"))))
    return log


@st.composite
def event(draw, who, event_id):
    at = draw(instants)
    kind = draw(st.sampled_from(["confirm", "enroll", "enroll", "goal", "value", "value"]))
    if kind == "confirm":
        return Confirmed(event_id, at)
    if kind == "enroll":
        name = draw(st.sampled_from(["whole", "broken"]))
        seen = Enrolled(event_id, at, name)
        return Enrolled(event_id, at, name, variation_of(WORLD.experiments[name], who, seen), 1)
    if kind == "value":
        return Reached(event_id, at, "spend", draw(st.integers(-(10**6), 10**6)))
    return Reached(event_id, at, draw(st.sampled_from(["buy", "soon"])))


@st.composite
def deliveries(draw, log):
    """Every event and every login once or more, in any order."""
    logins = [
        (device, OWNER[device], draw(instants)) for device in DEVICES if OWNER[device] and draw(st.booleans())
    ]
    arrivals = [("event", *each) for each in log] + [("login", *each) for each in logins]
    repeated = [each for each in arrivals for _ in range(draw(st.integers(1, 2)))]
    return draw(st.permutations(repeated)), logins


def deliver(store, kind, who, *what):
    if kind == "event":
        collect(store, WORLD, who, what, LAST, SERVER, signed=True)
    else:
        user, at = what
        identify(store, WORLD, who, user, Confirmation(at, f"login-{who}"), LAST)


def persons(log, logins):
    """Devices that logged in and their user are one person; each login says that it is human."""
    joined = {device: user for device, user, _ in logins}
    people = {}
    for who, each in [*log, *((device, Confirmed(f"l-{device}", at)) for device, _, at in logins)]:
        name = joined.get(who, who)
        people.setdefault(own_id(name) if name in USERS else name, []).append((who, each))
    return list(people.values())


@given(st.data())
@tried(400)
def test_any_order_of_visits_logins_and_goals_gives_the_naive_reports(data):
    log = data.draw(told())
    arrivals, logins = data.draw(deliveries(log))
    store = MemoryStore()
    for each in WORLD.experiments.values():
        store.hold(each)
    for goal in WORLD.goals.values():
        store.hold(goal)
    for arrival in arrivals:
        deliver(store, *arrival)
    places = places_of(WORLD, persons(log, logins))
    days = range(day_of(START), day_of(LAST) + 1)

    assert told_reports(WORLD, recount(store, LAST), days) == {
        day: naive_report(WORLD, places, day) for day in days
    }


@given(st.data())
@tried(100)
def test_a_repeated_login_writes_nothing(data):
    log = data.draw(told())
    arrivals, logins = data.draw(deliveries(log))
    store = MemoryStore()
    for arrival in arrivals:
        deliver(store, *arrival)
    before = dict(store.visitors)
    for device, user, at in logins:
        found = identify(store, WORLD, device, user, Confirmation(at, f"login-{device}"), LAST)

        assert found.outcome is Outcome.KNOWN

    assert store.visitors == before
