"""The whole analysis: what it loads, what it takes, what it leaves alone."""

import gc
import json
import subprocess
import sys

import pytest

from chalicelib.stats.analysis import analyse
from tests.stats.requests import rates, report, values

_LOADED = "import sys, chalicelib.stats.analysis; print(*(n for n in sys.modules if n.startswith('scipy.')))"


def test_scipy_stats_is_never_loaded():
    loaded = subprocess.run(
        [sys.executable, "-c", _LOADED], capture_output=True, text=True, check=True
    ).stdout

    assert "scipy.special" in loaded
    assert not {"scipy.stats", "scipy.optimize", "scipy.linalg"} & set(loaded.split())


def test_no_request_gives_no_report():
    assert analyse([]) == []


def test_an_experiment_without_goals_has_its_ratio_checked():
    found = report(visitors={"a": 5000, "b": 5500})

    assert found["goals"] == []
    assert found["srm"]["verdict"] == "mismatch"


def test_an_experiment_without_goals_or_visitors_is_no_data():
    assert report(weights={"a": 1, "b": 1})["srm"]["verdict"] == "no_data"


def test_the_answer_is_json():
    goals = [rates((0, 0), (10, 3)), values([2] * 5, [3] * 5), {**rates((9, 1), (9, 9), (9, 4)), "key": "c"}]

    text = json.dumps(report(*goals), allow_nan=False)
    assert json.loads(text) == report(*goals)


def test_the_cap_is_said_in_the_report():
    assert report(values([1], [2], cap=10))["goals"][0]["cap"] == "10"


def test_the_collector_runs_again_even_after_an_error():
    analyse([{"goals": 1}])

    assert gc.isenabled()


BAD = [
    ({"goals": 1}, "goals"),
    (5, "request"),
    ({"goals": [], "hurry": True}, "hurry"),
    ({"goals": [rates((1, 1), (1, 2))]}, "goals[0].arms[1].conversions"),
    ({"goals": [{**rates((1, 1), (1, 1)), "colour": 1}]}, "goals[0].colour"),
    ({"goals": [values([1], [2], prior={"mena": 1})]}, "goals[0].prior.mena"),
    ({"goals": [rates((9, 1), (9, 1))], "provisional": "yes"}, "provisional"),
    ({"goals": [rates((9, 1), (9, 1))], "alpha": float("nan")}, "alpha"),
    ({"goals": [rates((9, 1), (9, 1))], "planned_visitors": 0}, "planned_visitors"),
    ({"goals": [rates((9, 1), (9, 1), history=[{"arms": [{"n": 3, "conversions": 1, "x": 1}, {}]}])]},
     "goals[0].history[0].arms[0].x"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "field"), BAD)
def test_a_bad_request_has_its_error_in_its_place_and_costs_no_other(body, field):
    good = {"goals": [rates((1000, 100), (1000, 130))]}
    first, error, last = analyse([good, body, good])

    assert error["error"]["code"] == "invalid_request"
    assert error["error"]["field"] == field
    assert first == last == analyse([good])[0]


def test_a_failure_of_our_own_costs_one_request_alone(monkeypatch):
    from chalicelib.stats import analysis

    whole = analysis._answers

    def broken(requests):
        if any(request.alpha == 0.01 for request in requests):
            raise ZeroDivisionError("broken")
        return whole(requests)

    monkeypatch.setattr(analysis, "_answers", broken)
    good = {"goals": [rates((1000, 100), (1000, 130))]}
    first, error, last = analyse([good, {**good, "alpha": 0.01}, good])

    assert error["error"]["code"] == "analysis_failed"
    assert first == last
