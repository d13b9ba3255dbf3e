"""The laws that reports rest on, held against a naive reader of the raw event log."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.counting.rules import rules_of
from chalicelib.domain.counting.settling import MANY, settle
from chalicelib.domain.counting.tally import Tally, tally_of
from chalicelib.domain.instant import DAY, HOUR
from chalicelib.domain.visitors.event import BROWSER, Confirmed, Enrolled, Reached
from chalicelib.domain.visitors.visitor import Visitor
from chalicelib.services.visitors.collect import collect
from chalicelib.storage.document import body_of, visitor_of
from chalicelib.storage.memory.store import MemoryStore
from tests.domain.worlds import START, flat, naive_tally, world
from tests.laws import tried

pytestmark = pytest.mark.no_cover  # tracing would double what it takes

WORLD = world()
RULES = rules_of(WORLD)
instants = st.integers(0, 60).map(lambda after: START + after * 6 * HOUR)
visitors = st.sampled_from(["visitor-one", "visitor-two"])


@st.composite
def events(draw, number):
    """One event with an id of its own."""
    at, event_id = draw(instants), f"event-{number}"
    kind = draw(st.sampled_from(["confirm", "enroll", "goal", "value", "value"]))
    if kind == "confirm":
        return Confirmed(event_id, at)
    if kind == "enroll":
        return Enrolled(event_id, at, draw(st.sampled_from(["whole", "broken"])))
    if kind == "value":
        return Reached(event_id, at, draw(st.sampled_from(["spend", "paid"])), draw(st.integers(-3, 10**6)))
    return Reached(event_id, at, draw(st.sampled_from(["buy", "buy", "soon", "slow"])))


@st.composite
def logs(draw):
    """Visitors' events: everyone is confirmed at the start, so that no document expires, and enrolled."""
    log = {}
    for number in range(draw(st.integers(3, 25))):
        log.setdefault(draw(visitors), []).append(draw(events(number)))
    early = st.integers(0, 8).map(lambda after: START + after * 6 * HOUR)
    return {
        who: [Confirmed(f"first-{who}", START), Enrolled(f"enroll-{who}", draw(early), "whole"), *told]
        for who, told in log.items()
    }


@st.composite
def deliveries(draw, log):
    """Each event once or more, alone, within a day of its instant, in the order of arrival."""
    arrivals = []
    for who, told in log.items():
        for event in told:
            for _ in range(draw(st.integers(1, 3))):
                first = isinstance(event, Confirmed) and event.id.startswith("first")
                arrivals.append((event.at + (0 if first else 6 * HOUR * draw(st.integers(0, 4))), who, event))
    return sorted(arrivals, key=lambda each: each[0])


def delivered(arrivals):
    store = MemoryStore()
    for now, who, event in arrivals:
        collect(store, WORLD, who, [event], now, BROWSER)
    return store


def tally_in(store):
    tally = Tally()
    for who, (body, _, _) in store.visitors.items():
        tally.fold(visitor_of(who, body), RULES)
    return tally


@given(st.data())
@tried(300)
def test_any_order_and_repetition_of_deliveries_gives_the_naive_tally(data):
    log = data.draw(logs())
    store = delivered(data.draw(deliveries(log)))

    assert flat(tally_in(store)) == naive_tally(WORLD, log)


@given(st.data())
@tried(100)
def test_a_repeated_delivery_writes_nothing(data):
    log = data.draw(logs())
    arrivals = data.draw(deliveries(log))
    store = delivered(arrivals)
    now, who, event = arrivals[-1]
    before = dict(store.visitors)
    collect(store, WORLD, who, [event], now, BROWSER)

    assert store.visitors == before


@given(st.data())
@tried(200)
def test_settling_never_changes_a_tally(data):
    log = data.draw(logs())
    store = delivered(data.draw(deliveries(log)))
    now = START + data.draw(st.integers(0, 60)) * DAY
    settled = Tally()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("chalicelib.domain.counting.settling.MANY", data.draw(st.sampled_from([0, MANY])))
        for who, (body, _, _) in store.visitors.items():
            settled.fold(settle(visitor_of(who, body), WORLD, now), RULES)

    assert flat(settled) == flat(tally_in(store))


@given(st.data())
@tried(100)
def test_any_split_and_order_of_documents_gives_the_same_tally(data):
    log = data.draw(logs())
    store = delivered(data.draw(deliveries(log)))
    documents = data.draw(st.permutations(sorted(store.visitors.items())))
    parts = [Tally() for _ in range(data.draw(st.integers(1, 3)))]
    for who, (body, _, _) in documents:
        data.draw(st.sampled_from(parts)).fold(visitor_of(who, body), RULES)
    whole = Tally()
    for part in data.draw(st.permutations(parts)):
        whole.add(tally_of(part.record()))

    assert flat(whole) == flat(tally_in(store))
    assert whole.documents == len(documents)


@given(st.data())
@tried(100)
def test_a_document_survives_being_written_and_read(data):
    store = delivered(data.draw(deliveries(data.draw(logs()))))
    for who, (body, _, expires_at) in store.visitors.items():
        visitor = visitor_of(who, body, expires_at)

        assert visitor_of(who, body_of(visitor), expires_at) == visitor


@given(
    st.permutations(
        [Confirmed("c", START + 3 * HOUR), Enrolled("e", START, "whole"), Reached("g", START + 1, "buy")]
    )
)
def test_goals_and_enrolments_wait_until_the_visitor_is_human(told):
    store, now = MemoryStore(), START + 4 * HOUR
    for index, event in enumerate(told):
        human = any(isinstance(each, Confirmed) for each in told[:index])

        assert human or flat(tally_in(store)) == {}

        collect(store, WORLD, "visitor-one", [event], now, BROWSER)

    assert flat(tally_in(store)) == naive_tally(WORLD, {"visitor-one": told})


@pytest.mark.parametrize(("confirmed", "takes_part"), [(9, True), (11, False), (13, True)])
def test_who_was_confirmed_while_the_experiment_was_disabled_takes_no_part(confirmed, takes_part):
    told = [Enrolled("e", START + 8 * DAY, "broken"), Confirmed("c", START + confirmed * DAY)]
    store = MemoryStore()
    for event in told:
        collect(store, WORLD, "visitor-one", [event], event.at, BROWSER)

    assert bool(flat(tally_in(store))) is takes_part
    assert bool(naive_tally(WORLD, {"visitor-one": told})) is takes_part


def test_an_unknown_visitor_is_empty():
    assert Visitor("visitor-one").is_empty
