"""How a tracker is written down, and what of it may change."""

import pytest

from chalicelib.domain.errors import InvalidInput
from chalicelib.domain.tracking.tracker_input import changed as change
from chalicelib.domain.tracking.tracker_input import tracker_from
from chalicelib.domain.tracking.tracker_record import shown_tracker, tracker_of, tracker_record
from tests.tracking import NOW, tracker


def changed(tracker, fields):
    """A change of a tracker as it is shown."""
    return change(tracker, shown_tracker(tracker), fields)


FULL = {
    "granularity": "hourly",
    "count_spiders": True,
    "strict": True,
    "declared_only": True,
    "server_only": True,
    "public_key": "pk-1",
    "origins": ["https://shop.example"],
    "click_field": "buys",
    "retention_days": 400,
    "lanes": 8,
}


def test_a_record_gives_the_same_tracker_again():
    known = tracker(**FULL)

    assert tracker_of(tracker_record(known), version=0) == known


def test_the_smallest_entry_is_daily_lenient_open_and_leaves_spiders_out():
    known = tracker_from({"name": "n", "kind": "k", "fields": ["f"]}, NOW)

    assert (known.granularity, known.strict, known.count_spiders) == ("daily", False, False)
    assert (known.server_only, known.public_key, known.origins, known.retention_days) == (
        False,
        None,
        (),
        None,
    )


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": "a b"}, "name"),
        ({"name": "excluded"}, "name"),
        ({"kind": ""}, "kind"),
        ({"fields": []}, "fields"),
        ({"fields": "views"}, "fields"),
        ({"fields": ["views", "views"]}, "fields"),
        ({"fields": ["a#b"]}, "fields[0]"),
        ({"granularity": "weekly"}, "granularity"),
        ({"strict": 1}, "strict"),
        ({"origins": ["shop.example"]}, "origins[0]"),
        ({"origins": ["https://shop.example/"]}, "origins[0]"),
        ({"click_field": "clicks"}, "click_field"),
        ({"retention_days": 0}, "retention_days"),
        ({"lanes": 65}, "lanes"),
        ({"lanes": True}, "lanes"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_wrong_entry_names_its_field(fields, field):
    with pytest.raises(InvalidInput) as refused:
        tracker(**fields)

    assert refused.value.field == field


def test_fields_are_added_and_rules_changed_under_the_same_version():
    after = changed(tracker(), {"fields": ["views", "buys", "returns"], "strict": True, "lanes": 5})

    assert (after.fields, after.strict, after.lanes) == (("views", "buys", "returns"), True, 5)


@pytest.mark.parametrize(
    "entry", [{"name": "x"}, {"kind": "x"}, {"granularity": "hourly"}, {"lanes": 3}, {"fields": []}]
)
def test_what_would_orphan_counters_or_messages_cannot_be_changed(entry):
    with pytest.raises(InvalidInput):
        changed(tracker(), entry)
