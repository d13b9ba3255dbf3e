"""A batch of events: a bad one loses no other, and what is none at all is said to be none."""

import json

import pytest

from chalicelib.domain.errors import InvalidInput
from chalicelib.domain.instant import DAY
from chalicelib.web.browser.batch import MAX_BYTES, MAX_EVENTS, batch_from

NOW = 1_780_000_000_000
GOAL = {"type": "goal", "id": "g", "goal": "buy", "age": 10}


def batch(*events, **fields):
    return batch_from(json.dumps({"visitor": "visitor-1", "events": events, **fields}), NOW)


def test_ages_become_instants_and_ties_keep_their_order():
    first, second, third = batch({**GOAL, "age": 500}, {**GOAL, "age": 500}, GOAL).events

    assert [first.at, second.at, third.at] == [NOW - 500, NOW - 499, NOW - 10]


def test_a_clock_that_was_set_back_means_now():
    assert batch({**GOAL, "age": -5000}).events[0].at == NOW


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        ("text", "events[1]"),
        (None, "events[1]"),
        ({**GOAL, "type": "party"}, "events[1].type"),
        ({**GOAL, "id": ""}, "events[1].id"),
        ({**GOAL, "goal": "no spaces"}, "events[1].goal"),
        ({**GOAL, "goal": "x" * 65}, "events[1].goal"),
        ({**GOAL, "value": "much"}, "events[1].value"),
        ({**GOAL, "value": 1e10}, "events[1].value"),
        ({**GOAL, "age": "old"}, "events[1].age"),
        ({**GOAL, "age": True}, "events[1].age"),
        ({**GOAL, "age": float("nan")}, "events[1].age"),
        ({**GOAL, "age": 500 * DAY}, "events[1].age"),
        ({"type": "enroll", "id": "e", "experiment": {}}, "events[1].experiment"),
        ({"type": "enroll", "id": "e", "experiment": "a", "phase": 0}, "events[1].phase"),
    ],
)
def test_one_bad_event_loses_no_other_and_its_field_is_named(bad, field):
    read = batch(GOAL, bad, {**GOAL, "id": "h"})

    assert len(read.events) == 2
    assert [problem.field for problem in read.problems] == [field]


def test_unknown_keys_are_dropped():
    read = batch({**GOAL, "colour": "red"}, taste="sweet")

    assert len(read.events) == 1
    assert read.problems == []


@pytest.mark.parametrize(
    "raw",
    ["", "{", "[]", '"text"', "null", "\x00", b"\xff\xfe", "[" * 16_000, '{"events": {}}', '{"events": "x"}'],
)
def test_what_is_no_batch_is_an_error_of_its_sender(raw):
    with pytest.raises(InvalidInput):
        batch_from(raw, NOW)


def test_the_limits_are_sixteen_kilobytes_and_fifty_events():
    assert len(batch(*[GOAL] * MAX_EVENTS).events) == MAX_EVENTS
    with pytest.raises(InvalidInput, match="50"):
        batch(*[GOAL] * (MAX_EVENTS + 1))
    with pytest.raises(InvalidInput, match="16384"):
        batch_from(b" " * (MAX_BYTES + 1), NOW)


def test_a_batch_says_what_it_would_enrol_in_and_whether_a_program_drives_the_browser():
    read = batch(
        {"type": "enroll", "id": "e", "experiment": "headline"},
        {"type": "enroll", "experiment": 7},
        webdriver=True,
    )

    assert read.experiments == ["headline"]
    assert read.webdriver
    assert not batch().webdriver
