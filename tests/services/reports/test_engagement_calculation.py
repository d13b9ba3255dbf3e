"""Engagement from your function: django-lean's rules for the engagement score calculator."""

import json
import os
from collections import Counter
from datetime import date
from decimal import Decimal

import pytest
from scipy.stats import ttest_ind

from chalicelib.domain.experiments.experiment import enable
from chalicelib.domain.experiments.experiment_input import experiment_from
from chalicelib.domain.experiments.goal import Goal
from chalicelib.domain.instant import DAY, HOUR, iso_day, start_of
from chalicelib.domain.visitors.event import SERVER, Confirmed, Enrolled, Reached
from chalicelib.domain.visitors.identity import own_id
from chalicelib.services.reports import engagement_calculation, recount, recount_job
from chalicelib.services.reports.recount import Worker
from chalicelib.services.reports.write_reports import write_reports
from chalicelib.services.visitors.collect import collect
from chalicelib.storage.files.json_files import JsonFiles
from chalicelib.storage.files.objects import FolderObjects, MemoryObjects
from chalicelib.storage.memory.store import MemoryStore

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


class OnDisk(MemoryStore):
    """A store whose progress of jobs outlives the process, as a table does."""

    def __init__(self, folder):
        super().__init__()
        self._file = folder / "progress.json"

    def load_progress(self, job_id, segment):
        self._progress.update(self._kept())
        return super().load_progress(job_id, segment)

    def save_progress(self, job_id, segment, progress, version, expires_at):
        self._progress.update(self._kept())
        super().save_progress(job_id, segment, progress, version, expires_at)
        self._file.write_text(json.dumps([[*key, *kept] for key, kept in self._progress.items()]))

    def _kept(self):
        rows = json.loads(self._file.read_text()) if self._file.exists() else []
        return {(job_id, segment): (text, version) for job_id, segment, text, version in rows}


class Place:
    def __init__(self, folder=None):
        self.store = MemoryStore() if folder is None else OnDisk(folder)
        self.files, self.invoked = JsonFiles(FolderObjects(folder) if folder else MemoryObjects()), []
        self.store.save_experiment(enable(experiment_from({"name": "price"}, START), START))
        self.store.save_goal(Goal("buy", START))
        definitions = self.store.definitions()
        for number, user in enumerate(USERS):
            at = START + number % 3 * DAY
            told = [Enrolled(f"e{user}", at, "price"), Reached(f"g{user}", at, "buy")]
            collect(self.store, definitions, own_id(user), told, at, SERVER, True, registered=True)
        anonymous = [Confirmed("c", START), Enrolled("e", START, "price")]
        collect(self.store, definitions, "anonymous-visitor", anonymous, START, SERVER, signed=True)

    def night(self, day, calculator, budget=None, job="night", progress=None):
        """The job of the night after a day; `budget` looks at the clock fit into a slice."""
        now = start_of(FIRST + day + 1) + HOUR // 2
        recount_job.start(self.store, job, 1, now)
        left = [0]

        def remaining():
            left[0] += 1
            return 900_000 if budget is None or left[0] <= budget else 0

        worker = self.worker(calculator, remaining, progress)
        slices = 0
        while recount.run_segment(worker, job, 0)["state"] == "running":
            slices, left[0] = slices + 1, 0
            assert slices < 200
        return slices

    def worker(self, calculator, remaining=lambda: 900_000, progress=None):
        def finish(tally, now, between):
            return write_reports(self.store, self.files, tally, now, today=False, between=between)

        invoke = lambda *each: self.invoked.append(each)  # noqa: E731
        told = progress or (lambda *_: None)
        return Worker(self.store, self.files, invoke, finish, remaining, lambda: START, calculator, told)

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


@pytest.mark.parametrize("budget", [6, 17, 50])
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
    assert all(n > 0 for n in scored_users(place, 3))


def scored_users(place, number):
    from chalicelib.services.reports.analysis_request import request_of_report

    report = place.store.load_report("price", iso_day(FIRST + number))
    goals = {each["key"]: each for each in request_of_report(report)["goals"]}
    arms = goals["engagement_score"]["arms"].arms
    return [sum(day) for day in zip(*(arm.n for arm in arms), strict=True)]


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


def test_the_job_counts_calls_failures_and_slices(place):
    slices = place.night(3, Spend(), budget=50)
    told = place.store.load_job("night")[0]["calculation"]

    # Users enrolled on the first three days in turn: 20 with four days, 20 with three, 20 with two.
    assert (told["calls"], told["failed"], told["slices"]) == (180, 5, slices + 1)
    assert [visitor for visitor, _ in told["failures"]] == ["~user-013", "~user-014"]


class Clock:
    """Milliseconds that pass when a call is made."""

    def __init__(self, each):
        self.left, self.each = 900_000, each

    def calculate_user_engagement_score(self, user, start_date, end_date):
        self.left -= self.each
        return 1


def test_slow_calls_are_kept_and_told_every_ten_seconds(place):
    clock, told = Clock(1_000), []
    recount_job.start(place.store, "night", 1, start_of(FIRST + 2))
    worker = place.worker(clock, lambda: clock.left, lambda *each: told.append(each))
    recount.run_segment(worker, "night", 0)

    assert [calls for _, _, calls in told] == [0, 10, 20, 30, 40, 50, 60, 60]


def test_quick_calls_are_kept_every_thousand(place, monkeypatch):
    monkeypatch.setattr(engagement_calculation, "_SAVE_EVERY", 30)
    told = []
    place.night(2, Spend(), progress=lambda *each: told.append(each))

    assert [calls for _, _, calls in told] == [0, 30, 60, 90, 120, 120]


def test_a_visitor_with_more_calls_than_a_slice_takes_is_gone_on_with_at_the_next_one(place):
    """Each slice has time for two calls; most users have four or five."""
    clock, whole = Clock(0), Spend()
    Place().night(4, whole)
    spend = Spend()

    class Slow:
        def calculate_user_engagement_score(self, *asked):
            clock.left -= 10_000
            return spend.calculate_user_engagement_score(*asked)

    recount_job.start(place.store, "night", 1, start_of(FIRST + 5) + HOUR // 2)
    worker = place.worker(Slow(), lambda: clock.left)
    while (job := recount.run_segment(worker, "night", 0))["state"] == "running":
        clock.left = 45_000

    assert Counter(spend.calls) == Counter(whole.calls)
    assert job["calculation"]["slices"] > len(whole.calls) // 2 - 50


def test_a_time_limit_that_leaves_no_call_is_an_error_and_no_endless_loop(place):
    recount_job.start(place.store, "night", 1, start_of(FIRST + 2))
    worker = place.worker(Spend(), lambda: 20_000)
    for _ in range(2):
        assert recount.run_segment(worker, "night", 0)["state"] == "running"
    with pytest.raises(RuntimeError, match="no call more than 30 s"):
        recount.run_segment(worker, "night", 0)

    assert place.invoked == [("night", 0)] * 2


class Deadly(Spend):
    """Ends the process at some users, as a C library or a lack of memory does."""

    def __init__(self, *users):
        super().__init__()
        self.users = users

    def calculate_user_engagement_score(self, user, start_date, end_date):
        if user in self.users:
            os._exit(9)
        return super().calculate_user_engagement_score(user, start_date, end_date)


def survived(place, calculator):
    """Whether an invocation in a process of its own came back."""
    child = os.fork()
    if child == 0:
        os._exit(0 if recount.run_segment(place.worker(calculator), "night", 0) else 1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_who_ends_the_process_is_set_aside_at_the_third_try_and_the_night_goes_on(tmp_path, monkeypatch):
    """Lambda tries an event three times; each set aside is followed by an event of its own."""
    monkeypatch.setattr(engagement_calculation, "_SAVE_EVERY", 25)
    place, deadly = Place(tmp_path), Deadly("user-020", "user-021", "user-059")
    recount_job.start(place.store, "night", 1, start_of(FIRST + 3) + HOUR // 2)
    tries = [survived(place, deadly) for _ in range(9)]
    job = recount.run_segment(place.worker(deadly), "night", 0)
    whole = Place()
    whole.night(2, Spend())

    assert tries == [False, False, True] * 3
    assert (job["state"], job["calculation"]["calls"]) == ("succeeded", 120)
    assert dict(job["calculation"]["failures"]).keys() == {
        "~user-013",
        "~user-014",
        "~user-020",
        "~user-021",
        "~user-059",
    }
    assert dict(job["calculation"]["failures"])["~user-021"] == "the call did not come back"
    assert place.goal(2)["failed_users"] == whole.goal(2)["failed_users"] + 3
    assert users(place) == users(whole) - 3


def users(place):
    return sum(arm["n"] for arm in place.goal(2)["arms"])


def test_a_death_that_has_nothing_to_do_with_a_user_sets_nobody_aside(tmp_path):
    place, once = Place(tmp_path), Deadly("user-020")
    recount_job.start(place.store, "night", 1, start_of(FIRST + 3) + HOUR // 2)
    died = survived(place, once)
    job = recount.run_segment(place.worker(Spend()), "night", 0)

    assert not died
    assert dict(job["calculation"]["failures"]).keys() == {"~user-013", "~user-014"}
    assert job["calculation"]["calls"] == 120


def test_two_invocations_of_one_segment_count_every_call_once(place, monkeypatch):
    """Lambda may deliver an event twice: a second one begins in the middle of the first."""
    monkeypatch.setattr(engagement_calculation, "_SAVE_EVERY", 10)
    alone, spend = Place(), Spend()
    alone.night(2, Spend())
    recount_job.start(place.store, "night", 1, start_of(FIRST + 3) + HOUR // 2)
    within = []

    class Twice:
        def calculate_user_engagement_score(self, *asked):
            if len(spend.calls) == 55 and not within:
                within.append(True)
                recount.run_segment(place.worker(spend), "night", 0)
            return spend.calculate_user_engagement_score(*asked)

    job = recount.run_segment(place.worker(Twice()), "night", 0)

    assert job["state"] == "succeeded"
    assert place.goal(2) == alone.goal(2)


def test_a_segment_that_dies_between_its_last_call_and_its_end_counts_nothing_twice(place, monkeypatch):
    now, spend, dead = start_of(FIRST + 4) + HOUR // 2, Spend(), []
    recount_job.start(place.store, "night", 1, now)
    save = place.store.save_job

    def dies_once(*job):
        if not dead:
            dead.append(True)
            raise OSError("the table is away")
        save(*job)

    monkeypatch.setattr(place.store, "save_job", dies_once)
    with pytest.raises(OSError, match="away"):
        recount.run_segment(place.worker(spend), "night", 0)
    made = len(spend.calls)
    job = recount.run_segment(place.worker(spend), "night", 0)

    assert job["state"] == "succeeded"
    assert job["calculation"]["calls"] == made == len(spend.calls)


def test_the_time_for_pages_without_calls_is_watched_as_well(place, monkeypatch):
    """Three seconds a page, and most visitors are nobody's accounts."""
    monkeypatch.setattr("chalicelib.storage.memory.store._PAGE", 10)
    definitions, left, slices = place.store.definitions(), [0], 0
    for number in range(600):
        told = [Confirmed(f"c{number}", START), Enrolled(f"e{number}", START, "price")]
        collect(place.store, definitions, f"somebody-{number:05d}", told, START, SERVER, signed=True)
    pages = place.store.visitor_pages

    def slow(*asked):
        for page in pages(*asked):
            left[0] -= 3_000
            assert left[0] > 0, "the time of the function is over"
            yield page

    monkeypatch.setattr(place.store, "visitor_pages", slow)
    recount_job.start(place.store, "night", 1, start_of(FIRST + 4) + HOUR // 2)
    worker, state = place.worker(Spend(), lambda: left[0]), "running"
    while state == "running" and slices < 20:
        left[0], slices = 60_000, slices + 1
        state = recount.run_segment(worker, "night", 0)["state"]

    assert state == "succeeded"
    assert place.store.load_job("night")[0]["calculation"]["calls"] == 180


def test_scores_of_only_some_segments_are_not_taken_for_all(place):
    """The setting came while a job ran: its first segment had no function yet."""
    recount_job.start(place.store, "night", 2, start_of(FIRST + 3) + HOUR // 2)
    recount.run_segment(place.worker(None), "night", 0)
    job = recount.run_segment(place.worker(Spend()), "night", 1)

    assert job["state"] == "succeeded"
    assert place.store.scores("price") == {}


def test_a_day_that_another_job_scored_meanwhile_is_left_as_it_is(place):
    recount_job.start(place.store, "night", 2, start_of(FIRST + 3) + HOUR // 2)
    recount.run_segment(place.worker(Spend()), "night", 0)
    place.night(1, Spend(), job="other")
    whole = place.store.scores("price")
    recount.run_segment(place.worker(Spend()), "night", 1)

    assert {day: place.store.scores("price")[day] for day in whole} == whole
    assert iso_day(FIRST + 2) in place.store.scores("price")


def test_a_job_that_cannot_go_on_says_why_and_is_over(place):
    recount_job.start(place.store, "night", 1, START)
    recount_job.fail(place.store, "night", "ENGAGEMENT_CALCULATOR …", START)
    job = recount.run_segment(place.worker(Spend()), "night", 0)

    assert (job["state"], job["error"]) == ("failed", "ENGAGEMENT_CALCULATOR …")
    assert recount_job.unfinished(job) == []


def test_the_slow_twin_of_a_calculation_cannot_overwrite_what_is_finished(place, monkeypatch):
    """One failed Invoke is enough: the same segment runs twice, and the one that began first ends last."""
    monkeypatch.setattr(engagement_calculation, "_SAVE_EVERY", 10)
    alone = Place()
    alone.night(2, Spend())
    recount_job.start(place.store, "night", 1, start_of(FIRST + 3) + HOUR // 2)
    spend, twin = Spend(), []

    class Slow:
        def calculate_user_engagement_score(self, *asked):
            if not twin:
                twin.append(True)
                while recount.run_segment(place.worker(spend), "night", 0)["state"] == "running":
                    pass
            return 0

    recount.run_segment(place.worker(Slow()), "night", 0)

    assert place.goal(2) == alone.goal(2)
    assert place.store.load_job("night")[0]["calculation"]["calls"] == len(spend.calls) == 120
