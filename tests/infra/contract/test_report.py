"""Real reports of all kinds are as docs/report.schema.json says, and a key that it lacks is found."""

import copy
import json

import numpy as np
import pytest

from chalicelib.domain.counting.rules import rules_of
from chalicelib.domain.counting.tally import Tally
from chalicelib.domain.definitions import Definitions
from chalicelib.domain.experiments.experiment import enable
from chalicelib.domain.experiments.experiment_input import experiment_from
from chalicelib.domain.experiments.goal import Goal, GoalType, Role
from chalicelib.domain.instant import DAY, HOUR, day_of
from chalicelib.domain.visitors.event import SERVER, Confirmed, Enrolled, Reached
from chalicelib.services.reports.fill_reports import fill
from chalicelib.services.reports.recount import fold_page
from chalicelib.services.reports.report_frame import frame
from chalicelib.services.visitors.collect import collect
from chalicelib.stats.analysis import analyse
from chalicelib.storage.memory.store import MemoryStore
from chalicelib.storage.report_item import packed, unpacked
from tests.contract import report_problems
from tests.domain.worlds import START
from tests.services.reports import test_engagement_calculation as calculations
from tests.services.reports import test_isolation as isolation
from tests.services.visitors.histories import BEGIN, SHOP
from tests.stats.random_worlds import world

DAYS = (0, 3, 14, 27, 40)


def definitions() -> Definitions:
    """The shop of the histories, with a plan, three arms and guardrails beside it."""
    plan = {"planned_visitors": 300, "planned_days": 20, "minimum_effect": 0.1}
    three = {"name": "three", "variations": ["control", "b", "c"], **plan}
    entries = [three, {"name": "quiet", "coverage": 0.0}]
    more = {each["name"]: enable(experiment_from(each, BEGIN), START) for each in entries}
    guards = [
        Goal("errors", BEGIN, role=Role.GUARDRAIL, margin=0.1),
        Goal("late", START + 5 * DAY, GoalType.ENGAGEMENT, role=Role.SECONDARY, unit="EUR"),
    ]
    goals = {**SHOP.goals, **{goal.name: goal for goal in guards}}
    return Definitions({**SHOP.experiments, **more}, goals)


def tally_of(known: Definitions) -> Tally:
    """Of visitors who come on thirty days and reach every goal by chance."""
    store, rng = MemoryStore(), np.random.default_rng(13)
    goals = [goal.name for goal in known.goals.values() if not goal.parts]
    for number in range(240):
        at = START + int(rng.integers(0, 30 * 24)) * HOUR
        seen = [Enrolled(f"e-{name}", at, name) for name in known.experiments]
        reached = [
            Reached(f"g{i}", at + int(rng.integers(-72, 72)) * HOUR, str(rng.choice(goals)), int(value))
            for i, value in enumerate(rng.integers(-20_000, 200_000, 8))
        ]
        events = [Confirmed("c", at), *seen, *reached]
        for event in events:
            collect(store, known, f"visitor-{number:04d}", [event], max(event.at, at), SERVER)
    tally = Tally()
    for page in store.visitor_pages(0, 1, START + 60 * DAY, None):
        fold_page(tally, page, rules_of(known))
    return tally


@pytest.fixture(scope="module")
def reports() -> list[dict]:
    known = definitions()
    tally = tally_of(known)
    excluded = {day_of(START): {"bot": 3}}
    frames = [
        frame(known, experiment, tally, excluded, day_of(START) + day, START + 27 * DAY)
        for day in DAYS
        for experiment in known.experiments.values()
    ]
    return json.loads(json.dumps(fill(frames)))


def test_reports_of_every_kind_of_goal_are_as_described(reports):
    assert [problem for report in reports for problem in report_problems(report)] == []


def test_the_reports_hold_what_the_schema_describes(reports):
    text = json.dumps(reports)
    keys = ("cuped", "combined", "looks", "omnibus")
    found = {key for each in comparisons(reports) for key in keys if each.get(key) is not None}

    assert {"cuped", "combined"} <= found
    assert any(each["sequential"]["looks"] for each in comparisons(reports))
    assert any(goal["omnibus"] for report in reports for goal in report["goals"])
    assert any(report["phases"] for report in reports)
    assert any(report["provisional"] for report in reports)
    for key in ("numerator", "winsorize", "covariate_days", "metric", "cap"):
        assert any(key in goal for report in reports for goal in report["goals"]), key
    assert '"matured"' in text


def comparisons(reports):
    return [row for report in reports for goal in report["goals"] for row in goal["comparisons"]]


def test_a_key_that_nobody_described_is_found_wherever_it_stands(reports):
    report = next(each for each in reports if each["phases"] and each["tallies"])
    for place in places(report):
        changed = copy.deepcopy(report)
        node = changed
        for step in place:
            node = node[step]
        node["a_new_key"] = 1

        assert report_problems(changed), place


def places(report):
    """Paths of objects with fixed keys: one of each block."""
    goal = ("goals", 0)
    row = (*goal, "comparisons", 0)
    blocks = ("difference", "lift", "expected_lift", "fixed_horizon", "sequential", "adjusted", "bayesian")
    return [
        (),
        *((name,) for name in ("experiment", "engine", "exclusions", "cost", "srm")),
        ("experiment", "rules"),
        ("experiment", "phases", 0),
        ("experiment", "variations", 0),
        goal,
        (*goal, "arms", 0),
        (*goal, "arms", 0, "ci"),
        row,
        *((*row, name) for name in (*blocks, "power")),
        ("phases", 0),
        ("phases", 0, "srm"),
        ("phases", 0, "goals", 0),
        ("daily", 0),
        ("daily", 0, "arms", "control"),
        ("tallies", 0),
        ("tallies", 0, "matured"),
    ]


@pytest.mark.parametrize("seed", range(40))
def test_analyses_of_random_experiments_are_as_described(seed):
    rng = np.random.default_rng(seed)
    answers = analyse([world(rng) for _ in range(3)])

    for answer in json.loads(json.dumps(answers)):
        assert report_problems({"phase": 1, **answer}, "PhaseAnalysis") == []


@pytest.mark.parametrize("bad", [{"description": isolation.HALF_AN_EMOJI}, {"alpha": 1e-100}])
def test_failed_reports_and_the_index_are_as_described(bad):
    place = isolation.Place()
    place.store_as_before("bad", **bad)
    place.make_unreadable("experiment", "cherry")
    place.night()
    files = {key: json.loads(data) for key, data in place.objects.files.items()}
    index = files.pop("reports/index.json")

    assert [problem for report in files.values() for problem in report_problems(report)] == []
    assert any("error" in report for report in files.values())
    assert report_problems(index, "ReportIndex") == []


def test_reports_with_the_scores_of_a_calculator_are_as_described():
    place = calculations.Place()
    place.night(3, calculations.Spend())
    reports = [place.store.load_report("price", day) for day in place.store.written_reports("price")]

    assert any("scores" in arm for report in reports for arm in report["tallies"])
    assert [problem for report in reports for problem in report_problems(report)] == []


def test_a_view_of_a_large_report_is_as_described(reports, monkeypatch):
    monkeypatch.setattr("chalicelib.storage.report_item.MOST_BYTES", 3_000)
    view = unpacked(packed(max(reports, key=lambda each: len(json.dumps(each)))))
    view.pop("tallies", None)

    assert "file" in view
    assert report_problems(view, "ReportView") == []
