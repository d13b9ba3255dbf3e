"""A start and an end that lie ahead, and what any sequence of changes leaves behind."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.errors import InvalidInput
from chalicelib.domain.experiments.experiment import (
    Phase,
    State,
    Variation,
    cover,
    disable,
    enable,
    phases_from,
    promote,
    reweigh,
)
from chalicelib.domain.experiments.experiment_input import experiment_from
from chalicelib.domain.experiments.interval import Interval, ordered
from chalicelib.domain.experiments.records import experiment_of, experiment_record
from chalicelib.domain.instant import iso_at, start_of
from chalicelib.domain.visitors.assignment import assign
from tests.laws import tried

BASE = start_of(20_000)
NOW, START, END = BASE + 1000, BASE + 5000, BASE + 9000
OTHERS = (Variation("control", 0.9), Variation("test", 0.1))


def planned(state="disabled", start=START, end=None):
    entry = {"name": "x", "state": state, "started_at": iso_at(start)}
    return experiment_from(entry if end is None else {**entry, "ended_at": iso_at(end)}, NOW)


@pytest.mark.parametrize("made", [enable(planned(), NOW), planned("enabled")])
def test_an_enabled_experiment_begins_by_itself_at_its_start(made):
    before, after = assign(made, "v", START - 1), assign(made, "v", START)

    assert (before.variation, before.in_experiment, before.reason) == ("control", False, "scheduled")
    assert (after.in_experiment, after.reason) == (True, "split")
    assert made.enabled == (Interval(START),)
    assert made.phase.started_at == START


@pytest.mark.parametrize("made", [enable(planned(end=END), NOW), planned("enabled", end=END)])
def test_a_planned_end_ends_it_by_itself(made):
    assert [assign(made, "v", at).reason for at in (END - 1, END)] == ["split", "ended"]
    assert (made.ended_at, made.enabled) == (END, (Interval(START, END),))


def test_enabling_twice_changes_nothing_and_begins_again_what_ended_as_planned():
    made = enable(planned(end=END), NOW)

    assert enable(made, NOW + 1) is made
    assert enable(made, START + 1) is made
    assert enable(made, END + 1).enabled == (Interval(START, END), Interval(END + 1))
    assert enable(made, END + 1).ended_at is None


def test_before_the_start_other_weights_begin_no_phase():
    changed = cover(reweigh(enable(planned(), NOW), OTHERS, START - 1), 0.5, START - 1)

    assert [phase.number for phase in changed.phases] == [1]
    assert (changed.phase.variations, changed.phase.started_at) == (OTHERS, START)
    assert reweigh(enable(planned(), NOW), OTHERS, START).phase.number == 2


def test_what_is_disabled_before_its_start_keeps_its_plan():
    stopped = disable(enable(planned(end=END), NOW), NOW + 1)

    assert (stopped.state, stopped.enabled) == (State.DISABLED, ())
    assert (stopped.started_at, stopped.ended_at) == (START, END)
    assert enable(stopped, NOW + 2).enabled == (Interval(START, END),)
    assert enable(stopped, START + 2).enabled == (Interval(START + 2, END),)
    assert enable(stopped, START + 2).phase.started_at == START + 2
    assert enable(stopped, END + 2).enabled == (Interval(END + 2),)


def test_what_is_promoted_before_its_start_gives_its_plan_up():
    promoted = promote(enable(planned(), NOW), "test", NOW + 1)

    assert (promoted.started_at, promoted.ended_at, promoted.enabled) == (None, NOW + 1, ())
    assert enable(promoted, NOW + 2).enabled == (Interval(NOW + 2),)
    assert enable(promoted, NOW + 2).started_at == NOW + 2


def test_disabled_at_the_instant_of_its_start_it_never_ran():
    stopped = disable(enable(experiment_from({"name": "x"}, NOW), START), START)

    assert (stopped.enabled, stopped.ended_at) == ((), START)


def test_nobody_enrols_in_what_was_made_promoted_or_disabled_with_dates():
    promoted, ran = planned("promoted", NOW - 10, END), planned("disabled", NOW - 10, END)
    over = planned("promoted", NOW - 10, NOW - 5)

    assert (promoted.ended_at, promoted.enabled) == (NOW, (Interval(NOW - 10, NOW),))
    assert (ran.ended_at, ran.enabled) == (NOW, (Interval(NOW - 10, NOW),))
    assert over.enabled == (Interval(NOW - 10, NOW - 5),)
    with pytest.raises(InvalidInput, match="started_at"):
        planned("promoted")


def test_what_earlier_versions_saved_is_read_in_order():
    assert ordered([Interval(1, None)], 5) == (Interval(5),)
    assert ordered([Interval(1, 3), Interval(2, 6), Interval(9, 8)], 2) == (Interval(2, 3), Interval(3, 6))
    assert ordered([Interval(5, None), Interval(5, 3), Interval(7, None)], None)[0] == Interval(5)
    phases = [Phase(number, at, "s", OTHERS) for number, at in ((1, 9), (2, 4), (3, 12))]
    assert [phase.started_at for phase in phases_from(phases, 3)] == [9, 9, 12]
    assert [phase.started_at for phase in phases_from(phases[1:], 10)] == [10, 12]


CHANGES = {
    "enable": lambda each, number, now: enable(each, now),
    "disable": lambda each, number, now: disable(each, now),
    "promote": lambda each, number, now: promote(each, ("control", "test")[number % 2], now),
    "reweigh": lambda each, number, now: reweigh(
        each, (Variation("control", number / 10), Variation("test", 1 - number / 10)), now
    ),
    "cover": lambda each, number, now: cover(each, number / 10, now),
}
moments = st.integers(BASE, BASE + 20)
made_experiments = st.builds(
    lambda state, start, length: (state, start, length),
    st.sampled_from(State),
    st.none() | moments,
    st.none() | st.integers(1, 10),
)


def made_from(plan):
    state, start, length = plan
    entry = {"name": "x", "state": state.value}
    if start is not None:
        entry["started_at"] = iso_at(start)
        entry |= {} if length is None else {"ended_at": iso_at(start + length)}
    return experiment_from(entry, BASE + 5)


def assert_in_order(experiment):
    spans = experiment.enabled
    assert all(each.ended_at is None or each.started_at < each.ended_at for each in spans)
    assert all(a.ended_at is not None and a.ended_at <= b.started_at for a, b in pairwise(spans))
    assert all(a.started_at <= b.started_at for a, b in pairwise(experiment.phases))
    assert [each.number for each in experiment.phases] == list(range(1, len(experiment.phases) + 1))
    if experiment.started_at is not None:
        firsts = [experiment.phases[0].started_at, *(each.started_at for each in spans)]
        assert min(firsts) >= experiment.started_at
        assert experiment.ended_at is None or experiment.ended_at >= experiment.started_at
    assert experiment_of(experiment_record(experiment), experiment.version) == experiment


@given(
    made_experiments,
    st.lists(st.tuples(st.sampled_from([*CHANGES]), st.integers(1, 9), moments), max_size=8),
)
@tried(1500)
def test_any_changes_at_any_times_leave_intervals_and_phases_in_order(plan, changes):
    """The times are in no order either: the clocks of two Lambdas differ."""
    try:
        experiment = made_from(plan)
    except InvalidInput:
        return
    assert_in_order(experiment)
    latest = BASE + 5
    for name, number, now in changes:
        latest = max(latest, now)
        experiment = CHANGES[name](experiment, number, now)

        assert_in_order(experiment)
        if experiment.state is not State.ENABLED:
            assert not any(experiment.was_enabled(at) for at in range(latest, BASE + 50))
        elif name == "enable":
            start = max(now, experiment.started_at)
            assert any(experiment.was_enabled(at) for at in range(start, BASE + 60))
