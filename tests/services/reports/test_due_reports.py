"""Which reports are due, and under which revision."""

import pytest

from chalicelib.domain.counting.arm_tally import ArmTally
from chalicelib.domain.counting.tally import Tally
from chalicelib.domain.experiments.experiment import disable
from chalicelib.domain.experiments.experiment_input import experiment_from
from chalicelib.domain.instant import DAY, HOUR, iso_at, start_of
from chalicelib.services.reports.due_reports import (
    MOST_EMPTY_DAYS,
    due_reports,
    is_due,
    reported_days,
    revision_after,
)
from chalicelib.services.store import Written

TODAY = 20_000
NOW = start_of(TODAY) + HOUR


@pytest.mark.parametrize(
    ("there", "digest", "provisional", "due"),
    [
        (None, "a", False, True),
        (Written("a", 1, False, NOW - 1), "a", False, False),
        (Written("a", 1, False, NOW - 1), "b", False, True),
        (Written("a", 1, True, NOW - 1), "a", False, True),
        (Written("a", 1, True, NOW - 1), "a", True, False),
        (Written("failed", 1, False, NOW - 1, failed=True), "a", False, True),
        (Written("a", 1, False, NOW + 1), "b", False, False),
        (Written("failed", 1, False, NOW + 1, failed=True), "b", False, False),
    ],
)
def test_a_report_is_due_when_it_is_missing_failed_or_different_and_none_is_newer(
    there, digest, provisional, due
):
    assert is_due(there, digest, provisional, NOW) is due


def test_a_final_report_that_is_replaced_raises_the_revision():
    assert revision_after(None) == 1
    assert revision_after(Written("a", 3, False)) == 4
    assert revision_after(Written("a", 3, True)) == 3
    assert revision_after(Written("a", 3, False, failed=True)) == 3


def begun(started_day, created_day):
    entry = {"name": "x", "state": "enabled", "started_at": iso_at(start_of(started_day))}
    return experiment_from(entry, start_of(created_day))


def counted_on(*days):
    return Tally({("x", 1, "control"): ArmTally({day: 1 for day in days})})


def test_every_day_since_the_start_is_reported_whether_anybody_came_or_not():
    days = reported_days(begun(TODAY - 5, TODAY - 5), Tally(), {}, NOW, today=False)

    assert days == range(TODAY - 5, TODAY)


def test_ten_empty_years_before_the_definition_are_not_made_up_for():
    days = reported_days(begun(TODAY - 3650, TODAY), Tally(), {}, NOW, today=False)

    assert days == range(TODAY - 1 - MOST_EMPTY_DAYS, TODAY)


def test_what_was_counted_before_the_definition_is_reported():
    days = reported_days(begun(TODAY - 3650, TODAY), counted_on(TODAY - 100), {}, NOW, today=True)

    assert days == range(TODAY - 100 - MOST_EMPTY_DAYS, TODAY + 1)


def test_nothing_is_reported_after_the_end_nor_before_the_start():
    ended = disable(begun(TODAY - 5, TODAY - 5), start_of(TODAY - 3) + HOUR)

    assert reported_days(ended, Tally(), {}, NOW, today=True) == range(TODAY - 5, TODAY - 2)
    assert not reported_days(begun(TODAY + 5, TODAY), Tally(), {}, NOW, today=True)


def test_only_the_newest_day_is_the_latest():
    due = due_reports(begun(TODAY - 2, TODAY - 2), counted_on(TODAY - 2), {}, {}, {}, NOW + DAY, today=False)

    assert [(each.day, each.latest) for each in due] == [
        (TODAY - 2, False),
        (TODAY - 1, False),
        (TODAY, True),
    ]


def test_excluded_requests_of_a_day_change_its_digest_and_those_of_later_days():
    def digests(excluded):
        known = begun(TODAY - 3, TODAY - 3), counted_on(TODAY - 3), {}
        return [each.digest for each in due_reports(*known, excluded, {}, NOW, today=False)]

    before, after = digests({}), digests({TODAY - 2: {"bot": 1}})

    assert before[0] == after[0]
    assert before[1] != after[1]
    assert before[2] != after[2]
