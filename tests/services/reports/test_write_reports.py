"""Daily reports: every missing day, once, and again only when the numbers differ."""

import json

import pytest

from chalicelib.domain.counting.rules import rules_of
from chalicelib.domain.counting.tally import Tally
from chalicelib.domain.experiments.experiment import Variation, disable, enable, reweigh
from chalicelib.domain.experiments.experiment_input import experiment_from
from chalicelib.domain.experiments.goal import Goal, GoalType
from chalicelib.domain.instant import DAY, HOUR, iso_day, start_of
from chalicelib.domain.tracking.tracker import EXCLUDED
from chalicelib.domain.visitors.event import BROWSER, SERVER, Confirmed, Enrolled, Reached
from chalicelib.services.reports.analysis_request import request_of_report
from chalicelib.services.reports.fill_reports import fill
from chalicelib.services.reports.recount import fold_page
from chalicelib.services.reports.write_reports import write_reports
from chalicelib.services.tracking.exclusions import exclude
from chalicelib.services.tracking.fold import fold_until
from chalicelib.services.visitors.collect import collect
from chalicelib.stats.analysis import analyse
from chalicelib.storage.files.json_files import JsonFiles
from chalicelib.storage.files.objects import MemoryObjects
from chalicelib.storage.memory.store import MemoryStore

FIRST = 20_000
START = start_of(FIRST) + 10 * HOUR


class Place:
    """A store, its files, and a night."""

    def __init__(self):
        self.store, self.objects = MemoryStore(), MemoryObjects()

    def night(self, now, **options):
        definitions, tally = self.store.definitions(), Tally()
        for page in self.store.visitor_pages(0, 1, now, None):
            fold_page(tally, page, rules_of(definitions))
        return write_reports(self.store, JsonFiles(self.objects), tally, now, **options).written

    def visit(self, visitor, at, *goals, now=None, source=BROWSER):
        definitions = self.store.definitions()
        events = [Confirmed("c", at), *(Enrolled(f"e-{name}", at, name) for name in definitions.experiments)]
        reached = [Reached(f"g-{goal}-{at}", at, goal, value) for goal, value in goals]
        collect(self.store, definitions, visitor, [*events, *reached], now or at, source)

    def report(self, day, name="headline"):
        return self.store.load_report(name, iso_day(day))

    def change(self, change, name="headline"):
        self.store.save_experiment(change(self.store.definitions().experiments[name]))


@pytest.fixture
def place():
    made = Place()
    made.store.save_experiment(enable(experiment_from({"name": "headline"}, START), START))
    made.store.save_goal(Goal("buy", START))
    made.store.save_goal(Goal("spend", START, GoalType.ENGAGEMENT))
    return made


def days(written):
    return [day for _, day in written]


def test_started_five_days_ago_gives_five_reports_and_a_second_run_adds_nothing(place):
    now = start_of(FIRST + 5) + HOUR

    assert days(place.night(now, today=False)) == [iso_day(FIRST + day) for day in range(5)]
    assert place.night(now, today=False) == []


def test_today_is_provisional_and_becomes_final_the_night_after(place):
    place.night(start_of(FIRST) + 20 * HOUR)

    assert place.report(FIRST)["provisional"] is True

    place.night(start_of(FIRST + 1) + HOUR)

    assert place.report(FIRST)["provisional"] is False
    assert place.report(FIRST)["revision"] == 1


def test_holes_are_filled(place):
    now = start_of(FIRST + 5) + HOUR
    place.night(now, today=False)
    del place.store._reports["headline"][iso_day(FIRST + 2)]

    assert days(place.night(now, today=False)) == [iso_day(FIRST + 2)]


def test_the_end_day_is_included_and_nothing_after_it(place):
    place.change(lambda each: disable(each, start_of(FIRST + 2) + HOUR))

    assert days(place.night(start_of(FIRST + 6))) == [iso_day(FIRST + day) for day in range(3)]


def test_what_never_started_or_starts_in_the_future_gives_nothing(place):
    place.store.save_experiment(experiment_from({"name": "never"}, START))
    place.store.save_experiment(
        experiment_from({"name": "later", "state": "enabled", "started_at": "2031-01-01T00:00:00Z"}, START)
    )
    written = place.night(start_of(FIRST + 2))

    assert {name for name, _ in written} == {"headline"}


def test_a_late_fact_raises_the_revision_of_the_days_that_it_changes(place):
    place.visit("visitor-one", START)
    place.night(start_of(FIRST + 3) + HOUR)
    late = START + DAY
    place.visit("visitor-one", START, now=start_of(FIRST + 3) + 2 * HOUR, source=SERVER)
    definitions = place.store.definitions()
    event = Reached("late", late, "buy")
    collect(place.store, definitions, "visitor-one", [event], start_of(FIRST + 3) + 2 * HOUR, SERVER)
    written = place.night(start_of(FIRST + 3) + 3 * HOUR, today=False)

    assert days(written) == [iso_day(FIRST + 1), iso_day(FIRST + 2)]
    assert [place.report(FIRST + day)["revision"] for day in range(3)] == [1, 2, 2]


def test_reports_are_cumulative_and_count_participants_once(place):
    place.visit("visitor-one", START, ("buy", None), ("spend", 100_000))
    place.visit("visitor-one", START + DAY, ("buy", None), ("spend", 50_000))
    place.visit("visitor-two", START + DAY)
    place.night(start_of(FIRST + 2) + HOUR, today=False)

    def counted(day):
        goals = {goal["key"]: goal["arms"] for goal in place.report(day)["goals"]}
        conversions = sum(arm["conversions"] for arm in goals["buy"])
        return (
            sum(arm["n"] for arm in goals["buy"]),
            conversions,
            sum(float(arm["sum"]) for arm in goals["spend"]),
        )

    assert counted(FIRST) == (1, 1, 10.0)
    assert counted(FIRST + 1) == (2, 1, 15.0)
    assert [goal["key"] for goal in place.report(FIRST)["goals"]] == ["buy", "spend", "any"]


def test_a_goal_declared_later_is_no_row_of_the_days_before(place):
    place.store.save_goal(Goal("later", START + 2 * DAY))
    place.night(start_of(FIRST + 4))

    assert "later" not in [goal["key"] for goal in place.report(FIRST + 1)["goals"]]
    assert "later" in [goal["key"] for goal in place.report(FIRST + 2)["goals"]]


def test_a_saved_report_can_be_computed_again_bit_for_bit(place):
    for number in range(300):
        place.visit(f"visitor-{number}", START + number * HOUR // 10, *[("buy", None)] * (number % 3 == 0))
    place.night(start_of(FIRST + 3))
    report = place.report(FIRST + 2)
    answer = analyse([request_of_report(report)])[0]

    assert json.loads(json.dumps(answer)) == {"srm": report["srm"], "goals": report["goals"]}


def test_other_weights_analyse_the_next_phase_and_keep_the_last_of_the_one_before(place):
    place.visit("visitor-one", START)
    weights = (Variation("control", 0.1), Variation("test", 0.9))
    place.change(lambda each: reweigh(each, weights, START + DAY))
    place.visit("visitor-two", START + DAY + HOUR)
    place.night(start_of(FIRST + 3))
    report = place.report(FIRST + 2)

    assert report["experiment"]["phase"] == 2
    assert sum(arm["n"] for arm in report["goals"][0]["arms"]) == 1
    assert [phase["phase"] for phase in report["phases"]] == [1]
    assert sum(arm["n"] for arm in report["phases"][0]["goals"][0]["arms"]) == 1
    assert place.report(FIRST)["experiment"]["phase"] == 1


def test_bots_are_in_the_report_by_reason_and_before_its_cut(place):
    first = {("headline", "bot"): 3, ("headline", "prefetch"): 1, ("other", "bot"): 9}
    exclude(place.store, START, "first", first)
    exclude(place.store, START + DAY, "second", {("headline", "bot"): 2})
    fold_until(place.store, [EXCLUDED], lambda: START + DAY, "night", START + DAY)
    place.night(start_of(FIRST + 2))

    assert place.report(FIRST)["exclusions"]["bots"] == {"bot": 3, "prefetch": 1}
    assert place.report(FIRST + 1)["exclusions"]["bots"] == {"bot": 5, "prefetch": 1}


def test_the_files_are_the_days_the_latest_and_the_index(place):
    place.night(start_of(FIRST + 2) + HOUR)
    files = place.objects.files
    latest = json.loads(files["reports/headline/latest.json"])
    index = json.loads(files["reports/index.json"])

    assert latest == place.report(FIRST + 2)
    assert json.loads(files[f"reports/headline/{iso_day(FIRST)}.json"]) == place.report(FIRST)
    assert index["experiments"][0]["days"] == [iso_day(FIRST + day) for day in range(3)]


def test_an_ended_experiment_gets_its_final_report_after_eight_days_and_is_left_alone(place):
    place.visit("visitor-one", START)
    place.change(lambda each: disable(each, START + DAY))
    place.night(START + 8 * DAY)

    assert place.store.definitions().experiments["headline"].finalized_at is None

    place.night(START + 9 * DAY)

    assert place.store.definitions().experiments["headline"].finalized_at == START + 9 * DAY

    before = dict(place.objects.files)
    place.store.visitors.clear()
    place.night(START + 10 * DAY)

    assert place.objects.files["reports/headline/latest.json"] == before["reports/headline/latest.json"]


def test_nothing_to_report_is_no_error(place):
    assert fill([]) == []
    assert Place().night(START) == []
