"""The events of a history as they arrive, who is who by them, and what a naive reader makes of it."""

from hypothesis import strategies as st

from chalicelib.domain.instant import DAY
from chalicelib.domain.visitors.event import Confirmed
from chalicelib.domain.visitors.identity import own_id
from chalicelib.storage.memory.store import MemoryStore
from tests.services.visitors.histories import LATE, SHOP, Login, slots
from tests.services.visitors.people import places_of


@st.composite
def deliveries(draw, log):
    """(now, what) in the order of arrival: each late as it may be, some again within seven days."""
    arrivals = []
    for what in (*log[0], *log[1]):
        late, again = draw(st.sampled_from(what.late)), draw(st.sampled_from((0, 0, 0, DAY, 3 * DAY, LATE)))
        arrivals.append((what.at + late, draw(slots), what))
        if again > late:
            arrivals.append((what.at + again, draw(slots), what))
    return [(now, what) for now, _, what in sorted(arrivals, key=lambda each: each[:2])]


def delivered(arrivals):
    """The store after everything arrived; nothing is refused but a sight while nobody enrols."""
    store = MemoryStore()
    for experiment in SHOP.experiments.values():
        store.hold(experiment)
    for goal in SHOP.goals.values():
        store.hold(goal)
    for now, what in arrivals:
        answer = what.deliver(store, now)
        reasons = set(getattr(answer, "reasons", ()))
        assert reasons <= {"not_enabled"}, reasons
    return store


def owners(arrivals):
    """By device its user: the first whose login there arrived."""
    found = {}
    for _, what in arrivals:
        if isinstance(what, Login):
            found.setdefault(what.device, own_id(what.user))
    return found


def people_of(log, arrivals):
    """Devices that logged in and their user are one person; who logs in or is registered is human."""
    joined, people = owners(arrivals), {}
    for told in log[0]:
        mine = people.setdefault(joined.get(told.who, told.who), [])
        mine += [(told.who, event) for event in told.events]
        if told.registered:
            mine.append((told.who, Confirmed(f"{told.events[0].id}-r", told.at)))
    for login in log[1]:
        people.setdefault(own_id(login.user), []).append((login.device, Confirmed(login.id, login.at)))
    return people


def naive_places(log, arrivals):
    return places_of(SHOP, people_of(log, arrivals).values())
