"""The series behind a report's plots, and what each of its days was computed from."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from chalicelib.domain.counting.arm_tally import ArmTally
from chalicelib.domain.counting.tally import Tally
from chalicelib.domain.instant import Day, iso_day
from chalicelib.services.reports.analysis_request import Request
from chalicelib.services.reports.engagement_scores import Scores

Excluded = Mapping[Day, Mapping[str, int]]
"""By day and reason the requests that counted for nobody."""


class DailySeries:
    """By day and arm the running number of participants, and of each goal its conversions or sum.

    For the reports of one recount: they share the rows of their days, which are made once.
    """

    def __init__(self) -> None:
        self._days: dict[tuple[int, ...], dict[str, Any]] = {}

    def of(self, request: Request, as_of_day: str) -> list[dict[str, Any]]:
        """The series of one report; its rows belong to other reports as well and must not be changed."""
        by_day: dict[str, list[tuple[Request, list[Request]]]] = {}
        for goal in request["goals"]:
            for row in [*goal["history"], {"day": as_of_day, "arms": goal["arms"]}]:
                by_day.setdefault(row["day"], []).append((goal, row["arms"]))
        return [self._row(day, goals) for day, goals in by_day.items()]

    def _row(self, day: str, goals: list[tuple[Request, list[Request]]]) -> dict[str, Any]:
        # The arms of a goal and day are one object for all reports of a recount: see `Known`.
        known = tuple([id(arms) for _, arms in goals])
        found = self._days.get(known)
        if found is None:
            found = self._days[known] = {"day": day, "arms": _arms_of(goals)}
        return found


def _arms_of(goals: list[tuple[Request, list[Request]]]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for goal, arms in goals:
        for arm in arms:
            entry = found.setdefault(arm["key"], {"n": arm["n"], "goals": {}})
            entry["goals"][goal["key"]] = _shown(goal["type"], arm)
    return found


def _shown(kind: str, arm: Request) -> Request:
    names = _SHOWN[kind]
    return {name: arm[name] if type(arm[name]) is int else str(arm[name]) for name in names}


_SHOWN = {
    "conversion": ("conversions",),
    "engagement": ("sum",),
    "ratio": ("numerator_sum", "denominator_sum"),
}


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
