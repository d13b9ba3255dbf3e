"""What people write to define an experiment, and the field that an error names."""

import pytest

from chalicelib.domain.errors import InvalidInput
from chalicelib.domain.experiments.experiment_input import experiment_from
from chalicelib.domain.experiments.goal_input import goal_from

BAD = [
    ([], "body"),
    ({}, "name"),
    ({"name": "a b"}, "name"),
    ({"name": "x" * 65}, "name"),
    ({"name": "constructor"}, "name"),
    ({"name": "x", "colour": 1}, "colour"),
    ({"name": "x", "state": 3}, "state"),
    ({"name": "x", "variations": ["one"]}, "variations"),
    ({"name": "x", "variations": ["one", "one"]}, "variations"),
    ({"name": "x", "variations": ["one", 2]}, "variations[1]"),
    ({"name": "x", "weights": [1]}, "weights"),
    ({"name": "x", "weights": [1, "2"]}, "weights[1]"),
    ({"name": "x", "weights": [1, -1]}, "weights[1]"),
    ({"name": "x", "weights": [0, 0]}, "weights"),
    ({"name": "x", "weights": [1, float("nan")]}, "weights[1]"),
    ({"name": "x", "goals": "buy"}, "goals"),
    ({"name": "x", "goals": ["any"]}, "goals[0]"),
    ({"name": "x", "goals": [{"name": 3}]}, "goals[0].name"),
    ({"name": "x", "coverage": 1.5}, "coverage"),
    ({"name": "x", "alpha": 1}, "alpha"),
    ({"name": "x", "planned_visitors": 0}, "planned_visitors"),
    ({"name": "x", "max_sample_size": 1.5}, "max_sample_size"),
    ({"name": "x", "planned_days": True}, "planned_days"),
    ({"name": "x", "minimum_effect": "5 %"}, "minimum_effect"),
    ({"name": "x", "started_at": "yesterday"}, "started_at"),
    ({"name": "x", "started_at": "2026-01-01T00:00:00"}, "started_at"),
    ({"name": "x", "started_at": "2026-01-02T00:00:00Z", "ended_at": "2026-01-01T00:00:00Z"}, "ended_at"),
    ({"name": "x", "state": "promoted", "promoted": "other"}, "promoted"),
    ({"name": "x", "description": 1}, "description"),
]


@pytest.mark.parametrize(("entry", "field"), BAD)
def test_a_bad_experiment_names_its_field(entry, field):
    with pytest.raises(InvalidInput) as caught:
        experiment_from(entry, 1000)

    assert caught.value.field == field


def test_the_path_of_an_entry_in_a_file_is_named():
    with pytest.raises(InvalidInput) as caught:
        experiment_from({"name": "x", "alpha": 2}, 1000, "[3]")

    assert caught.value.field == "[3].alpha"


def test_weights_are_scaled_to_the_sum_one():
    made = experiment_from({"name": "x", "variations": ["a", "b", "c"], "weights": [2, 1, 1]}, 1000)

    assert [each.weight for each in made.phase.variations] == [0.5, 0.25, 0.25]


def test_variations_may_carry_their_weights():
    made = experiment_from(
        {"name": "x", "variations": [{"key": "a", "weight": 3}, {"key": "b", "weight": 1}]}, 1000
    )

    assert [each.weight for each in made.phase.variations] == [0.75, 0.25]


@pytest.mark.parametrize(
    ("entry", "field"),
    [
        ({"name": "x", "type": "sale"}, "type"),
        ({"name": "x", "max_value": "many"}, "max_value"),
        ({"name": "x", "window_days": 0}, "window_days"),
        ({"name": "x", "server_only": 1}, "server_only"),
        ({"title": "x"}, "title"),
        ("any", "name"),
        (3, "body"),
    ],
)
def test_a_bad_goal_names_its_field(entry, field):
    with pytest.raises(InvalidInput) as caught:
        goal_from(entry, 1000)

    assert caught.value.field == field


def test_the_plan_is_part_of_the_definition_and_has_an_older_name():
    fields = {"name": "x", "planned_days": 28, "minimum_effect": 0.05, "tuning": 77}
    new = experiment_from({**fields, "planned_visitors": 4000}, 1000)
    old = experiment_from({**fields, "max_sample_size": 4000}, 1000)

    assert new == old
    assert (new.plan.visitors, new.plan.days, new.plan.effect) == (4000, 28, 0.05)


def test_a_margin_belongs_to_a_guardrail():
    assert goal_from({"name": "x", "role": "guardrail", "margin": 0.02}, 1000).margin == 0.02
    with pytest.raises(InvalidInput):
        goal_from({"name": "x", "margin": 0.02}, 1000)
