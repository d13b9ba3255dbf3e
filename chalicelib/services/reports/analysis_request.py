"""From a report's tallies to the request that the statistics answer.

A report is made and recomputed by the same path: its frame (the experiment, the goals' rules,
the tallies) becomes a request here, and the answer fills the frame.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from chalicelib.domain.instant import Day, iso_day, parse_day
from chalicelib.domain.name import ANY_GOAL
from chalicelib.services.reports.goal_numbers import Arm, goal_arms

Request = dict[str, Any]
Row = tuple[list[Request], bool]
"""The arms as of a day, and whether that day has numbers: scores are there for some days only."""

Known = dict[tuple[str, int, str], list[Row]]
"""Rows by experiment, phase and goal: reports of one recount share them, each up to its own day."""

_RULES = ("key", "type", "role", "direction", "unit", "window_days")


def request_of_report(report: Mapping[str, Any], known: Known | None = None) -> Request:
    """The analysis request of a report's current phase, as of its day."""
    return phase_request(report, report["experiment"]["phase"], parse_day(report["as_of_day"]), known)


def phase_request(report: Mapping[str, Any], phase: int, as_of: Day, known: Known | None = None) -> Request:
    """The analysis request of one phase of a report, as of a day.

    `known` may be shared by reports of one recount alone: the rows of a longer one serve the shorter.
    """
    known, experiment = {} if known is None else known, report["experiment"]
    started = next(each for each in experiment["phases"] if each["number"] == phase)
    weights = {each["key"]: each["weight"] for each in started["variations"]}
    first = min(parse_day(started["started_at"][:10]), as_of)
    days = range(first, as_of + 1)
    missing = [goal for goal in report["goals"] if len(known.get(_key(report, phase, goal), ())) < len(days)]
    if missing:
        arms = _arms(report, phase, weights, days)
        known.update({_key(report, phase, goal): _rows(goal, arms) for goal in missing})
    return {
        "alpha": experiment["alpha"],
        "tuning": experiment["tuning"],
        "max_sample_size": experiment["max_sample_size"],
        "weights": weights,
        "days": as_of - first + 1,
        "provisional": report["provisional"],
        "goals": [
            _goal_request(goal, known[_key(report, phase, goal)][: len(days)], first)
            for goal in report["goals"]
        ],
    }


def _key(report: Mapping[str, Any], phase: int, goal: Mapping[str, Any]) -> tuple[str, int, str]:
    return report["experiment"]["name"], phase, goal["key"]


def _arms(report: Mapping[str, Any], phase: int, keys: Iterable[str], days: range) -> list[Arm]:
    tallies = {each["variation"]: each for each in report["tallies"] if each["phase"] == phase}
    return [Arm(tallies.get(key, {"variation": key}), days[0], days[-1]) for key in keys]


def _rows(goal: Mapping[str, Any], arms: list[Arm]) -> list[Row]:
    days = goal_arms(goal, arms)
    if goal.get("source") != "function":
        return [(day, True) for day in days]
    return [(day, any(arm.scored(i) for arm in arms)) for i, day in enumerate(days)]


def _goal_request(goal: Mapping[str, Any], rows: list[Row], first: Day) -> Request:
    rules = {key: goal[key] for key in _RULES if key in goal}
    *history, (today, _) = rows
    cap = goal.get("cap") if goal.get("winsorize") is None else today[0]["cap"]
    days = [{"day": iso_day(first + i), "arms": arms} for i, (arms, counted) in enumerate(history) if counted]
    return {**rules, "cap": cap, "arms": today, "history": days}


def any_goal() -> Request:
    """The row that counts whoever reached at least one goal of any type."""
    return {"key": ANY_GOAL, "type": "conversion", "role": "secondary", "direction": "increase"}
