"""The scores of your function in a report: a goal of its own, beside what was recorded."""

from collections.abc import Mapping
from typing import Any

Scores = Mapping[str, Mapping[str, Any]]
"""By ISO day: `arms`, a list of [phase, variation, users, sum, sum of squares, failed], and `provisional`."""

SCORE = "engagement_score"
"""The key of the goal."""


def with_scores(report: Mapping[str, Any], scores: Scores) -> dict[str, Any]:
    """The frame of a report with the scores up to its day; unchanged where there are none."""
    told = {day: found["arms"] for day, found in scores.items() if day <= report["as_of_day"]}
    if not told or any(goal["key"] == SCORE for goal in report["goals"]):
        return dict(report)
    arms = [{**arm, "scores": _of_arm(told, arm["phase"], arm["variation"])} for arm in report["tallies"]]
    failed = sum(row[5] for row in told.get(report["as_of_day"], []))
    goals = list(report["goals"])
    goals.insert(-1, {**_GOAL, "failed_users": failed})
    return {**report, "tallies": arms, "goals": goals}


def _of_arm(told: Mapping[str, list[list[Any]]], phase: int, variation: str) -> dict[str, list[int]]:
    return {day: row[2:] for day, rows in told.items() for row in rows if row[:2] == [phase, variation]}


_GOAL = {
    "key": SCORE,
    "type": "engagement",
    "source": "function",
    "unit": None,
    "direction": "increase",
    "role": "secondary",
    "window_days": None,
}
