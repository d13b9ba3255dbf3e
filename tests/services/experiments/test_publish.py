"""What browsers get: the snippet with the definitions inside, at every change."""

import base64
import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.errors import Conflict
from chalicelib.domain.instant import DAY, Instant, iso_at, parse_at
from chalicelib.services.experiments import lifecycle
from chalicelib.services.experiments.publish import (
    FOREVER,
    SHORT,
    config_of,
    publish,
    publish_newest,
    publish_what_is_missing,
)
from chalicelib.storage.files.objects import MemoryObjects
from chalicelib.storage.memory.store import MemoryStore
from tests.laws import tried

NOW = parse_at("2026-03-10T12:00:00Z")
BUILT = {
    "leansplit.js": b"(function(){})()",
    "leansplit.mjs": b"export default 1",
    "leansplit.js.map": b'{"version":3,"mappings":"AAAA"}',
    "leansplit.d.ts": b"export {}",
}


class Files(MemoryObjects):
    """In memory, with how each file may be cached."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[str] = []
        self.kept: dict[str, tuple[str, str]] = {}

    def put(self, key: str, data: bytes, content_type: str = "", cache_control: str = "") -> None:
        super().put(key, data, content_type, cache_control)
        self.written.append(key)
        self.kept[key] = content_type, cache_control


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


def define(store: MemoryStore, **entry: Any) -> None:
    lifecycle.create(store, {"name": "headline", **entry}, NOW)


def config(store: MemoryStore, now: Instant = NOW) -> Any:
    return config_of(store.definitions(), now).get("headline")


def test_an_enabled_experiment_is_told_with_its_phase_seed_and_ranges(store):
    define(store, state="enabled", weights=[1, 3], coverage=0.5, seed="s")

    assert config(store) == {
        "keys": ["control", "test"],
        "seed": "s",
        "phase": 1,
        "since": 1,
        "ranges": [[0.0, 0.125], [0.25, 0.625]],
    }


def test_all_see_the_promoted_variation_and_control_of_a_disabled_one(store):
    define(store, state="promoted", promoted="test")
    assert config(store) == {"keys": ["control", "test"], "show": "test"}
    lifecycle.disable(store, "headline", NOW)

    assert config(store) == {"keys": ["control", "test"], "show": "control"}


def test_an_experiment_that_ended_for_good_is_left_out(store):
    define(store, state="enabled")
    lifecycle.disable(store, "headline", NOW)
    [known] = store.definitions().experiments.values()
    store.save_experiment(known.__class__(**{**vars(known), "finalized_at": NOW + 9 * DAY}))

    assert config(store) is None


def test_a_new_phase_keeps_the_memory_of_browsers_and_a_new_run_does_not(store):
    define(store, state="enabled")
    lifecycle.change(store, "headline", {"weights": [1, 3]}, NOW + DAY)
    assert (config(store)["phase"], config(store)["since"]) == (2, 1)
    lifecycle.disable(store, "headline", NOW + 2 * DAY)
    [known] = store.definitions().experiments.values()
    store.save_experiment(known.__class__(**{**vars(known), "finalized_at": NOW + 11 * DAY}))
    lifecycle.enable(store, "headline", NOW + 12 * DAY)

    assert (config(store)["phase"], config(store)["since"]) == (3, 3)


def test_the_script_holds_its_configuration_and_may_be_kept_for_a_minute(store):
    define(store, state="enabled")
    files = Files()
    publish(files, BUILT, store.definitions(), NOW)
    first, second = files.files["leansplit.js"].decode().split("\n")[:2]

    assert json.loads(first.removeprefix("window.leansplitConfig=").removesuffix(";")) == config_of(
        store.definitions(), NOW
    )
    assert second.encode() == BUILT["leansplit.js"]
    assert files.files["leansplit.mjs"].endswith(BUILT["leansplit.mjs"])
    assert files.kept["leansplit.js"] == ("text/javascript; charset=utf-8", SHORT)


def test_the_strict_form_never_changes_and_has_its_digest_published(store):
    files = Files()
    publish(files, BUILT, store.definitions(), NOW)
    entry = json.loads(files.files["leansplit.integrity.json"])["leansplit.js"]
    digest = base64.b64encode(hashlib.sha384(files.files[entry["file"]]).digest()).decode()

    assert entry["integrity"] == f"sha384-{digest}"
    assert files.files[entry["file"]] == BUILT["leansplit.js"]
    assert files.kept[entry["file"]][1] == FOREVER
    assert files.files["leansplit.config.js"] == b"window.leansplitConfig={};\n"


def test_the_source_map_counts_the_line_of_the_configuration(store):
    files = Files()
    publish(files, BUILT, store.definitions(), NOW)

    assert json.loads(files.files["leansplit.js.map"])["mappings"] == ";AAAA"


def test_a_change_writes_only_what_depends_on_it(store):
    files = Files()
    publish(files, BUILT, store.definitions(), NOW)
    files.written.clear()
    define(store)
    publish(files, BUILT, store.definitions(), NOW)

    assert sorted(files.written) == ["leansplit.config.js", "leansplit.js", "leansplit.mjs"]


def test_a_new_build_is_published_beside_the_old_one(store):
    files = Files()
    publish(files, BUILT, store.definitions(), NOW)
    before = set(files.files)
    publish(files, {**BUILT, "leansplit.js": b"(function(){1})()"}, store.definitions(), NOW)

    assert len(set(files.files) - before) == 1


def test_a_start_that_lies_ahead_is_published_as_control_until_it_comes(store):
    define(store, state="enabled", started_at=iso_at(NOW + DAY), ended_at=iso_at(NOW + 2 * DAY))

    assert config(store) == {"keys": ["control", "test"], "show": "control"}
    assert config(store, NOW + DAY)["phase"] == 1
    assert config(store, NOW + 2 * DAY) == {"keys": ["control", "test"], "show": "control"}


def test_an_experiment_that_ended_as_planned_is_left_out_once_it_is_final(store):
    define(store, state="enabled", started_at=iso_at(NOW - DAY), ended_at=iso_at(NOW + DAY))
    [known] = store.definitions().experiments.values()
    store.save_experiment(replace(known, finalized_at=NOW + 9 * DAY))

    assert config(store, NOW + 10 * DAY) is None


CHANGED = ["leansplit.config.js", "leansplit.js", "leansplit.mjs"]


@given(st.permutations([(number, name) for number in range(1, 4) for name in CHANGED]))
@tried(100)
def test_of_three_changes_the_newest_stays_in_whatever_order_their_writes_arrive(order):
    store, files, made = MemoryStore(), MemoryObjects(), {}
    for number, step in enumerate(({"state": "enabled"}, {"weights": [1, 3]}, {"coverage": 0.5}), 1):
        if number == 1:
            define(store, **step)
        else:
            lifecycle.change(store, "headline", step, NOW)
        alone = MemoryObjects()
        publish(alone, BUILT, store.definitions(), NOW)
        made[number] = alone.files
        assert store.definitions().number == alone.numbers["leansplit.js"] == number
    for number, name in order:
        files.put_newer(name, made[number][name], number)

    assert files.files == {name: made[3][name] for name in CHANGED}


class Interrupted(MemoryObjects):
    """S3 that fails after so many writes."""

    def __init__(self) -> None:
        super().__init__()
        self.left = 99

    def put_newer(self, *args: Any) -> bool:
        if not self.left:
            raise OSError("S3 is away")
        self.left -= 1
        return super().put_newer(*args)


@pytest.mark.parametrize("written", range(3))
def test_what_was_published_in_part_is_seen_and_completed(store, written):
    files = Interrupted()
    define(store)
    publish(files, BUILT, store.definitions(), NOW)
    lifecycle.enable(store, "headline", NOW)
    files.left = written
    with pytest.raises(OSError, match="away"):
        publish(files, BUILT, store.definitions(), NOW)
    files.left = 99

    assert publish_what_is_missing(store, files, lambda: BUILT, NOW)
    assert all(b'"phase":1' in files.files[name] for name in CHANGED)
    assert not publish_what_is_missing(store, files, lambda: BUILT, NOW)


def test_a_site_that_holds_newer_definitions_is_left_alone(store):
    files = MemoryObjects()
    define(store)
    before = store.definitions()
    lifecycle.enable(store, "headline", NOW)
    publish(files, BUILT, store.definitions(), NOW)
    newest = dict(files.files)

    assert not publish(files, BUILT, before, NOW)
    assert files.files == newest


def test_a_table_that_was_restored_is_noticed_and_not_published_in_silence(store):
    files = MemoryObjects()
    define(store, state="enabled")
    lifecycle.disable(store, "headline", NOW)
    publish(files, BUILT, store.definitions(), NOW)
    restored = MemoryStore()
    define(restored, state="enabled")
    with pytest.raises(Conflict, match="restored"):
        publish_what_is_missing(restored, files, lambda: BUILT, NOW)
    with pytest.raises(Conflict, match="restored"):
        publish_newest(restored, files, BUILT, NOW)
    files.delete(CHANGED)

    assert publish_what_is_missing(restored, files, lambda: BUILT, NOW)


def test_somebody_who_was_quicker_is_no_error(store):
    files, stale = MemoryObjects(), MemoryStore()
    for each in (store, stale):
        define(each)
    lifecycle.enable(store, "headline", NOW)
    publish(files, BUILT, store.definitions(), NOW)
    reads = [stale.definitions(), stale.definitions()]
    stale.definitions = lambda: reads.pop() if reads else store.definitions()

    assert publish_what_is_missing(stale, files, lambda: BUILT, NOW)
