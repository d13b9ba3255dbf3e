"""What a request may hold: whatever is refused is an error in its own place, with the field."""

from typing import Any

import pytest

from chalicelib.stats.analysis import analyse

HUGE = 10**400


def request(**arm: Any) -> dict[str, Any]:
    arms = [{"key": "a", "n": 10, "conversions": 1}, {"key": "b", "n": 10, "conversions": 2, **arm}]
    return {"goals": [{"key": "g", "type": "conversion", "arms": arms}]}


def deep(levels: int) -> list[Any]:
    found: list[Any] = []
    for _ in range(levels):
        found = [found]
    return found


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (5, "request"),
        (None, "request"),
        ({}, "goals"),
        ({"goals": [], "alpha": float("nan")}, "alpha"),
        ({"goals": [], "alpha": HUGE}, "alpha"),
        ({"goals": [], "alpha": 1}, "alpha"),
        ({"goals": [], "planned_visitors": 0}, "planned_visitors"),
        ({"goals": [], "provisional": 1}, "provisional"),
        ({"goals": [], "weights": {"a": float("inf")}}, "weights.a"),
        ({"goals": [], "visitors": {"a": -1}}, "visitors.a"),
        ({"goals": [], "\ud83d": 1}, "\ud83d"),
        ({"goals": deep(2000)}, "goals[0]"),
        ({"goals": [{"key": "\ud83d", "type": "conversion", "arms": []}]}, "goals[0].key"),
        ({"goals": [{"key": "k", "type": "\ud83d", "arms": []}]}, "goals[0].type"),
        ({**request(), "phases": [{"weights": 5}]}, "phases[0].weights"),
        (request(n=HUGE), "goals[0].arms[1].n"),
        (request(n=True), "goals[0].arms[1].n"),
        (request(conversions="1/2"), "goals[0].arms[1].conversions"),
        (request(conversions=11), "goals[0].arms[1].conversions"),
        (request(pre_sum=1), "goals[0].arms[1].pre_sum_squares"),
        (request(matured={"n": 11, "conversions": 1}), "goals[0].arms[1].matured.n"),
        (request(matured=[]), "goals[0].arms[1].matured"),
    ],
)
def test_what_is_refused_is_an_error_in_its_place_and_costs_no_other(body: Any, field: str) -> None:
    before, refused, after = analyse([request(), body, request()])

    assert refused["error"]["field"] == field
    assert before == after
    assert "error" not in before


@pytest.mark.parametrize("n", [10, "10", 10.0, "1e1", "20/2"])
def test_a_count_may_be_written_in_any_exact_form(n: Any) -> None:
    assert analyse([request(n=n)]) == analyse([request()])


def test_a_relative_difference_to_a_mean_of_0_is_no_crash() -> None:
    arms = [
        {"key": "a", "n": 9, "sum": 0, "sum_squares": 4},
        {"key": "b", "n": 9, "sum": 3, "sum_squares": 4},
    ]
    goal = {"key": "g", "type": "engagement", "difference": "relative", "arms": arms}

    assert "error" not in analyse([{"goals": [goal]}])[0]
