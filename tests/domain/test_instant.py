"""Instants and days, and the words for bad ones."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.errors import InvalidInput
from chalicelib.domain.instant import (
    DAY,
    day_of,
    from_datetime,
    iso_at,
    iso_day,
    parse_at,
    parse_day,
    start_of,
)

instants = st.integers(0, 100_000 * DAY)


@given(instants)
def test_an_instant_survives_its_text(at):
    assert parse_at(iso_at(at)) == at


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
