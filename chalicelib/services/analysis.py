"""From a report's tallies to the request that the statistics answer.

A report is made and recomputed by the same path: its frame (the experiment, the goals' rules,
the tallies) becomes a request here, and the answer fills the frame.
"""

from collections.abc import Iterable, Mapping
from itertools import accumulate
from typing import Any

from chalicelib.domain.goal import VALUE_SCALE, unscaled
from chalicelib.domain.instant import Day, iso_day, parse_day
from chalicelib.domain.name import ANY_GOAL

Request = dict[str, Any]
_SQUARE_SCALE = VALUE_SCALE * VALUE_SCALE


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
        each["variation"]: _Arm(each, first, as_of) for each in report["tallies"] if each["phase"] == phase
    }
    ordered = [arms.get(key) or _Arm({"variation": key}, first, as_of) for key in weights]
    return {
        "alpha": experiment["alpha"],
        "tuning": experiment["tuning"],
        "max_sample_size": experiment["max_sample_size"],
        "weights": weights,
        "days": as_of - first + 1,
        "provisional": report["provisional"],
        "goals": [_goal_request(goal, ordered, first, as_of) for goal in report["goals"]],
    }


class _Arm:
    """One arm's running totals by day, from the phase's first day to the last."""

    def __init__(self, tally: Mapping[str, Any], first: Day, last: Day) -> None:
        self.key = tally["variation"]
        days = [iso_day(day) for day in range(first, last + 1)]
        self.enrolled = list(accumulate(tally.get("enrolled", {}).get(day, 0) for day in days))
        self.goals = {goal: _totals(added, days) for goal, added in tally.get("goals", {}).items()}
        self._nothing = [(0, 0, 0)] * len(days)

    def at(self, goal: Mapping[str, Any], index: int) -> Request:
        conversions, total, squares = self.goals.get(goal["key"], self._nothing)[index]
        arm: Request = {"key": self.key, "n": self.enrolled[index]}
        if goal["type"] == "conversion":
            return {**arm, "conversions": conversions}
        return {**arm, "sum": unscaled(total), "sum_squares": unscaled(squares, _SQUARE_SCALE)}


def _goal_request(goal: Mapping[str, Any], arms: list[_Arm], first: Day, as_of: Day) -> Request:
    rules = {
        key: goal[key] for key in ("key", "type", "role", "direction", "unit", "window_days") if key in goal
    }
    history = [
        {"day": iso_day(day), "arms": [arm.at(goal, index) for arm in arms]}
        for index, day in enumerate(range(first, as_of))
    ]
    return {**rules, "arms": [arm.at(goal, as_of - first) for arm in arms], "history": history}


def _totals(added: Mapping[str, list[int]], days: Iterable[str]) -> list[tuple[int, int, int]]:
    totals, conversions, total, squares = [], 0, 0, 0
    for day in days:
        if day in added:
            counts = added[day]
            conversions, total, squares = conversions + counts[0], total + counts[1], squares + counts[2]
        totals.append((conversions, total, squares))
    return totals


def any_goal() -> Request:
    """The row that counts whoever reached at least one goal of any type."""
    return {"key": ANY_GOAL, "type": "conversion", "role": "secondary", "direction": "increase"}
