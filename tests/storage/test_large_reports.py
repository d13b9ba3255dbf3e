"""Reports larger than an item: whole as a file, and of the item as much as fits."""

import json
import random
from decimal import Decimal

import pytest

from chalicelib.domain.counting.arm_tally import ArmTally, GoalDay
from chalicelib.domain.counting.tally import Tally
from chalicelib.domain.experiments.experiment_input import experiment_from
from chalicelib.domain.experiments.goal import Goal, GoalType
from chalicelib.domain.instant import HOUR, iso_at, iso_day, start_of
from chalicelib.services.reports import write_reports
from chalicelib.services.reports.read_reports import report_view
from chalicelib.storage.files.json_files import JsonFiles
from chalicelib.storage.files.objects import MemoryObjects

FIRST = 20_000
MOST_ANSWERED = 5_500_000
"""Bytes; Lambda's answers end at 6 MB."""

pytestmark = pytest.mark.slow


def tally_of_days(store, days, arms, goals, winsorize=None, distinct=0):
    """An experiment whose arms have numbers on every day; with `distinct` so many different values."""
    start, chance = start_of(FIRST), random.Random(7)
    keys = ["control", *(f"v{number}" for number in range(1, arms))]
    entry = {"name": "large", "state": "enabled", "started_at": iso_at(start), "variations": keys}
    store.save_experiment(experiment_from(entry, start))
    names = [f"goal{number}" for number in range(goals)]
    for name in names:
        store.save_goal(Goal(name, start, GoalType.ENGAGEMENT, winsorize=winsorize))
    tally, each_day = Tally(), distinct // days // arms
    for key in keys:
        arm = tally.arms["large", 1, key] = ArmTally()
        for day in range(FIRST, FIRST + days):
            arm.enrolled[day] = max(1000, 2 * each_day)
            for name in names:
                reached, value = chance.randrange(50, 100), chance.randrange(10**5, 10**7)
                arm.goals.setdefault(name, {})[day] = GoalDay(reached, reached * value, reached * value**2)
                for _ in range(each_day):
                    arm.add_part(name, day, str(chance.randrange(10**9)), [1, 0])
    return tally, start_of(FIRST + days) + HOUR


@pytest.mark.parametrize(
    "size",
    [
        {"days": 365, "arms": 4, "goals": 20},
        {"days": 30, "arms": 2, "goals": 1, "winsorize": Decimal("0.99"), "distinct": 200_000},
    ],
    ids=["365 days × 4 arms × 20 goals", "200,000 distinct values"],
)
def test_a_large_report_is_whole_as_a_file_and_has_a_view(store, size, monkeypatch):
    due = write_reports.due_reports
    monkeypatch.setattr(write_reports, "due_reports", lambda *which: due(*which)[-1:])
    objects, (tally, now) = MemoryObjects(), tally_of_days(store, **size)
    run = write_reports.write_reports(store, JsonFiles(objects), tally, now, today=False)
    day = iso_day(FIRST + size["days"] - 1)
    held = objects.files[f"reports/large/{day}.json"]
    view = report_view(store, "large", day)

    assert (run.failed, run.written) == ([], [("large", day)])
    assert len(json.loads(held)["tallies"]) == size["arms"]
    assert len(json.dumps(view)) < MOST_ANSWERED
    assert len(view["goals"]) == size["goals"] + 1
    assert view["srm"]["verdict"] == "ok"
    assert len(held) < 400_000 or view["file"] == f"reports/large/{day}.json" or "tallies" not in view
