"""Engagement from your function: django-lean's rules for the engagement score calculator."""

from collections import Counter
from datetime import date
from decimal import Decimal

import pytest
from scipy.stats import ttest_ind

from chalicelib.domain.entry import experiment_from
from chalicelib.domain.event import SERVER, Confirmed, Enrolled, Reached
from chalicelib.domain.experiment import enable
from chalicelib.domain.goal import Goal
from chalicelib.domain.identity import own_id
from chalicelib.domain.instant import DAY, HOUR, iso_day, start_of
from chalicelib.services import recount
from chalicelib.services.collect import collect
from chalicelib.services.recount import Worker
from chalicelib.services.report import write_reports
from chalicelib.storage.files import JsonFiles
from chalicelib.storage.memory import MemoryStore
from chalicelib.storage.objects import MemoryObjects

FIRST = 20_000
START = start_of(FIRST) + 10 * HOUR
USERS = [f"user-{number:03d}" for number in range(60)]


class Spend:
    """Dollars per day, as django-lean's wiki has it: total / ((end - start).days + 1)."""

    def __init__(self):
        self.calls = []

    def calculate_user_engagement_score(self, user, start_date, end_date):
        self.calls.append((user, start_date, end_date))
        if user == "user-013":
            raise ValueError("no such account")
        if user == "user-014":
            return "much"
        return int(user[-2:]) * 100 / ((end_date - start_date).days + 1)


class Place:
    def __init__(self):
        self.store, self.files, self.invoked = MemoryStore(), JsonFiles(MemoryObjects()), []
        self.store.save_experiment(enable(experiment_from({"name": "price"}, START), START))
        self.store.save_goal(Goal("buy", START))
        definitions = self.store.definitions()
        for number, user in enumerate(USERS):
            at = START + number % 3 * DAY
            told = [Enrolled(f"e{user}", at, "price"), Reached(f"g{user}", at, "buy")]
            collect(self.store, definitions, own_id(user), told, at, SERVER, True, registered=True)
        anonymous = [Confirmed("c", START), Enrolled("e", START, "price")]
        collect(self.store, definitions, "anonymous-visitor", anonymous, START, SERVER, signed=True)

    def night(self, day, calculator, budget=None, job="night"):
        """The job of the night after a day; `budget` calls fit into a slice."""
        now = start_of(FIRST + day + 1) + HOUR // 2
        recount.start(self.store, job, 1, now)
        left = [0]

        def remaining():
            left[0] += 1
            return 900_000 if budget is None or left[0] <= budget else 0

        def finish(tally, now):
            return write_reports(self.store, self.files, tally, now, today=False)

        worker = Worker(
            self.store, self.files, lambda *each: self.invoked.append(each), finish, remaining, calculator
        )
        slices = 0
        while recount.run_segment(worker, job, 0)["state"] == "running":
            slices, left[0] = slices + 1, 0
            assert slices < 200
        return slices

    def goal(self, day):
        report = self.store.load_report("price", iso_day(FIRST + day))
        return {each["key"]: each for each in report["goals"]}.get("engagement_score")


@pytest.fixture
def place():
    return Place()


def enrolled_on(user):
    return FIRST + USERS.index(user) % 3


def day(number):
    return date(1970, 1, 1).fromordinal(date(1970, 1, 1).toordinal() + number)


def test_the_calculator_is_called_once_per_participant_and_day_with_its_own_dates(place):
    spend = Spend()
    place.night(4, spend)
    expected = {
        (user, day(enrolled_on(user)), day(FIRST + each))
        for user in USERS
        for each in range(5)
        if enrolled_on(user) <= FIRST + each
    }

    assert Counter(spend.calls) == Counter(expected)


def test_the_report_compares_the_scores_by_students_t(place):
    place.night(4, Spend())
    arms = {"control": [], "test": []}
    phase = place.store.definitions().experiments["price"].phase
    for user in USERS:
        if user not in ("user-013", "user-014"):
            score = int(user[-2:]) * 100 / (FIRST + 4 - enrolled_on(user) + 1)
            arms[phase.variation_of(user)].append(round(Decimal(str(score)), 4))
    expected = ttest_ind([float(x) for x in arms["test"]], [float(x) for x in arms["control"]])
    goal = place.goal(4)

    assert {arm["key"]: arm["n"] for arm in goal["arms"]} == {key: len(each) for key, each in arms.items()}
    assert goal["comparisons"][0]["fixed_horizon"]["p_value"] == pytest.approx(expected.pvalue, rel=1e-9)


def test_a_failing_user_is_set_aside_with_its_error_and_counted(place):
    place.night(2, Spend())
    job = place.store.load_job("night")[0]

    assert place.goal(2)["failed_users"] == 2
    assert dict(job["calculation"]["failures"]) == {
        "~user-013": "ValueError: no such account",
        "~user-014": "InvalidInput: score: must be a number, not str",
    }


@pytest.mark.parametrize("budget", [3, 17, 50])
def test_slices_call_everybody_once_and_give_the_same_report(place, budget):
    whole, sliced = Spend(), Spend()
    other = Place()
    place.night(3, whole)
    slices = other.night(3, sliced, budget)

    assert slices >= 1
    assert other.invoked == [("night", 0)] * slices
    assert Counter(sliced.calls) == Counter(whole.calls)
    assert other.goal(3) == place.goal(3)


def test_a_night_calls_for_the_missing_days_alone(place):
    place.night(1, Spend(), job="first")
    spend = Spend()
    place.night(3, spend, job="second")

    assert {end for _, _, end in spend.calls} == {day(FIRST + 2), day(FIRST + 3)}
    assert [each["day"] for each in request_history(place, 3)] == [iso_day(FIRST + each) for each in range(3)]


def request_history(place, number):
    from chalicelib.services.analysis import request_of_report

    report = place.store.load_report("price", iso_day(FIRST + number))
    goals = {each["key"]: each for each in request_of_report(report)["goals"]}
    return goals["engagement_score"]["history"]


def test_without_a_calculator_conversion_reports_still_run(place):
    place.night(2, None)
    report = place.store.load_report("price", iso_day(FIRST + 2))

    assert [goal["key"] for goal in report["goals"]] == ["buy", "any"]
    assert sum(arm["conversions"] for arm in report["goals"][0]["arms"]) == 60


def test_a_report_made_before_the_scores_is_replaced_when_they_come(place):
    place.night(2, None, job="without")
    place.night(2, Spend(), job="with")

    assert place.store.load_report("price", iso_day(FIRST + 2))["revision"] == 2
    assert place.goal(2) is not None
