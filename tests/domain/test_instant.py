"""Instants and days, and the words for bad ones."""

import contextlib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.errors import InvalidInput
from chalicelib.domain.instant import (
    DAY,
    FIRST,
    LAST,
    asked_day,
    day_of,
    from_datetime,
    iso_at,
    iso_day,
    parse_at,
    parse_day,
    recorded_at,
    start_of,
)

instants = st.integers(0, 100_000 * DAY)


@given(instants)
def test_an_instant_survives_its_text(at):
    assert recorded_at(iso_at(at)) == at


@given(st.integers(FIRST, LAST))
def test_an_instant_of_the_usual_years_can_be_sent(at):
    assert parse_at(iso_at(at)) == at
    assert asked_day(iso_day(day_of(at))) == day_of(at)


@given(instants)
def test_a_day_survives_its_text_and_holds_its_instants(at):
    day = day_of(at)

    assert parse_day(iso_day(day)) == day
    assert start_of(day) <= at < start_of(day + 1)


def test_offsets_are_read():
    assert parse_at("2026-11-21T10:30:00+01:00") == parse_at("2026-11-21T09:30:00Z")
    assert parse_at("2026-11-21T09:30:00Z") == from_datetime(datetime(2026, 11, 21, 9, 30, tzinfo=UTC))


@pytest.mark.parametrize("text", [None, 3, "", "today", "2026-11-21T09:30:00", "2026-13-01T00:00:00Z"])
def test_bad_times_name_their_field(text):
    with pytest.raises(InvalidInput, match="when"):
        parse_at(text, "when")


@pytest.mark.parametrize("text", [None, 3, "", "20261121", "2026-02-30", "2026-W01-1"])
def test_bad_days_name_their_field(text):
    with pytest.raises(InvalidInput, match="day"):
        parse_day(text)


ODD = [
    "0001-01-01T00:00:00+14:00",
    "0001-01-01T00:00:00+23:59",
    "9999-12-31T23:59:59.999999-23:59",
    "1970-01-01T00:00:00Z",
    "1999-12-31T23:59:59.999Z",
    "2000-01-01T00:00:00+00:01",
    "2200-01-01T00:00:00.001Z",
]


@pytest.mark.parametrize("text", ODD)
def test_an_instant_outside_2000_to_2200_is_refused_where_it_is_sent_and_read_where_it_is_stored(text):
    with pytest.raises(InvalidInput, match="when: must lie between 2000-01-01 and 2200-01-01"):
        parse_at(text, "when")

    assert isinstance(recorded_at(text), int)


@pytest.mark.parametrize("text", ["0001-01-01", "1999-12-31", "2200-01-02", "9999-12-31"])
def test_a_day_outside_2000_to_2200_cannot_be_asked_for(text):
    with pytest.raises(InvalidInput, match="from: must lie between"):
        asked_day(text, "from")

    assert isinstance(parse_day(text), int)


@given(st.text() | st.datetimes(timezones=st.timezones()).map(lambda each: each.isoformat()))
def test_no_text_raises_anything_but_invalid_input(text):
    for read in (parse_at, recorded_at, asked_day, parse_day):
        with contextlib.suppress(InvalidInput):
            read(text)
