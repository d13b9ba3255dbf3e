"""Trackers: their buckets, their retention, and what objects may be called."""

import pytest

from chalicelib.domain.errors import InvalidInput
from chalicelib.domain.instant import DAY, parse_at
from chalicelib.domain.tracking.tracker import BUILT_IN, Bucket, checked_object
from tests.tracking import tracker

MIDNIGHT = parse_at("2026-03-10T00:00:00Z")


@pytest.mark.parametrize(
    ("granularity", "before", "after"),
    [
        ("total", "total", "total"),
        ("daily", "2026-03-09", "2026-03-10"),
        ("hourly", "2026-03-09T23Z", "2026-03-10T00Z"),
    ],
)
def test_a_bucket_begins_with_its_first_millisecond_in_utc(granularity, before, after):
    known = tracker(granularity=granularity)

    assert str(known.bucket_of(MIDNIGHT - 1)) == before
    assert str(known.bucket_of(MIDNIGHT)) == after


def test_a_counter_is_kept_for_so_many_days_after_its_own():
    known = tracker(retention_days=30)
    day = MIDNIGHT // DAY

    assert known.expires_at(Bucket(day, 5)) == MIDNIGHT + 31 * DAY
    assert known.expires_at(Bucket(None)) is None
    assert tracker().expires_at(Bucket(day)) is None


@pytest.mark.parametrize("name", ["product:1", "product:ü/2 #3", "page:/a?b=c", "a:" + "x" * 128])
def test_an_object_is_its_kind_and_any_printable_id(name):
    assert checked_object(name, "object") == name


NO_OBJECTS = [
    *("product", "product:", ":1", "product: 1", "product:1 ", "product:a\nb", "product:%41", "a b:1"),
    *(None, 5, "a:" + "x" * 129, "product:\ud800"),
]


@pytest.mark.parametrize("name", NO_OBJECTS)
def test_an_object_without_kind_or_id_or_that_a_url_would_change_is_none(name):
    with pytest.raises(InvalidInput) as refused:
        checked_object(name, "events[0].object")

    assert refused.value.field == "events[0].object"


def test_an_object_of_another_kind_is_refused():
    with pytest.raises(InvalidInput):
        checked_object("user:1", "object", "product")


def test_a_redirect_counts_the_click_field_or_the_first_one():
    assert tracker().clicked == "views"
    assert tracker(click_field="buys").clicked == "buys"


def test_nobody_but_servers_may_emit_to_what_is_built_in():
    assert all(each.server_only for each in BUILT_IN.values())
