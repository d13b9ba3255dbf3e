"""Reading counters: sums and averages by object, series without gaps, the first of them."""

import pytest

from chalicelib.domain.errors import InvalidInput
from chalicelib.domain.instant import DAY, HOUR
from chalicelib.domain.tracking.tracked_object import Tracked
from chalicelib.services.tracking import counter_queries
from chalicelib.services.tracking.counter_queries import Period, period_from
from chalicelib.storage.memory.store import MemoryStore
from tests.tracking import NOW, SERVER, definitions, emit, event, fold_all, tracker

TODAY = NOW // DAY


def filled(known) -> MemoryStore:
    store = MemoryStore()
    events = [
        event(by=3, age=2 * DAY),
        event(by="0.5", age=2 * DAY),
        event(by=1),
        event(object="product:2", by=-4, age=DAY),
        event(object="product:2", field="buys", by="10.01"),
    ]
    emit(store, known, *events, sender=SERVER)
    fold_all(store, known)
    return store


def test_a_row_has_the_sum_of_a_period_and_its_average_over_the_days_that_hold_something():
    known = definitions(tracker())
    rows = counter_queries.rows(filled(known), known.trackers["products"], Period(TODAY - 5, TODAY), NOW)

    assert [row.shown(["views", "buys"]) for row in rows] == [
        {
            "object": "product:1",
            "label": "",
            "fields": {
                "views": {"sum": "4.5", "average": "2.25"},
                "buys": {"sum": "0", "average": "0"},
            },
        },
        {
            "object": "product:2",
            "label": "",
            "fields": {
                "views": {"sum": "-4", "average": "-4"},
                "buys": {"sum": "10.01", "average": "10.01"},
            },
        },
    ]


def test_an_average_is_rounded_to_four_decimals_half_to_even():
    assert counter_queries.Sum(10_000, 3).average == "0.3333"
    assert counter_queries.Sum(20_000, 3).average == "0.6667"
    assert counter_queries.Sum(1, 2).average == "0"
    assert counter_queries.Sum(3, 2).average == "0.0002"
    assert counter_queries.Sum(-20_000, 3).average == "-0.6667"


def test_a_period_holds_its_first_and_its_last_day_and_nothing_else():
    known = definitions(tracker())
    store, products = filled(known), known.trackers["products"]

    assert [
        row.object for row in counter_queries.rows(store, products, Period(TODAY - 1, TODAY - 1), NOW)
    ] == ["product:2"]
    assert counter_queries.rows(store, products, Period(TODAY - 9, TODAY - 3), NOW) == []


def test_declared_objects_are_rows_with_their_label_though_nothing_was_counted():
    known = definitions(tracker())
    store = filled(known)
    store.save_tracked("products", [Tracked("product:9", "Nine")])
    rows = counter_queries.rows(store, known.trackers["products"], Period(TODAY, TODAY), NOW)

    assert [(row.object, row.label) for row in rows] == [
        ("product:1", ""),
        ("product:2", ""),
        ("product:9", "Nine"),
    ]


def test_a_daily_series_fills_its_gaps_with_zero():
    known = definitions(tracker())
    values = counter_queries.series(
        filled(known), known.trackers["products"], "product:1", "views", Period(TODAY - 3, TODAY), NOW
    )

    assert values == [
        {"at": "2026-03-07", "value": "0"},
        {"at": "2026-03-08", "value": "3.5"},
        {"at": "2026-03-09", "value": "0"},
        {"at": "2026-03-10", "value": "1"},
    ]


def test_an_hourly_series_has_24_values_a_day():
    known = definitions(tracker(granularity="hourly"))
    store = MemoryStore()
    emit(store, known, event(), event(age=2 * HOUR))
    fold_all(store, known)
    values = counter_queries.series(
        store, known.trackers["products"], "product:1", "views", Period(TODAY, TODAY), NOW
    )

    assert len(values) == 24
    assert [each for each in values if each["value"] != "0"] == [
        {"at": "2026-03-10T10Z", "value": "1"},
        {"at": "2026-03-10T12Z", "value": "1"},
    ]


def test_a_tracker_of_totals_has_one_value_whatever_the_period():
    known = definitions(tracker(granularity="total"))
    store, period = filled(known), Period(TODAY - 1, TODAY - 1)
    products = known.trackers["products"]

    assert counter_queries.series(store, products, "product:1", "views", period, NOW) == [
        {"at": "total", "value": "4.5"}
    ]
    assert counter_queries.rows(store, products, period, NOW)[0].sums["views"].shown() == {
        "sum": "4.5",
        "average": "4.5",
    }


def test_the_first_n_are_the_largest_sums_of_a_field():
    known = definitions(tracker())
    rows = counter_queries.rows(filled(known), known.trackers["products"], Period(TODAY - 5, TODAY), NOW)

    assert [row.object for row in counter_queries.top(rows, "views", 9)] == ["product:1", "product:2"]
    assert [row.object for row in counter_queries.top(rows, "views", 1)] == ["product:1"]
    assert [row.object for row in counter_queries.top(rows, "buys", 9)] == ["product:2"]


def test_a_period_is_30_days_with_today_unless_it_says_otherwise():
    assert period_from(None, None, NOW) == Period(TODAY - 29, TODAY)
    assert period_from("2026-03-01", "2026-03-02", NOW) == Period(TODAY - 9, TODAY - 8)


@pytest.mark.parametrize(
    ("first", "last"), [("2026-03-02", "2026-03-01"), ("2020-01-01", "2026-01-01"), ("x", None)]
)
def test_a_period_that_is_none_or_too_long_is_refused(first, last):
    with pytest.raises(InvalidInput):
        period_from(first, last, NOW)


def test_more_counters_than_one_answer_can_hold_are_refused_loudly(monkeypatch):
    monkeypatch.setattr(counter_queries, "MAX_COUNTERS", 3)
    known = definitions(tracker())
    with pytest.raises(InvalidInput):
        counter_queries.rows(filled(known), known.trackers["products"], Period(TODAY - 5, TODAY), NOW)
