"""What is bad harms only itself: one experiment, one day, one write."""

import json
from dataclasses import replace

import pytest

from chalicelib.domain.counting.rules import rules_of
from chalicelib.domain.counting.tally import Tally
from chalicelib.domain.errors import Unavailable
from chalicelib.domain.experiments.experiment import disable, enable
from chalicelib.domain.experiments.experiment_input import experiment_from
from chalicelib.domain.experiments.goal import Goal
from chalicelib.domain.instant import DAY, HOUR, iso_day, start_of
from chalicelib.domain.visitors.event import BROWSER, Confirmed, Enrolled, Reached
from chalicelib.services.reports import fill_reports, write_reports
from chalicelib.services.reports.recount import fold_page
from chalicelib.services.visitors.collect import collect
from chalicelib.storage.files.json_files import JsonFiles
from chalicelib.storage.files.objects import MemoryObjects
from chalicelib.storage.memory.store import MemoryStore

FIRST = 20_000
START = start_of(FIRST) + 10 * HOUR
NIGHT = start_of(FIRST + 3) + HOUR // 2
HALF_AN_EMOJI = "Tea \ud83d"


class Place:
    """Three experiments with visitors, and a night."""

    def __init__(self, **bad):
        self.store, self.objects = MemoryStore(), MemoryObjects()
        for name in ("apple", "bad", "cherry"):
            entry = {"name": name, **(bad if name == "bad" else {})}
            self.store.save_experiment(enable(experiment_from(entry, START), START))
        self.store.save_goal(Goal("buy", START))
        for number in range(40):
            self.visit(f"visitor-{number:03d}", START + number * HOUR)

    def store_as_before(self, name, **fields):
        """What an earlier version stored, which today's rules refuse."""
        experiment = self.store.definitions().experiments[name]
        seed = fields.pop("seed", experiment.phase.seed)
        phases = (replace(experiment.phase, seed=seed),)
        self.store.hold(replace(experiment, phases=phases, **fields))

    def make_unreadable(self, kind, name):
        """What no version reads; the text that was there."""
        body, _ = self.store._definitions[kind, name]
        self.store.put_definition(kind, name, "{}")
        return body

    def visit(self, visitor, at):
        definitions = self.store.definitions()
        seen = [Enrolled(f"e-{name}", at, name) for name in definitions.experiments]
        events = [Confirmed("c", at), *seen, Reached("g", at, "buy")]
        collect(self.store, definitions, visitor, events, at, BROWSER)

    def night(self, now=NIGHT):
        tally = Tally()
        for page in self.store.visitor_pages(0, 1, now, None):
            fold_page(tally, page, rules_of(self.store.definitions()))
        return write_reports.write_reports(self.store, JsonFiles(self.objects), tally, now, today=False)

    def files_of(self, name):
        return {key: data for key, data in self.objects.files.items() if key.startswith(f"reports/{name}/")}

    def latest(self, name):
        return json.loads(self.objects.files[f"reports/{name}/latest.json"])

    def index(self):
        rows = json.loads(self.objects.files["reports/index.json"])["experiments"]
        return {row["name"]: row for row in rows}


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        ({"description": HALF_AN_EMOJI}, "description"),
        ({"seed": HALF_AN_EMOJI}, "seed"),
        ({"alpha": 1e-100}, "alpha"),
    ],
)
def test_an_experiment_that_todays_rules_refuse_has_an_error_and_harms_no_other(bad, field):
    code, healthy, place = "invalid_definition", Place(), Place()
    place.store_as_before("bad", **bad)
    healthy.night()
    run = place.night()

    assert {each.experiment for each in run.failed} == {"bad"}
    assert {each.code for each in run.failed} == {code}
    assert [each.field for each in run.failed] == [field]
    for name in ("apple", "cherry"):
        assert place.files_of(name) == healthy.files_of(name)
        assert place.index()[name] == healthy.index()[name]
    assert place.latest("bad")["error"]["code"] == code
    assert place.latest("bad")["last_good_day"] is None
    assert place.index()["bad"]["error"]["code"] == code
    assert place.index()["bad"]["failed_days"] == [iso_day(FIRST + 2)]


@pytest.fixture
def on_one_day(monkeypatch):
    """The statistics fail for one experiment on one day."""

    def analyse(requests):
        if any(each["days"] == 2 and each["name"] == "bad" for each in requests):
            raise ZeroDivisionError("a fault of ours")
        return fill_reports_analyse([{k: v for k, v in each.items() if k != "name"} for each in requests])

    def named(report, known=None):
        return {**request(report, known), "name": report["experiment"]["name"]}

    fill_reports_analyse, request = fill_reports.analyse, fill_reports.request_of_report
    monkeypatch.setattr(fill_reports, "analyse", analyse)
    monkeypatch.setattr(fill_reports, "request_of_report", named)
    return monkeypatch


def test_a_day_that_fails_harms_no_other_day(on_one_day):
    place = Place()
    run = place.night()

    assert [(each.experiment, each.day) for each in run.failed] == [("bad", FIRST + 1)]
    assert run.failed[0].message == "ZeroDivisionError: a fault of ours"
    assert place.index()["bad"]["days"] == [iso_day(FIRST), iso_day(FIRST + 2)]
    assert place.latest("bad")["as_of_day"] == iso_day(FIRST + 2)
    assert "error" not in place.latest("bad")


def test_the_next_night_tries_again(on_one_day):
    place = Place()
    place.night()
    on_one_day.undo()
    run = place.night(NIGHT + HOUR)

    assert run.written == [("bad", iso_day(FIRST + 1))]
    assert place.index()["bad"]["failed_days"] == []
    assert place.store.load_report("bad", iso_day(FIRST + 1))["revision"] == 1


def test_an_error_never_replaces_a_good_report(on_one_day):
    place = Place()
    on_one_day.undo()
    place.night()
    good = place.files_of("bad")
    place.store.save_goal(Goal("later", START))
    on_one_day.setattr(write_reports, "fill", lambda frames: 1 / 0)
    place.visit("visitor-late", START + DAY)
    run = place.night(NIGHT + HOUR)

    assert run.failed
    assert place.files_of("bad") == good
    assert place.index()["bad"]["error"]["code"] == "internal_error"


def test_an_experiment_whose_report_failed_is_not_final(on_one_day):
    place = Place()
    experiment = place.store.definitions().experiments["bad"]
    place.store.save_experiment(disable(experiment, START + DAY))
    for name in ("apple", "cherry"):
        place.store.save_experiment(disable(place.store.definitions().experiments[name], START + DAY))
    place.night(START + 10 * DAY)
    finalized = {
        name: each.finalized_at is not None for name, each in place.store.definitions().experiments.items()
    }

    assert finalized == {"apple": True, "bad": False, "cherry": True}


def test_a_report_that_cannot_be_written_harms_no_other(monkeypatch):
    healthy, place = Place(), Place()
    healthy.night()
    put = place.objects.put_newer

    def failing(key, *rest, **more):
        if key.startswith("reports/bad/"):
            raise Unavailable("the bucket is busy")
        return put(key, *rest, **more)

    monkeypatch.setattr(place.objects, "put_newer", failing)
    run = place.night()

    assert {each.experiment for each in run.failed} == {"bad"}
    assert all(each.passing for each in run.failed)
    assert place.files_of("apple") == healthy.files_of("apple")

    monkeypatch.undo()
    place.night()

    assert place.objects.files == healthy.objects.files


def test_scores_that_cannot_be_read_fail_their_experiment_alone(monkeypatch):
    place = Place()
    scores = place.store.scores
    monkeypatch.setattr(place.store, "scores", lambda name: scores(name) if name != "bad" else 1 / 0)
    run = place.night()

    assert [(each.experiment, each.day) for each in run.failed] == [("bad", None)]
    assert {name for name, _ in run.written} == {"apple", "cherry"}
    assert place.latest("bad")["error"]["message"] == "ZeroDivisionError: division by zero"


def test_an_experiment_whose_definition_cannot_be_read_harms_no_other():
    healthy, place = Place(), Place()
    healthy.night()
    place.make_unreadable("experiment", "bad")
    run = place.night()

    assert [(each.experiment, each.code) for each in run.failed] == [("bad", "unreadable_definition")]
    for name in ("apple", "cherry"):
        assert place.files_of(name) == healthy.files_of(name)
    assert place.latest("bad")["error"]["message"] == "InvalidInput: name: is missing"
    assert place.index()["bad"]["error"]["code"] == "unreadable_definition"


def test_documents_keep_what_an_unreadable_definition_may_need():
    place = Place()
    body = place.make_unreadable("experiment", "bad")
    before = place.store.load_visitor("visitor-000", NIGHT)[0].enrollments["bad"]
    at = START + 20 * DAY
    bought = Reached("another", at, "buy")
    collect(place.store, place.store.definitions(), "visitor-000", [bought], at, BROWSER)
    place.store.put_definition("experiment", "bad", body)

    assert place.store.load_visitor("visitor-000", START + 20 * DAY)[0].enrollments["bad"] == before


def test_a_goal_that_cannot_be_read_rewrites_no_report():
    """Without it, all days would be written again as if nobody had ever reached it."""
    place = Place()
    place.night()
    files = {name: place.files_of(name) for name in ("apple", "bad", "cherry")}
    place.make_unreadable("goal", "buy")
    run = place.night(NIGHT + HOUR)

    assert {(each.experiment, each.code) for each in run.failed} == {
        (name, "unreadable_definition") for name in files
    }
    assert {name: place.files_of(name) for name in files} == files


def test_a_goal_that_cannot_be_read_fails_only_the_experiments_that_report_it():
    place = Place(goals=["other"])
    place.store.save_goal(Goal("other", START))
    place.night()
    place.make_unreadable("goal", "buy")
    run = place.night(NIGHT + HOUR)

    assert {each.experiment for each in run.failed} == {"apple", "cherry"}
