"""`python -m infra fold`: folds what it is told to, and says how many it applied."""

import argparse

import pytest

from chalicelib.storage.memory.store import MemoryStore
from infra.commands import fold
from infra.errors import InfraError
from tests.tracking import definitions, emit, event, total, tracker


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> MemoryStore:
    made = MemoryStore()
    made.save_tracker(tracker())
    made.save_tracker(tracker(name="other"))
    for _ in range(4):
        emit(made, definitions(tracker(), tracker(name="other")), event(), event(tracker="other"))
    monkeypatch.setattr(fold, "open_tracking", lambda table: made)
    return made


def run(*words: str) -> int:
    parser = argparse.ArgumentParser()
    fold.register(parser.add_subparsers())
    args = parser.parse_args(["fold", *words])
    return int(args.func(args))


def counted(store: MemoryStore) -> tuple[int, int]:
    return sum(total(store, tracker()).values()), sum(total(store, tracker(name="other")).values())


def test_all_trackers_are_folded_unless_one_is_named(store, capsys):
    assert run("other") == 0
    assert counted(store) == (0, 40_000)
    assert run() == 0

    assert counted(store) == (40_000, 40_000)
    assert capsys.readouterr().out.splitlines() == ["applied 4 events from 4 messages, set 0 aside"] * 2


def test_no_more_messages_than_asked(store, capsys):
    run("products", "--max", "3")

    assert counted(store) == (30_000, 0)
    assert capsys.readouterr().out == "applied 3 events from 3 messages, set 0 aside\n"


def test_an_unknown_tracker_is_an_error_that_names_the_others(store):
    with pytest.raises(InfraError, match="other, products"):
        run("nothing")


def test_a_lane_that_fails_is_named_and_the_others_are_folded(store, capsys, monkeypatch):
    apply = store.apply

    def broken(tracker, batch):
        if tracker.name == "other":
            raise RuntimeError("a mistake of ours")
        apply(tracker, batch)

    monkeypatch.setattr(store, "apply", broken)
    assert run() == 1
    said = capsys.readouterr()

    assert counted(store) == (40_000, 0)
    assert said.out == "applied 4 events from 4 messages, set 0 aside\n"
    assert "of other failed at message" in said.err
    assert said.err.count("RuntimeError: a mistake of ours") == len(said.err.splitlines())
