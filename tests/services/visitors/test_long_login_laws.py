"""Two months with logins at any time: every report is that of a naive reader of the same events."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from chalicelib.domain.counting.rules import rules_of
from chalicelib.domain.counting.tally import Tally, tally_of
from chalicelib.domain.instant import DAY, HOUR, day_of
from chalicelib.domain.visitors.event import Confirmed, Enrolled, Reached
from chalicelib.services.reports.recount import fold_page
from tests.domain.worlds import START
from tests.laws import tried
from tests.recounts import recount
from tests.services.reports.tallied import differences, told_reports
from tests.services.visitors.deliveries import delivered, deliveries, naive_places, owners
from tests.services.visitors.histories import (
    ANN,
    BOB,
    DEVICES,
    END,
    LAPTOP,
    LATE,
    PHONE,
    RECOUNTED,
    SHOP,
    TABLET,
    Login,
    Told,
    logs,
    seen_by,
)

pytestmark = pytest.mark.no_cover  # tracing would double what it takes

PRIVATE = (PHONE, LAPTOP, TABLET)
"""Devices of one user each: who logs in first makes no difference on them."""


def reports_of(store):
    return told_reports(SHOP, recount(store, RECOUNTED), range(day_of(START), day_of(RECOUNTED)))


@given(st.data())
@tried(200)
def test_every_report_is_that_of_a_naive_reader_of_the_raw_events(data):
    log = data.draw(logs())
    arrivals = data.draw(deliveries(log))
    event(f"{min(waited_for(arrivals), 3)} facts waited for weeks for a login")

    assert differences(SHOP, recount(delivered(arrivals), RECOUNTED), naive_places(log, arrivals)) == {}


def waited_for(arrivals):
    """How many facts of a device count by an earlier enrolment that a login brought weeks later."""
    joined, first_logins = owners(arrivals), {}
    for now, what in arrivals:
        if isinstance(what, Login):
            first_logins.setdefault(what.device, now)
    seen = {}
    for _, what in arrivals:
        if isinstance(what, Told) and isinstance(what.events[-1], Enrolled):
            seen.setdefault(what.who, []).append((what.at, what.events[-1].experiment))
    return sum(
        any(
            at <= what.at and not any(other <= at for other, name in seen.get(what.who, ()) if name == each)
            for who, places in seen.items()
            if who != what.who and joined.get(who, who) == joined.get(what.who)
            for at, each in places
        )
        for _, what in arrivals
        if isinstance(what, Told)
        and isinstance(what.events[0], Reached)
        and what.at + 2 * LATE < first_logins.get(what.who, 0)
    )


@pytest.mark.slow
def test_a_good_share_of_the_histories_has_a_login_weeks_after_what_it_makes_count():
    found = []

    @given(st.data())
    @settings(max_examples=200, deadline=None, derandomize=True, database=None)
    def look(data):
        found.append(waited_for(data.draw(deliveries(data.draw(logs())))))

    look()

    assert sum(map(bool, found)) > len(found) / 5


@given(st.data())
@tried(120)
def test_the_same_events_later_or_in_another_order_give_the_same_reports(data):
    log = data.draw(logs(PRIVATE))
    one, other = data.draw(deliveries(log)), data.draw(deliveries(log))

    assert reports_of(delivered(one)) == reports_of(delivered(other))


@given(st.data())
@tried(100)
def test_any_segments_in_any_order_give_the_same_tally(data):
    log = data.draw(logs())
    arrivals = data.draw(deliveries(log))
    store, rules = delivered(arrivals), rules_of(SHOP)
    segments = data.draw(st.integers(1, 5))
    parts = []
    for segment in data.draw(st.permutations(range(segments))):
        part = Tally()
        for page in store.visitor_pages(segment, segments, RECOUNTED, None):
            fold_page(part, page, rules)
        parts.append(tally_of(part.record()))
    whole = Tally()
    for part in data.draw(st.permutations(parts)):
        whole.add(part)

    assert whole == recount(store, RECOUNTED)


@given(st.data())
@tried(80)
def test_who_logs_in_first_how_often_and_how_much_later_changes_nothing(data):
    told, _ = data.draw(logs(PRIVATE, most_logins=0))
    arrivals = data.draw(deliveries((told, [])))
    logins = [Login(each, DEVICES[each][0], END, each) for each in data.draw(some_of(PRIVATE))]
    reports = []
    for _ in range(2):
        order = data.draw(st.permutations(logins + data.draw(some_of(logins))))
        times = sorted(END + data.draw(st.sampled_from((0, DAY, LATE))) for _ in order)
        told_late = sorted([*arrivals, *zip(times, order, strict=True)], key=lambda each: each[0])
        reports.append(reports_of(delivered(told_late)))

    assert reports[0] == reports[1]


def some_of(what):
    return st.lists(st.sampled_from(what), unique=True) if what else st.just([])


@given(st.data())
@tried(80)
def test_what_is_told_again_within_seven_days_changes_nothing(data):
    log = data.draw(logs())
    arrivals = data.draw(deliveries(log))
    again = [
        (what.at + max(now - what.at, data.draw(st.sampled_from((DAY, 4 * DAY, LATE)))), told)
        for now, what in arrivals
        if (told := data.draw(st.sampled_from([None, what, *told_by_others(arrivals, what)])))
    ]
    twice = sorted([*arrivals, *again], key=lambda each: each[0])

    assert reports_of(delivered(twice)) == reports_of(delivered(arrivals))


def told_by_others(arrivals, what):
    """The same fact told of another device of the person, where both are known as one in time."""
    if isinstance(what, Login) or not isinstance(what.events[0], Reached):
        return []
    joined = owners([each for each in arrivals if each[0] <= what.at + LATE])
    person = joined.get(what.who, what.who)
    mine = [device for device, user in joined.items() if user == person]
    others = [*mine, person] if person in (ANN, BOB) else []
    return [replace(what, who=who, registered=False) for who in others if who != what.who]


@pytest.mark.slow
def test_two_hundred_days_and_more_give_exactly_the_numbers_of_the_raw_values():
    random, told, logins = Random(7), [], []
    for person, experiment in enumerate(["whole", "whole", "later", "whole"]):
        devices = [f"person-{person}-device-{i}" for i in range(40)]
        devices = [each for each in devices if seen_by(each) == seen_by(devices[0])][:2]
        start = START + random.randrange(20, 30) * DAY
        arm = seen_by(devices[0])[0 if experiment == "whole" else 2]
        told += [Told(each, (Confirmed(each, START),)) for each in devices]
        told.append(Told(devices[0], (Enrolled(f"e{person}", start, experiment, arm, 1),)))
        logins += [
            Login(each, f"user-{person}", START + (5 + i) * DAY, f"login {each}")
            for i, each in enumerate(devices)
        ]
        for number in range(900):
            at = START + random.randrange(0, 240 * 24) * HOUR
            goal = random.choice(["mean", "mean", "per_day", "last"])
            fact = Reached(f"{person} {number}", at, goal, random.randrange(-(10**13), 10**13))
            told.append(Told(random.choice(devices), (fact,)))
    arrivals = [(each.at + random.choice((0, DAY, LATE)), each) for each in told]
    arrivals = sorted(arrivals + [(each.at, each) for each in logins], key=lambda each: each[0])
    tally = recount(delivered(arrivals), START + 250 * DAY)

    assert differences(SHOP, tally, naive_places((told, logins), arrivals)) == {}
