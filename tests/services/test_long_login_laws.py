"""Two months with logins at any time: every report is that of a naive reader of the same events."""

from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.event import Confirmed, Enrolled, Reached
from chalicelib.domain.instant import DAY, day_of
from tests.domain.worlds import START
from tests.recounts import counts, recount
from tests.services.histories import (
    ANN,
    LAPTOP,
    PHONE,
    RECOUNTED,
    REPORTED,
    SHOP,
    Login,
    Told,
    delivered,
    deliveries,
    logs,
    naive_places,
    seen_by,
)
from tests.services.people import naive_report, told_reports

ARM = seen_by(ANN)[0]


def days_of(places):
    """Days on which a report differs from the one before, the days after them, and the last."""
    days = {day_of(place.enrolled_at) for place in places}
    days |= {day_of(place.conflict_at) for place in places if place.conflict_at is not None}
    days |= {day_of(fact.at) for place in places for facts in place.facts.values() for fact in facts}
    return sorted({each for day in days for each in (day, day + 1) if each in REPORTED} | {REPORTED[-1]})


def assert_naive(tally, places):
    days = days_of(places)
    reports = told_reports(SHOP, tally, days)
    for day in days:
        assert reports[day] == naive_report(SHOP, places, day)


@given(st.data())
@settings(max_examples=250, deadline=None)
def test_every_report_is_that_of_a_naive_reader_of_the_raw_events(data):
    log = data.draw(logs())
    arrivals = data.draw(deliveries(log))
    store = delivered(arrivals)

    assert_naive(recount(store, RECOUNTED), naive_places(log, arrivals))


def visits(who, day):
    return Told(who, (Confirmed(f"{who} {day}", START + day * DAY),))


def sees(who, day):
    return Told(who, (Enrolled(f"{who} sees {day}", START + day * DAY, "whole", ARM, 1),))


def does(who, day, goal, value=None):
    return Told(who, (Reached(f"{who} {goal} {day}", START + day * DAY, goal, value),))


def logs_in(device, day):
    return Login(device, "ann", START + day * DAY, f"{device} {day}")


def told_at_once(*log):
    """The store after a log that was told without delay, which a naive reader confirms."""
    arrivals = sorted(((what.at, what) for what in log), key=lambda each: each[0])
    store = delivered(arrivals)
    told = [what for what in log if isinstance(what, Told)]
    logins = [what for what in log if isinstance(what, Login)]

    assert_naive(recount(store, RECOUNTED), naive_places((told, logins), arrivals))
    return store


def row(store, goal, day):
    return told_reports(SHOP, recount(store, RECOUNTED), [day_of(START) + day])[day_of(START) + day][
        "whole", 1, ARM
    ][3][goal]


def test_a_purchase_on_the_laptop_counts_when_its_owner_logs_in_weeks_later():
    store = told_at_once(
        visits(PHONE, 0),
        sees(PHONE, 0),
        logs_in(PHONE, 1),
        visits(LAPTOP, 2),
        does(LAPTOP, 3, "buy"),
        does(LAPTOP, 15, "visits"),
        logs_in(LAPTOP, 30),
    )

    assert counts(store, "whole", RECOUNTED).goals[ARM, "buy"] == [1, 0]


def test_what_the_laptop_did_before_it_enrolled_counts_for_the_earlier_enrolment_of_the_phone():
    store = told_at_once(
        visits(PHONE, 0),
        sees(PHONE, 0),
        visits(LAPTOP, 2),
        does(LAPTOP, 3, "sum", 70_000),
        sees(LAPTOP, 10),
        does(LAPTOP, 11, "sum", 20_000),
        does(LAPTOP, 25, "visits"),
        logs_in(LAPTOP, 30),
        logs_in(PHONE, 31),
    )

    assert counts(store, "whole", RECOUNTED).goals[ARM, "sum"] == [1, 90_000]


def test_a_window_ends_so_many_days_after_the_enrolment_of_the_person():
    store = told_at_once(
        visits(PHONE, 0),
        sees(PHONE, 0),
        visits(LAPTOP, 4),
        sees(LAPTOP, 5),
        does(LAPTOP, 6, "soon"),
        does(LAPTOP, 25, "visits"),
        logs_in(PHONE, 30),
        logs_in(LAPTOP, 31),
    )

    assert (ARM, "soon") not in counts(store, "whole", RECOUNTED).goals


def test_the_covariate_is_of_the_days_before_the_enrolment_of_the_person():
    store = told_at_once(
        visits(LAPTOP, -3),
        does(LAPTOP, -2, "mean", 50_000),
        visits(PHONE, 0),
        sees(PHONE, 0),
        does(LAPTOP, 15, "mean", 30_000),
        sees(LAPTOP, 20),
        does(LAPTOP, 30, "visits"),
        logs_in(PHONE, 40),
        logs_in(LAPTOP, 41),
    )

    assert row(store, "mean", 42)["pre_sum"] == 5
    assert row(store, "mean", 42)["sum"] == 3


def test_an_order_told_by_a_server_counts_when_a_device_logs_in_weeks_later():
    store = told_at_once(
        visits(PHONE, 0),
        sees(PHONE, 0),
        Told(ANN, (Reached("order", START + 2 * DAY, "per_day", 80_000),), registered=True),
        Told(ANN, (Reached("visit", START + 20 * DAY, "visits"),), registered=True),
        logs_in(PHONE, 30),
    )

    assert row(store, "per_day", 31)["sum"] == Fraction(8, 32)


def test_the_last_value_is_the_latest_of_all_devices_also_before_their_own_enrolment():
    store = told_at_once(
        visits(PHONE, 0),
        sees(PHONE, 0),
        does(PHONE, 4, "last", 10_000),
        visits(LAPTOP, 2),
        does(LAPTOP, 5, "last", 20_000),
        sees(LAPTOP, 10),
        does(LAPTOP, 25, "visits"),
        logs_in(LAPTOP, 30),
        logs_in(PHONE, 31),
    )

    assert row(store, "last", 6)["sum"] == 2
