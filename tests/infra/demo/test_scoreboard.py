"""The demo's verdict: every number of the report is what was sent, or a line says which one is not."""

import copy
import io
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
from rich.console import Console

from infra.demo import scoreboard
from infra.demo.traffic import Sent
from infra.demo.visits import Kind


def arm(key: str, n: int, conversions: int) -> dict[str, Any]:
    return {"key": key, "n": n, "conversions": conversions, "rate": conversions / n}


def goal(key: str, control: int, test: int) -> dict[str, Any]:
    lift = {"estimate": 0.5, "ci_low": 0.1, "ci_high": 0.9}
    comparison = {"treatment": "test", "lift": lift, "fixed_horizon": {"statistic": 6.3, "p_value": 0.012}}
    arms = [arm("control", 10, control), arm("test", 12, test)]
    return {"key": key, "arms": arms, "comparisons": [comparison]}


REPORT: dict[str, Any] = {
    "as_of_day": "2026-11-21",
    "provisional": True,
    "experiment": {"name": "headline"},
    "exclusions": {"bots": {"bot": 3, "prefetch": 1}},
    "srm": {"verdict": "ok", "p_value": 0.4},
    "goals": [goal("signup", 2, 4), goal("buy", 1, 0), goal("any", 2, 4)],
    "tallies": [
        {
            "variation": "control",
            "goals": {"signup": {"2026-11-21": [2, 0, 0]}, "buy": {"2026-11-21": [1, 99900, 0]}},
        },
        {"variation": "test", "goals": {"signup": {"2026-11-20": [1, 0, 0], "2026-11-21": [3, 0, 0]}}},
    ],
}
SENT = Sent(
    visitors=Counter({"control": 10, "test": 12}),
    conversions=Counter({("control", "signup"): 2, ("test", "signup"): 4, ("control", "buy"): 1}),
    sums={("control", "buy"): Decimal("9.99")},
    kinds=Counter({Kind.HUMAN: 22, Kind.BOT: 4}),
    excluded=4,
)


def changed(*path: Any, to: Any) -> dict[str, Any]:
    report = copy.deepcopy(REPORT)
    *where, last = path
    place = report
    for step in where:
        place = place[step]
    place[last] = to
    return report


def test_a_report_of_what_was_sent_has_no_difference() -> None:
    assert scoreboard.compare("S3", REPORT, SENT) == []


@pytest.mark.parametrize(
    ("report", "said"),
    [
        (changed("goals", 0, "arms", 0, "n", to=11), "visitors of control signup: 11 in the report, 10 sent"),
        (changed("goals", 0, "arms", 1, "conversions", to=3), "conversions of test signup: 3"),
        (changed("tallies", 0, "goals", "buy", "2026-11-21", 1, to=99901), "sum of control buy: 9.9901"),
        (changed("exclusions", "bots", "bot", to=2), "requests of bots : 3 in the report, 4 sent"),
        (changed("goals", to=[]), "visitors of test buy: None in the report, 12 sent"),
    ],
)
def test_each_number_that_differs_is_named(report: dict[str, Any], said: str) -> None:
    assert any(said in line for line in scoreboard.compare("S3", report, SENT))


def test_the_table_is_shown_uncut_with_who_came() -> None:
    console = Console(width=100, file=io.StringIO())
    scoreboard.show(console, REPORT, SENT)
    text = console.file.getvalue()  # type: ignore[attr-defined]

    assert "10.0% … 90.0%" in text
    assert text.count("…") == 3
    assert "22 human, 4 bot" in text
