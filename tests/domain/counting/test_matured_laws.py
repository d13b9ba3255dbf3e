"""The numbers of visitors whose window is over, held against a naive reader of the raw events."""

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from chalicelib.domain.counting.rules import rules_of
from chalicelib.domain.counting.settling import MANY, settle
from chalicelib.domain.counting.tally import Tally, tally_of
from chalicelib.domain.instant import DAY
from chalicelib.services.reports.analysis_request import phase_request
from chalicelib.services.reports.report_frame import frame
from tests.domain.counting.matured_world import (
    DAYS,
    EXPERIMENT,
    GOALS,
    WORLD,
    documents,
    naive_rows,
    people,
)
from tests.domain.worlds import START
from tests.laws import tried

pytestmark = pytest.mark.no_cover  # tracing would double what it takes

RULES = rules_of(WORLD)
KINDS = {goal.name: [goal.name] for goal in GOALS if not goal.parts} | {"basket": ["sum", "count"]}


def tally_of_all(visitors):
    tally = Tally()
    for visitor in visitors:
        tally.fold(visitor, RULES)
    return tally


def told_rows(tally, goal):
    """By day and variation the matured numbers of a goal that go to the statistics."""
    report = frame(WORLD, EXPERIMENT, tally, {}, DAYS[-1], START + 400 * DAY)
    asked = {each["key"]: each for each in phase_request(report, 1, DAYS[-1])["goals"]}
    series = asked[goal].get("matured")
    if series is None:
        return None
    first = DAYS[-1] + 1 - len(series.arms[0].n)
    return {(day, arm.key): _row(series, arm, day - first) for day in DAYS for arm in series.arms}


def _row(series, arm, i):
    sums, pre = (tuple(column[i] for column in columns) for columns in (arm.sums, arm.pre))
    return arm.n[i], arm.nonzero[i], sums, pre, series.caps[i] if series.caps else None


def expected_rows(persons, goal):
    return {
        (day, arm): row
        for day in DAYS
        for (name, arm), row in naive_rows(persons, day).items()
        if name == goal
    }


def matured_in(tally):
    """The part of a tally that is about matured visitors."""
    return {key: (arm.windows, arm.matured) for key, arm in tally.arms.items()}


@pytest.mark.parametrize("goal", KINDS)
@given(data=st.data())
@tried(60)
def test_matured_numbers_of_every_day_are_those_of_a_naive_reader(goal, data):
    persons = data.draw(people(KINDS[goal]))
    told = told_rows(tally_of_all(documents(persons)), goal)
    expected = expected_rows(persons, goal)
    event("somebody has matured" if told else "nobody takes part")

    assert told == expected if told else not any(row[0] for row in expected.values())


@given(st.data())
@tried(100)
def test_matured_numbers_are_the_sums_of_any_parts_in_any_order(data):
    visitors = list(documents(data.draw(people())))
    parts = [Tally() for _ in range(data.draw(st.integers(1, 4)))]
    for visitor in data.draw(st.permutations(visitors)):
        data.draw(st.sampled_from(parts)).fold(visitor, RULES)
    whole = Tally()
    for part in data.draw(st.permutations(parts)):
        whole.add(tally_of(part.record()))

    assert matured_in(whole) == matured_in(tally_of_all(visitors))


@given(people(), people())
@tried(60)
def test_the_tally_of_two_groups_is_the_sum_of_their_tallies(some, others):
    added = tally_of_all(documents(some))
    added.add(tally_of_all(documents(others)))

    assert matured_in(added) == matured_in(tally_of_all([*documents(some), *documents(others)]))


@pytest.mark.parametrize("goal", KINDS)
@given(st.data())
@tried(40)
def test_settling_changes_no_matured_number(goal, data):
    visitors = list(documents(data.draw(people(KINDS[goal]))))
    moments = sorted(data.draw(st.lists(st.integers(-10, 45), min_size=1, max_size=3)))
    settled = visitors
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("chalicelib.domain.counting.settling.MANY", data.draw(st.sampled_from([0, MANY])))
        for day in moments:
            settled = [settle(visitor, WORLD, START + day * DAY) for visitor in settled]

    assert told_rows(tally_of_all(settled), goal) == told_rows(tally_of_all(visitors), goal)
