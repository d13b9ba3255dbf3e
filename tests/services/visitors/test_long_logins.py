"""Logins weeks after the enrolment and the goals: what counts, each case as small as it can be."""

from fractions import Fraction

from chalicelib.domain.instant import DAY, day_of
from chalicelib.domain.visitors.event import Confirmed, Enrolled, Reached
from tests.domain.worlds import START
from tests.recounts import counts, recount
from tests.services.reports.tallied import differences, told_reports
from tests.services.visitors.deliveries import delivered, naive_places
from tests.services.visitors.histories import (
    ANN,
    LAPTOP,
    PHONE,
    RECOUNTED,
    SHOP,
    Login,
    Told,
    seen_by,
)

ARM = seen_by(ANN)[0]


def visits(who, day):
    return Told(who, (Confirmed(f"{who} {day}", START + int(day * DAY)),))


def sees(who, day):
    return Told(who, (Enrolled(f"{who} sees {day}", START + int(day * DAY), "whole", ARM, 1),))


def does(who, day, goal, value=None):
    return Told(who, (Reached(f"{who} {goal} {day}", START + int(day * DAY), goal, value),))


def logs_in(device, day):
    return Login(device, "ann", START + int(day * DAY), f"{device} {day}")


def told_at_once(*log):
    return told_in_time(*((what.at, what) for what in log))


def told_in_time(*arrivals):
    """The store after (now, what) arrived, with the reports of a naive reader."""
    arrivals = sorted(arrivals, key=lambda each: each[0])
    store = delivered(arrivals)
    told = [what for _, what in arrivals if isinstance(what, Told)]
    logins = [what for _, what in arrivals if isinstance(what, Login)]

    assert differences(SHOP, recount(store, RECOUNTED), naive_places((told, logins), arrivals)) == {}
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


def test_a_value_that_arrives_late_with_an_older_instant_of_the_day_is_not_the_last():
    early, late = does(LAPTOP, 3.25, "last", 10_000), does(LAPTOP, 3.5, "last", 20_000)
    prompt = [visits(PHONE, 0), sees(PHONE, 0), visits(LAPTOP, 2), late]
    store = told_in_time(
        *((each.at, each) for each in prompt),
        (early.at + 5 * DAY, early),
        *((each.at, each) for each in (does(LAPTOP, 25, "visits"), logs_in(PHONE, 0.5), logs_in(LAPTOP, 30))),
    )

    assert row(store, "last", 4)["sum"] == 2


def test_the_last_value_of_one_device_alone_survives_a_late_arrival_too():
    early, late = does(PHONE, 3.25, "last", 10_000), does(PHONE, 3.5, "last", 20_000)
    prompt = [visits(PHONE, 0), sees(PHONE, 0), late, does(PHONE, 25, "visits")]
    store = told_in_time(*((each.at, each) for each in prompt), (early.at + 5 * DAY, early))

    assert row(store, "last", 4)["sum"] == 2


def test_who_saw_another_variation_weeks_before_the_login_is_a_conflict_from_that_day_on():
    other = {"control": "test", "test": "control"}[ARM]
    device = next(f"other-{i}" for i in range(1000) if seen_by(f"other-{i}")[0] == other)
    glimpse = Told(device, (Enrolled("glimpse", START + 5 * DAY, "whole", other, 1),))
    store = told_at_once(
        visits(PHONE, 0),
        sees(PHONE, 0),
        does(PHONE, 1, "sum", 50_000),
        visits(device, 5),
        glimpse,
        does(device, 6, "sum", 30_000),
        does(device, 25, "visits"),
        does(PHONE, 25, "visits"),
        logs_in(PHONE, 30),
        logs_in(device, 31),
    )
    first = day_of(START)
    reports = told_reports(SHOP, recount(store, RECOUNTED), [first + 4, first + 5, first + 32])

    assert [reports[day]["whole", 1, ARM][:2] for day in sorted(reports)] == [(1, 0), (0, 1), (0, 1)]


def test_of_many_old_facts_only_the_day_of_the_enrolment_is_counted_whole():
    """Sixty facts of a laptop that never enrolled, six a day; the phone enrolled at noon of day 5."""
    facts = [does(LAPTOP, 3 + number / 6 + 0.01, "sum", 1) for number in range(60)]
    log = [visits(PHONE, 0), sees(PHONE, 5.5), logs_in(PHONE, 6), visits(LAPTOP, 2), *facts]
    arrivals = [(what.at, what) for what in [*log, does(LAPTOP, 25, "buy"), logs_in(LAPTOP, 30)]]
    store = delivered(sorted(arrivals, key=lambda each: each[0]))

    assert counts(store, "whole", RECOUNTED).goals[ARM, "sum"] == [1, 48]
