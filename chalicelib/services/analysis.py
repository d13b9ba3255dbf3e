"""From a report's tallies to the request that the statistics answer.

A report is made and recomputed by the same path: its frame (the experiment, the goals' rules,
the tallies) becomes a request here, and the answer fills the frame.
"""

from collections.abc import Mapping
from typing import Any

from chalicelib.domain.instant import Day, iso_day, parse_day
from chalicelib.domain.name import ANY_GOAL
from chalicelib.services.numbers import Arm, goal_arms

Request = dict[str, Any]
_RULES = ("key", "type", "role", "direction", "unit", "window_days")


def request_of_report(report: Mapping[str, Any]) -> Request:
    """The analysis request of a report's current phase, as of its day."""
    return phase_request(report, report["experiment"]["phase"], parse_day(report["as_of_day"]))


def phase_request(report: Mapping[str, Any], phase: int, as_of: Day) -> Request:
    """The analysis request of one phase of a report, as of a day."""
    experiment = report["experiment"]
    started = next(each for each in experiment["phases"] if each["number"] == phase)
    weights = {each["key"]: each["weight"] for each in started["variations"]}
    first = min(parse_day(started["started_at"][:10]), as_of)
    arms = {
        each["variation"]: Arm(each, first, as_of) for each in report["tallies"] if each["phase"] == phase
    }
    ordered = [arms.get(key) or Arm({"variation": key}, first, as_of) for key in weights]
    return {
        "alpha": experiment["alpha"],
        "tuning": experiment["tuning"],
        "max_sample_size": experiment["max_sample_size"],
        "weights": weights,
        "days": as_of - first + 1,
        "provisional": report["provisional"],
        "goals": [_goal_request(goal, ordered, first) for goal in report["goals"]],
    }


def _goal_request(goal: Mapping[str, Any], arms: list[Arm], first: Day) -> Request:
    rules = {key: goal[key] for key in _RULES if key in goal}
    *history, today = goal_arms(goal, arms)
    shown = [
        {"day": iso_day(first + i), "arms": day}
        for i, day in enumerate(history)
        if goal.get("source") != "function" or any(arm.scored(i) for arm in arms)
    ]
    cap = goal.get("cap") if goal.get("winsorize") is None else today[0]["cap"]
    return {
        **rules,
        "cap": cap,
        "arms": today,
        "history": shown,
    }


def any_goal() -> Request:
    """The row that counts whoever reached at least one goal of any type."""
    return {"key": ANY_GOAL, "type": "conversion", "role": "secondary", "direction": "increase"}
