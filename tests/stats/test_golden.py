"""Every figure of the golden cases, to 1e-12 of its exact value."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from chalicelib.stats.analysis import analyse

CASES = json.loads((Path(__file__).parent.parent / "data" / "statistics.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_every_figure_is_right_to_twelve_digits(case):
    report = analyse([case["request"]])[0]

    wrong = {path: error for path, error in errors(report, case["expected"]) if error > 1e-12}
    assert wrong == {}


@pytest.mark.slow
def test_all_cases_at_once_give_what_each_gives_alone():
    together = analyse([case["request"] for case in CASES])

    assert together == [analyse([case["request"]])[0] for case in CASES]


def errors(report, expected):
    assert expected
    for path, (value, size) in expected.items():
        found = at(report, path)
        assert found is not None, path
        gap = abs(Decimal(repr(found)) - Decimal(value))
        yield path, float(gap / Decimal(size)) if gap else 0.0


def at(report, path):
    goal = report["goals"][0]
    roots = {"srm": report, "omnibus": goal}
    place = roots.get(path.split(".")[0], goal["comparisons"][0])
    for name in path.split("."):
        place = place[name]
    return place
