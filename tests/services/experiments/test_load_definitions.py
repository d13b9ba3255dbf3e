"""A file of definitions is understood as a whole, in whatever order its entries stand."""

from typing import Any

import pytest

from chalicelib.domain.errors import InvalidInput
from chalicelib.domain.experiments.goal import GoalType
from chalicelib.services.experiments.load_definitions import Loaded, load
from chalicelib.storage.memory.store import MemoryStore

NOW = 1_773_144_000_000
RATIO = {"name": "r", "type": "ratio", "numerator": "a", "denominator": "b"}


def loaded(body: Any, strict: bool = False) -> tuple[MemoryStore, Loaded]:
    store = MemoryStore()
    return store, load(store, body, NOW, strict)


def test_a_ratio_may_stand_before_the_goals_that_it_divides() -> None:
    store, _ = loaded({"goals": [RATIO, "a", "b"]}, strict=True)

    assert set(store.definitions().goals) == {"r", "a", "b"}


def test_an_experiment_may_name_a_goal_that_a_later_one_declares() -> None:
    store, _ = loaded(
        [{"name": "e1", "goals": ["r"]}, {"name": "e2", "goals": [RATIO, "a", "b"]}], strict=True
    )

    assert store.definitions().goals["r"].type is GoalType.RATIO
    assert set(store.definitions().experiments) == {"e1", "e2"}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ([{"name": "x"}, {"name": "x", "weights": [1, 2]}], "[1].name"),
        ({"goals": [{"name": "a", "unit": "s"}, {"name": "a", "unit": "EUR"}]}, "goals[1]"),
        ({"goals": [RATIO]}, "goals[0].numerator"),
        ({"goals": ["a", {"name": "b", "colour": 1}]}, "goals[1].colour"),
        ([{"name": "x", "goals": [RATIO]}], "[0].goals[0].numerator"),
        ({"experiments": [{"name": "x"}], "trackers": [{"name": "t"}]}, "trackers[0].kind"),
    ],
)
def test_with_strict_one_bad_entry_refuses_the_file_and_nothing_is_written(body: Any, field: str) -> None:
    store = MemoryStore()
    with pytest.raises(InvalidInput) as caught:
        load(store, body, NOW, strict=True)

    assert caught.value.field == field
    assert store.definitions().number == 0


def test_without_it_the_bad_entry_is_left_out_with_a_warning() -> None:
    store, found = loaded(
        {"goals": ["a", RATIO], "experiments": [{"name": "x"}, {"name": "y", "goals": ["r"]}]}
    )

    assert [each.split(":")[0] for each in found.warnings] == [
        "goals[1].denominator",
        "experiments[1].goals[0]",
    ]
    assert (set(store.definitions().goals), set(store.definitions().experiments)) == ({"a"}, {"x"})


def test_the_same_twice_is_once() -> None:
    _, found = loaded({"experiments": [{"name": "x"}, {"name": "x"}], "goals": ["a", "a"]}, strict=True)

    assert (found.added, found.goals, found.warnings) == (["x"], ["a"], [])
