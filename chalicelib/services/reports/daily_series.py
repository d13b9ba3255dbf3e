"""The series behind a report's plots, and what each of its days was computed from."""

import hashlib
import json
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from chalicelib.domain.counting.arm_tally import ArmTally
from chalicelib.domain.counting.goal_series import GoalSeries
from chalicelib.domain.counting.tally import Tally
from chalicelib.domain.instant import Day, iso_day, parse_day
from chalicelib.domain.values import unscaled
from chalicelib.services.reports.analysis_request import Request
from chalicelib.services.reports.engagement_scores import Scores

Excluded = Mapping[Day, Mapping[str, int]]
"""By day and reason the requests that counted for nobody."""


class DailySeries:
    """By day and arm the running number of participants, and of each goal its conversions or sum.

    For the reports of one recount: they share the rows of their days, which are made once.
    """

    def __init__(self) -> None:
        self._rows: dict[tuple[Any, ...], list[dict[str, Any]]] = {}

    def of(self, report: Mapping[str, Any], request: Request) -> list[dict[str, Any]]:
        """The series of one report; its rows belong to other reports as well and must not be changed."""
        experiment = report["experiment"]
        days = len(next(iter(request["visitors_by_day"].values())))
        first = parse_day(report["as_of_day"]) - days + 1
        goals = tuple(goal["key"] for goal in request["goals"])
        rows = self._rows.setdefault((experiment["name"], experiment["phase"], first, goals), [])
        rows += [{"day": iso_day(first + i), "arms": _arms_of(request, i)} for i in range(len(rows), days)]
        return rows[:days]


def _arms_of(request: Request, i: int) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {
        key: {"n": counts[i], "goals": {}} for key, counts in request["visitors_by_day"].items()
    }
    for goal in request["goals"]:
        whole: GoalSeries = goal["arms"]
        for arm in whole.arms:
            found[arm.key]["goals"][goal["key"]] = {
                name: _text(arm.sums[place][i], whole.scale) for name, place in _SHOWN[goal["type"]]
            }
    return found


def _text(value: int | Fraction, scale: int) -> int | str:
    if scale == 1:
        return int(value)
    return unscaled(value, scale) if type(value) is int else str(Fraction(value) / scale)


_SHOWN = {
    "conversion": (("conversions", 0),),
    "engagement": (("sum", 0),),
    "ratio": (("numerator_sum", 0), ("denominator_sum", 2)),
}
"""What is shown of a goal, and where it stands among its sums."""


def digests(
    experiment: str, tally: Tally, scores: Scores, excluded: Excluded, first: Day, last: Day
) -> dict[Day, str]:
    """For each day a digest of all that was counted up to its end: equal digests, equal reports.

    A day that added nothing has the digest of the day before, whatever the first day is.
    """
    arms = sorted((key, arm) for key, arm in tally.arms.items() if key[0] == experiment)
    found, digest = {}, b""
    for day in range(first, last + 1):
        added: list[Any] = [[key, *blocks] for key, arm in arms if any(blocks := _added(arm, day))]
        if iso_day(day) in scores:
            added.append(scores[iso_day(day)])
        if excluded.get(day):
            added.append(sorted(excluded[day].items()))
        if added:
            digest = hashlib.blake2b(digest + json.dumps(added).encode(), digest_size=16).digest()
        found[day] = digest.hex() or _NOTHING
    return found


def _added(arm: ArmTally, day: Day) -> list[Any]:
    """What a day added to an arm: enrolments, goals, parts and conflicts."""
    return [
        arm.enrolled.get(day, 0),
        [(goal, days[day].as_row()) for goal, days in sorted(arm.goals.items()) if day in days],
        [(goal, sorted(days[day].items())) for goal, days in sorted(arm.parts.items()) if day in days],
        arm.conflicts.get(day, 0),
    ]


_NOTHING = "nothing"
