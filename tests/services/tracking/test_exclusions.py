"""What is refused is counted by built-in trackers, and reports read it from there."""

from typing import Any

from chalicelib.domain.counting.tally import Tally
from chalicelib.domain.instant import DAY
from chalicelib.domain.tracking.tracker import EXCLUDED, REFUSED, UNKNOWN_GOALS
from chalicelib.services.experiments import load_definitions
from chalicelib.services.reports.write_reports import write_reports
from chalicelib.services.tracking.exclusions import exclude, exclusions
from chalicelib.services.tracking.fold import fold_until
from chalicelib.storage.files.json_files import JsonFiles
from chalicelib.storage.files.objects import MemoryObjects
from chalicelib.storage.memory.store import MemoryStore
from tests.tracking import NOW, fold_all, total

TODAY = NOW // DAY


def test_everything_of_a_request_is_appended_in_one_call():
    store, calls = MemoryStore(), []

    class Watched:
        def append(self, *args: Any) -> bool:
            calls.append(args)
            return store.append(*args)

    exclude(Watched(), NOW, "id", {("", "bot"): 1}, {"too_late": 2}, {"signpu": 3})
    fold_all(store, store.definitions())

    assert len(calls) == 1
    assert total(store, EXCLUDED) == {("experiment:*", "bot", "2026-03-10"): 10_000}
    assert total(store, REFUSED) == {("event:*", "too_late", "2026-03-10"): 20_000}
    assert total(store, UNKNOWN_GOALS) == {("goal:signpu", "times", "2026-03-10"): 30_000}


def test_nothing_refused_asks_nothing_of_the_store():
    exclude(None, NOW, "id", {}, {}, {})  # type: ignore[arg-type]


def test_exclusions_are_read_by_experiment_day_and_reason():
    store = MemoryStore()
    for number in range(3):
        exclude(store, NOW - DAY * (number % 2), f"{number}", {("headline", "bot"): 1, ("", "prefetch"): 2})
    assert exclusions(store, TODAY - 1, TODAY, NOW) == {}
    fold_all(store, store.definitions())

    assert exclusions(store, TODAY - 1, TODAY, NOW) == {
        "headline": {TODAY: {"bot": 2}, TODAY - 1: {"bot": 1}},
        "": {TODAY: {"prefetch": 4}, TODAY - 1: {"prefetch": 2}},
    }
    assert exclusions(store, TODAY, TODAY, NOW)["headline"] == {TODAY: {"bot": 2}}


def test_a_report_shows_what_was_excluded_up_to_its_day():
    store, files = MemoryStore(), JsonFiles(MemoryObjects())
    started = {"name": "headline", "state": "enabled", "started_at": "2026-03-08T00:00:00Z"}
    load_definitions.load(store, [started], NOW)
    for day, reason in ((0, "bot"), (1, "forced"), (1, "bot")):
        exclude(store, NOW - day * DAY, f"{day}{reason}", {("headline", reason): 1, ("", "bot"): 1})
    fold_until(store, [EXCLUDED], lambda: NOW, "report", NOW)
    write_reports(store, files, Tally(), NOW)
    found = [store.load_report("headline", day) for day in ("2026-03-08", "2026-03-09", "2026-03-10")]

    assert [each["exclusions"]["bots"] for each in found if each] == [
        {},
        {"forced": 1, "bot": 1},
        {"forced": 1, "bot": 2},
    ]
