"""How long a catch-up takes by the number of missing days: `python -m bench.catch_up`.

One experiment with a visitor a day, in memory; every report since its start is written in one run. A
report holds all days up to its own, so some of the work grows with the square of the days; the third
figure is what three years take over one year. The last line is a start ten years before the first
visitor, which must cost no more than a month of empty days.
"""

import argparse
import time

from chalicelib.domain.counting.rules import rules_of
from chalicelib.domain.counting.tally import Tally
from chalicelib.domain.experiments.experiment_input import experiment_from
from chalicelib.domain.experiments.goal import Goal
from chalicelib.domain.instant import DAY, HOUR, Day, iso_at, start_of
from chalicelib.domain.visitors.event import BROWSER, Confirmed, Enrolled, Reached
from chalicelib.services.reports.recount import fold_page
from chalicelib.services.reports.write_reports import write_reports
from chalicelib.services.visitors.collect import collect
from chalicelib.storage.files.json_files import JsonFiles
from chalicelib.storage.files.objects import MemoryObjects
from chalicelib.storage.memory.store import MemoryStore

FIRST = 18_000


def main() -> None:
    """Print a line for each length."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=3, help="the best of so many counts (3)")
    rounds = parser.parse_args().rounds
    year, three = (min(caught_up(days, days) for _ in range(rounds)) for days in (365, 1095))
    print(f"365 days: 365 reports in {year[0]:.2f} s of CPU")
    print(f"1,095 days: {three[1]} reports in {three[0]:.2f} s of CPU, {three[0] / year[0]:.2f} × one year")
    empty = caught_up(3650, 5)
    print(f"a start ten years ago, visitors on 5 days: {empty[1]} reports in {empty[0]:.2f} s of CPU")


def caught_up(days: int, visited: int) -> tuple[float, int]:
    """Seconds of CPU for the night after `days`, of which the last `visited` had a visitor; reports."""
    store, end = MemoryStore(), FIRST + days
    entry = {"name": "headline", "state": "enabled", "started_at": iso_at(start_of(FIRST))}
    store.save_experiment(experiment_from(entry, start_of(end - visited)))
    store.save_goal(Goal("buy", start_of(FIRST)))
    definitions = store.definitions()
    for day in range(end - visited, end):
        _visit(store, definitions, day)
    now, tally = start_of(end) + HOUR, Tally()
    for page in store.visitor_pages(0, 1, now, None):
        fold_page(tally, page, rules_of(definitions))
    begun = time.process_time()
    run = write_reports(store, JsonFiles(MemoryObjects()), tally, now, today=False)
    assert not run.failed
    return time.process_time() - begun, len(run.written)


def _visit(store: MemoryStore, definitions: object, day: Day) -> None:
    at = start_of(day) + DAY // 2
    events = [Confirmed("c", at), Enrolled("e", at, "headline"), Reached("g", at, "buy")]
    collect(store, definitions, f"visitor-{day}", events, at, BROWSER)  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
