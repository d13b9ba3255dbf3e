"""From a report's tallies to the request that the statistics answer.

A report is made and recomputed by the same path: its frame (the experiment, the goals' rules,
the tallies) becomes a request here, and the answer fills the frame.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from chalicelib.domain.counting.goal_series import GoalSeries
from chalicelib.domain.experiments.bucketing import bucket_counts
from chalicelib.domain.fields.text import ANY_GOAL
from chalicelib.domain.instant import Day, parse_day
from chalicelib.domain.values import unscaled
from chalicelib.services.reports.goal_numbers import Arm, goal_series

Request = dict[str, Any]

Known = dict[tuple[str, int, str], GoalSeries]
"""Series by experiment, phase and goal: reports of one recount share them, each up to its own day."""

_RULES = ("key", "type", "role", "direction", "unit", "window_days", "margin", "in_family")
_PLAN = ("planned_visitors", "planned_days", "minimum_effect", "max_sample_size", "ended")


def request_of_report(report: Mapping[str, Any], known: Known | None = None) -> Request:
    """The analysis request of a report's current phase as of its day, with the phases before it."""
    known, as_of = {} if known is None else known, parse_day(report["as_of_day"])
    current = report["experiment"]["phase"]
    request = phase_request(report, current, as_of, known)
    earlier = [phase for phase in report["experiment"]["phases"] if phase["number"] < current]
    if earlier:
        first = min(_first(phase, as_of) for phase in earlier)
        request["phases"] = [_earlier(report, phase, first, as_of, known) for phase in earlier]
        request["days"] = as_of - first + 1
    return request


def phase_request(report: Mapping[str, Any], phase: int, as_of: Day, known: Known | None = None) -> Request:
    """The analysis request of one phase of a report alone, as of a day.

    `known` may be shared by reports of one recount alone: the series of a longer one serve the shorter.
    """
    known, experiment = {} if known is None else known, report["experiment"]
    started = _phase(report, phase)
    first = _first(started, as_of)
    series = _series(report, started, as_of, known)
    return {
        "alpha": experiment["alpha"],
        **{name: experiment[name] for name in _PLAN if experiment.get(name) is not None},
        "weights": _shares(started),
        "days": as_of - first + 1,
        "provisional": report["provisional"],
        "visitors_by_day": _visitors(report, started, as_of, series),
        "goals": [
            _goal_request(goal, series[goal["key"]], series.get(_matured(goal["key"])))
            for goal in report["goals"]
        ],
    }


def _earlier(
    report: Mapping[str, Any], phase: Mapping[str, Any], first: Day, as_of: Day, known: Known
) -> Request:
    """An earlier phase up to today: what its visitors do later still counts for it."""
    series = _series(report, phase, as_of, known)
    return {
        "number": phase["number"],
        "weights": _shares(phase),
        "first": _first(phase, as_of) - first,
        "visitors_by_day": _visitors(report, phase, as_of, series),
        "goals": _deciding(report, series),
    }


def _phase(report: Mapping[str, Any], number: int) -> Mapping[str, Any]:
    found: Mapping[str, Any] = next(
        each for each in report["experiment"]["phases"] if each["number"] == number
    )
    return found


def _first(phase: Mapping[str, Any], as_of: Day) -> Day:
    return min(parse_day(phase["started_at"][:10]), as_of)


def _shares(phase: Mapping[str, Any]) -> dict[str, int]:
    """How many buckets each variation has: the hash has ten thousand, so small shares are not the weights."""
    variations = phase["variations"]
    weights = [each["weight"] for each in variations]
    counts = bucket_counts(len(variations), phase.get("coverage", 1.0), weights)
    if not any(counts):
        counts = bucket_counts(len(variations), 1.0, weights)
    return {each["key"]: count for each, count in zip(variations, counts, strict=True)}


def _series(
    report: Mapping[str, Any], phase: Mapping[str, Any], as_of: Day, known: Known
) -> dict[str, GoalSeries]:
    """By goal the numbers of a phase from its first day on."""
    first, name = _first(phase, as_of), report["experiment"]["name"]
    days, arms = as_of - first + 1, None
    found = {}
    for goal in report["goals"]:
        for key, window in ((goal["key"], None), (_matured(goal["key"]), goal.get("window_days"))):
            if key != goal["key"] and not _matures(report, goal):
                continue
            place = (name, phase["number"], key)
            if place not in known or len(known[place].arms[0].n) < days:
                arms = _arms(report, phase, first, as_of, window)
                known[place] = goal_series(goal, arms)
            found[key] = known[place].until(days)
    return found


def _matures(report: Mapping[str, Any], goal: Mapping[str, Any]) -> bool:
    """Whether the tallies count the goal's matured visitors; those of version 1 don't.

    A ratio matures only with both of its parts: `counting/rules.py` counts it under the same condition.
    """
    window = goal.get("window_days")
    if window is None or not all(each is not None and each <= window for each in _windows(report, goal)):
        return False
    return any(str(window) in each.get("matured", {}).get("windows", {}) for each in report["tallies"])


def _windows(report: Mapping[str, Any], goal: Mapping[str, Any]) -> list[int | None]:
    """The windows of the goals that a ratio divides; none for other goals."""
    windows = {each["key"]: each.get("window_days") for each in report["goals"]}
    parts = [goal[name] for name in ("numerator", "denominator") if goal.get(name)]
    return [windows.get(part["goal"]) for part in parts]


def _matured(key: str) -> str:
    # No goal has such a name.
    return f"{key} matured"


def _deciding(report: Mapping[str, Any], series: Mapping[str, GoalSeries]) -> dict[str, GoalSeries]:
    """By goal the numbers of matured visitors where there are some, else those of all."""
    keys = [goal["key"] for goal in report["goals"]]
    return {key: series.get(_matured(key), series[key]) for key in keys}


def _arms(
    report: Mapping[str, Any], phase: Mapping[str, Any], first: Day, last: Day, window: int | None = None
) -> list[Arm]:
    """Of all visitors, or with a window of those who have matured."""
    tallies = {each["variation"]: each for each in report["tallies"] if each["phase"] == phase["number"]}
    if window is not None:
        tallies = {key: _of_matured(each, window) for key, each in tallies.items()}
    keys = [each["key"] for each in phase["variations"]]
    return [Arm(tallies.get(key, {"variation": key}), first, last) for key in keys]


def _of_matured(tally: Mapping[str, Any], window: int) -> dict[str, Any]:
    matured = tally.get("matured", {})
    return {
        "variation": tally["variation"],
        "enrolled": matured.get("windows", {}).get(str(window), {}),
        "goals": matured.get("goals", {}),
        "parts": matured.get("parts", {}),
    }


def _visitors(
    report: Mapping[str, Any], phase: Mapping[str, Any], as_of: Day, series: Mapping[str, GoalSeries]
) -> dict[str, Sequence[int]]:
    if ANY_GOAL in series:
        # Everybody is in this row, whatever the other goals count.
        return {arm.key: arm.n for arm in series[ANY_GOAL].arms}
    return {arm.key: arm.n for arm in _arms(report, phase, _first(phase, as_of), as_of)}


def _goal_request(goal: Mapping[str, Any], series: GoalSeries, matured: GoalSeries | None) -> Request:
    rules = {key: goal[key] for key in _RULES if key in goal}
    if matured is None:
        # Without matured visitors the statistics must not take the numbers for those of a window.
        rules["window_days"] = None
    else:
        rules["matured"] = matured
    if goal.get("winsorize") is None:
        return {**rules, "cap": goal.get("cap"), "arms": series}
    cap = (matured or series).caps[-1]
    return {
        **rules,
        "cap": None if cap is None else unscaled(cap),
        "cap_removed_all": cap == 0,
        "arms": series,
    }


def any_goal() -> Request:
    """The row that counts whoever reached at least one goal of any type."""
    return {"key": ANY_GOAL, "type": "conversion", "role": "secondary", "direction": "increase"}
