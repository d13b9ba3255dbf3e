"""Declaring trackers and objects, loading them from a file, bringing in older counters."""

import pytest

from chalicelib.domain.errors import InvalidInput, NotFound
from chalicelib.domain.instant import DAY
from chalicelib.services.experiments import load_definitions
from chalicelib.services.tracking import manage_trackers
from chalicelib.storage.memory.store import MemoryStore
from tests.tracking import NOW, fold_all, total

ENTRY = {"name": "products", "kind": "product", "fields": ["views"]}


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


def test_a_tracker_is_declared_once_and_changed_later(store):
    manage_trackers.create(store, ENTRY, NOW)
    with pytest.raises(InvalidInput):
        manage_trackers.create(store, ENTRY, NOW)
    manage_trackers.change(store, "products", {"fields": ["views", "buys"]})

    assert manage_trackers.get(store, "products").fields == ("views", "buys")


def test_an_unknown_tracker_is_not_found_and_a_built_in_one_not_changed(store):
    with pytest.raises(NotFound):
        manage_trackers.get(store, "products")
    with pytest.raises(InvalidInput):
        manage_trackers.change(store, "excluded", {"strict": True})
    with pytest.raises(InvalidInput):
        manage_trackers.bring_in(store, "excluded", [], NOW, "once")


def test_a_file_adds_what_is_missing_and_warns_of_what_is_wrong(store):
    body = {"experiments": [{"name": "headline"}], "trackers": [ENTRY, {"name": "x"}, ENTRY]}
    loaded = load_definitions.load(store, body, NOW)

    assert (loaded.added, loaded.trackers) == (["headline"], ["products"])
    assert len(loaded.warnings) == 1
    assert loaded.warnings[0].startswith("trackers[1].kind: ")
    again = load_definitions.load(store, body, NOW)
    assert (again.added, again.trackers) == ([], [])


def test_a_list_of_experiments_is_a_file_too(store):
    assert load_definitions.load(store, [{"name": "headline"}], NOW).added == ["headline"]


@pytest.mark.parametrize("body", [{"counters": []}, {"trackers": {}}, {}, 5])
def test_a_file_that_is_neither_is_refused(store, body):
    with pytest.raises(InvalidInput):
        load_definitions.load(store, body, NOW)


def test_objects_are_declared_all_or_none(store):
    known = manage_trackers.create(store, ENTRY, NOW)
    with pytest.raises(InvalidInput):
        manage_trackers.declare(store, known, ["product:1", "user:1"])
    assert store.tracked("products") == {}

    manage_trackers.declare(store, known, ["product:1", {"object": "product:1", "label": "One"}])
    assert [each.label for each in store.tracked("products").values()] == ["One"]


def test_existing_counters_come_in_on_their_days_and_once_for_each_id(store):
    manage_trackers.create(store, ENTRY, NOW)
    rows = [
        {"object": "product:1", "field": "views", "by": "1234.5", "at": "2026-03-01T00:00:00Z"},
        {"object": "product:1", "field": "views", "by": 7, "at": "2026-02-28T00:00:00Z"},
    ]
    for imported in (2, 0):
        assert manage_trackers.bring_in(store, "products", rows, NOW, "old-system") == imported
        fold_all(store, store.definitions())

    assert total(store, manage_trackers.get(store, "products")) == {
        ("product:1", "views", "2026-03-01"): 12_345_000,
        ("product:1", "views", "2026-02-28"): 70_000,
    }


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ({"object": "product:1", "field": "views", "by": 1}, "rows[1].at"),
        ({"object": "product:1", "field": "sales", "at": "2026-03-01T00:00:00Z"}, "rows[1].field"),
        ({"object": "product:1", "field": "views", "by": "x", "at": "2026-03-01T00:00:00Z"}, "rows[1].by"),
        ("views", "rows[1]"),
    ],
)
def test_a_wrong_row_is_named_and_nothing_comes_in(store, row, field):
    manage_trackers.create(store, ENTRY, NOW)
    good = {"object": "product:1", "field": "views", "at": "2026-03-01T00:00:00Z"}
    with pytest.raises(InvalidInput) as refused:
        manage_trackers.bring_in(store, "products", [good, row], NOW, "once")

    assert refused.value.field == field
    assert fold_all(store, store.definitions()).messages == 0


def test_totals_come_in_without_a_time(store):
    manage_trackers.create(store, {**ENTRY, "granularity": "total"}, NOW)
    manage_trackers.bring_in(
        store, "products", [{"object": "product:1", "field": "views", "by": 9}], NOW, "once"
    )
    fold_all(store, store.definitions(), now=NOW + DAY)

    assert total(store, manage_trackers.get(store, "products")) == {("product:1", "views", "total"): 90_000}


def test_the_newest_come_first_and_the_built_in_ones_last(store):
    manage_trackers.create(store, ENTRY, NOW)
    manage_trackers.create(store, {**ENTRY, "name": "newer"}, NOW + 1)
    names = [each.name for each in manage_trackers.newest(store.definitions().trackers.values())]

    assert names == ["newer", "products", "excluded", "mail_proxies", "refused", "unknown_goals"]
