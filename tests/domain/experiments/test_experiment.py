"""django-lean's three states with their dates, and where we differ on purpose."""

from dataclasses import replace

import pytest

from chalicelib.domain.errors import InvalidInput
from chalicelib.domain.experiments.experiment import (
    State,
    Variation,
    cover,
    disable,
    enable,
    promote,
    reweigh,
)
from chalicelib.domain.experiments.experiment_input import experiment_from
from chalicelib.domain.experiments.interval import Interval
from chalicelib.domain.experiments.records import experiment_of, experiment_record
from chalicelib.domain.visitors.assignment import assign
from chalicelib.domain.visitors.visitor import Enrollment

NEW = experiment_from({"name": "headline"}, 1000)
HALVES = (Variation("control", 0.5, 1), Variation("test", 0.5, 1))


def test_new_experiments_start_disabled_and_without_dates():
    assert (NEW.state, NEW.started_at, NEW.ended_at) == (State.DISABLED, None, None)


def test_enabling_sets_the_start_if_empty():
    assert enable(NEW, 2000).started_at == 2000
    assert enable(disable(enable(NEW, 2000), 3000), 4000).started_at == 2000


@pytest.mark.parametrize("end", [disable, lambda each, now: promote(each, "test", now)])
def test_disabling_or_promoting_sets_the_end(end):
    ended = end(enable(NEW, 2000), 3000)

    assert ended.ended_at == 3000
    assert not ended.was_enabled(3000)
    assert ended.was_enabled(2999)


def test_enabling_again_clears_the_end_and_counts_nothing_in_between():
    again = enable(disable(enable(NEW, 2000), 3000), 4000)

    assert again.ended_at is None
    assert [again.was_enabled(at) for at in (1999, 2500, 3500, 4500)] == [False, True, False, True]


def test_disabled_to_promoted_is_dated_too():
    assert promote(NEW, "test", 3000).ended_at == 3000


def test_promoting_an_ended_experiment_keeps_its_end():
    assert promote(disable(enable(NEW, 2000), 3000), "test", 9000).ended_at == 3000


def test_created_as_enabled_also_starts():
    created = experiment_from({"name": "x", "state": "enabled"}, 5000)

    assert created.started_at == 5000
    assert created.was_enabled(5000)


def test_hand_set_dates_are_respected():
    created = experiment_from({"name": "x", "state": "enabled", "started_at": "2026-01-01T00:00:00Z"}, 5000)

    assert created.was_enabled(created.started_at)


@pytest.mark.parametrize(("end", "expected"), [(2000, 2000), (9000, 3000)])
def test_an_end_set_by_hand_stays_once_it_has_passed_and_is_moved_forward_before(end, expected):
    running = replace(enable(NEW, 1000), ended_at=end, enabled=(Interval(1000, end),))
    ended = disable(running, 3000)

    assert (ended.ended_at, ended.enabled) == (expected, (Interval(1000, expected),))


def test_an_invalid_state_is_an_error():
    with pytest.raises(InvalidInput, match="state"):
        experiment_from({"name": "x", "state": "running"}, 5000)


def test_changing_nothing_gives_the_same_experiment():
    enabled = enable(NEW, 2000)

    assert enable(enabled, 3000) is enabled
    assert disable(NEW, 3000) is NEW
    assert reweigh(enabled, HALVES, 3000) is enabled


def test_only_a_variation_can_be_promoted():
    with pytest.raises(InvalidInput, match="control, test"):
        promote(NEW, "other", 3000)


def test_other_weights_begin_the_next_phase_once_it_has_started():
    weights = (Variation("control", 0.9), Variation("test", 0.1))
    changed = reweigh(enable(NEW, 2000), weights, 3000)

    assert [phase.number for phase in changed.phases] == [1, 2]
    assert changed.phases[0].variations == HALVES
    assert changed.phase.started_at == 3000
    assert len(reweigh(NEW, weights, 3000).phases) == 1


def test_more_coverage_stays_in_the_phase_and_less_begins_the_next():
    half = cover(enable(NEW, 2000), 0.5, 3000)

    assert half.phase.number == 2
    assert cover(half, 0.7, 4000).phase.number == 2
    assert cover(half, 0.7, 4000).phase.coverage == 0.7


def test_a_final_experiment_that_is_enabled_again_begins_the_next_phase():
    from dataclasses import replace

    final = replace(disable(enable(NEW, 2000), 3000), finalized_at=9000)

    assert enable(final, 10_000).phase.number == 2
    assert enable(final, 10_000).finalized_at is None


def test_a_record_holds_all_of_an_experiment():
    changed = cover(disable(enable(NEW, 2000), 3000), 0.5, 4000)

    assert experiment_of(experiment_record(changed), changed.version) == changed


class TestAssignment:
    def test_unknown_is_control(self):
        assert (assign(None, "v", 9000).variation, assign(None, "v", 9000).in_experiment) == (
            "control",
            False,
        )

    def test_disabled_is_control_even_for_those_enrolled_in_test(self):
        ended = disable(enable(NEW, 2000), 3000)

        assert assign(ended, "v", 9000, Enrollment("test", 1, 2500, "e")).variation == "control"

    def test_promoted_is_the_promoted_one_even_for_those_enrolled_in_control(self):
        promoted = promote(enable(NEW, 2000), "test", 3000)

        assert assign(promoted, "v", 9000, Enrollment("control", 1, 2500, "e")).variation == "test"

    def test_enrolled_keeps_its_variation_after_a_change_of_weights(self):
        changed = reweigh(enable(NEW, 2000), (Variation("control", 1.0), Variation("test", 0.0)), 3000)
        found = assign(changed, "v", 9000, Enrollment("test", 1, 2500, "e"))

        assert (found.variation, found.phase, found.in_experiment) == ("test", 1, True)

    def test_outside_the_coverage_is_control_and_not_in_the_experiment(self):
        found = assign(cover(enable(NEW, 2000), 0.0, 3000), "v", 9000)

        assert (found.variation, found.in_experiment, found.reason) == ("control", False, "coverage")
