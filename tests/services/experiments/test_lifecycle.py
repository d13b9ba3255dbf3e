"""Definitions: django-lean's loader, and what operators change."""

import pytest

from chalicelib.domain.errors import InvalidInput, NotFound
from chalicelib.domain.experiments.experiment import State
from chalicelib.services.experiments import lifecycle, load_definitions
from chalicelib.services.experiments.declare_goals import declare_goal
from chalicelib.storage.memory.store import MemoryStore

STARTED = {"name": "old", "state": "enabled", "started_at": "2026-01-01T00:00:00Z"}


@pytest.fixture
def store():
    return MemoryStore()


@pytest.fixture
def filled(store):
    lifecycle.create(store, {"name": "first"}, 1000)
    return store


def test_missing_experiments_are_added_as_disabled(filled):
    loaded = load_definitions.load(filled, [{"name": "headline"}], 2000)

    assert loaded.added == ["headline"]
    assert lifecycle.get(filled, "headline").state is State.DISABLED


def test_existing_ones_keep_their_state_and_dates(filled):
    lifecycle.enable(filled, "first", 2000)
    before = lifecycle.get(filled, "first")
    loaded = load_definitions.load(filled, [{"name": "first", "description": "other"}], 3000)

    assert (loaded.existing, loaded.added) == (["first"], [])
    assert lifecycle.get(filled, "first") == before


def test_state_and_dates_are_taken_into_an_empty_store_only(store, filled):
    loaded = load_definitions.load(filled, [STARTED], 2000)

    assert lifecycle.get(filled, "old").started_at is None
    assert "[0].state" in loaded.warnings[0]

    empty = MemoryStore()
    load_definitions.load(empty, [STARTED, {**STARTED, "name": "other"}], 2_000_000_000_000)

    assert {each.state for each in empty.definitions().experiments.values()} == {State.ENABLED}


def test_goals_of_a_loaded_experiment_count_from_its_start(store):
    load_definitions.load(store, [{**STARTED, "goals": ["buy"]}], 2_000_000_000_000)

    assert store.definitions().goals["buy"].declared_at == lifecycle.get(store, "old").started_at


def test_a_bad_entry_is_a_warning_and_the_rest_is_processed(store):
    loaded = load_definitions.load(store, [{}, {"name": "good"}, {"name": "bad", "colour": 1}, 3], 1000)

    assert loaded.added == ["good"]
    assert [warning.split(":")[0] for warning in loaded.warnings] == ["[0].name", "[2].colour", "[3]"]


def test_what_is_no_list_is_an_error(store):
    with pytest.raises(InvalidInput, match="name: is not known"):
        load_definitions.load(store, {"name": "x"}, 1000)


def test_entries_that_were_removed_are_listed_as_orphaned(filled):
    assert load_definitions.load(filled, [{"name": "second"}], 2000).orphaned == ["first"]


def test_loading_twice_adds_nothing(store):
    entries = [{"name": "a", "goals": ["buy", {"name": "spend", "type": "engagement"}]}, {"name": "b"}]
    first, second = (load_definitions.load(store, entries, 1000) for _ in range(2))

    assert (first.added, first.goals) == (["a", "b"], ["buy", "spend"])
    assert (second.added, second.existing, second.goals) == ([], ["a", "b"], [])


def test_a_name_can_be_taken_once(filled):
    with pytest.raises(InvalidInput, match="name"):
        lifecycle.create(filled, {"name": "first"}, 2000)
    declare_goal(filled, {"name": "buy"}, 2000)
    with pytest.raises(InvalidInput, match="name"):
        declare_goal(filled, "buy", 2000)


def test_states_are_changed_by_name(filled):
    assert lifecycle.enable(filled, "first", 2000).state is State.ENABLED
    assert lifecycle.disable(filled, "first", 3000).state is State.DISABLED
    assert lifecycle.promote(filled, "first", "test", 4000).promoted == "test"
    with pytest.raises(NotFound):
        lifecycle.enable(filled, "nothing", 2000)


def test_what_can_change_is_changed(filled):
    lifecycle.enable(filled, "first", 2000)
    changed = lifecycle.change(filled, "first", {"weights": [1, 3], "description": "new"}, 3000)

    assert [each.weight for each in changed.phase.variations] == [0.25, 0.75]
    assert (changed.phase.number, changed.description) == (2, "new")
    assert lifecycle.change(filled, "first", {"coverage": 0.5}, 4000).phase.number == 3


@pytest.mark.parametrize(
    ("fields", "field"),
    [({"name": "y"}, "name"), ({"coverage": 2}, "coverage"), ({"description": 1}, "description")],
)
def test_what_cannot_change_names_its_field(filled, fields, field):
    with pytest.raises(InvalidInput) as caught:
        lifecycle.change(filled, "first", fields, 2000)

    assert caught.value.field == field


class Stops(MemoryStore):
    """A store that fails after so many writes of definitions."""

    left = 99

    def _save_definition(self, value):
        if not self.left:
            raise OSError("the store is away")
        self.left -= 1
        return super()._save_definition(value)


@pytest.mark.parametrize("written", range(3))
def test_a_creation_that_was_cut_short_is_completed_when_it_is_repeated(written):
    store, whole = Stops(), MemoryStore()
    entry = {"name": "x", "state": "enabled", "goals": ["buy", {"name": "spend", "type": "engagement"}]}
    store.left = written
    with pytest.raises(OSError, match="away"):
        lifecycle.create(store, entry, 1000)
    store.left = 99
    lifecycle.create(store, entry, 1000)
    lifecycle.create(whole, entry, 1000)

    assert vars(store.definitions()) == vars(whole.definitions())


class Races(MemoryStore):
    """A store in which another request saves the same a moment before."""

    def _save_definition(self, value):
        super()._save_definition(value)
        return super()._save_definition(value)


def test_what_another_request_made_meanwhile_stops_no_file():
    store = Races()
    loaded = load_definitions.load(store, [{"name": "a", "goals": ["buy"]}, {"name": "b"}], 1000)

    assert (loaded.existing, loaded.added, loaded.warnings) == (["a", "b"], [], [])
    assert set(store.definitions().goals) == {"buy"}


def test_states_are_changed_by_name_on_a_planned_experiment_too(store):
    lifecycle.create(store, {"name": "x", "started_at": "2030-01-01T00:00:00Z"}, 1000)

    assert lifecycle.enable(store, "x", 2000).enabled[0].started_at == lifecycle.get(store, "x").started_at
    assert lifecycle.change(store, "x", {"weights": [1, 3]}, 3000).phase.number == 1
    assert lifecycle.disable(store, "x", 4000).enabled == ()
