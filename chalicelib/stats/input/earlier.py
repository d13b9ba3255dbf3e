"""The earlier phases of a goal: the same arms under other weights."""

from collections.abc import Sequence
from dataclasses import replace
from math import lcm
from typing import Any

from chalicelib.domain.counting.goal_series import ArmSeries, GoalSeries
from chalicelib.stats.errors import RequestError
from chalicelib.stats.input import arms as rows
from chalicelib.stats.input.fields import known, sequence
from chalicelib.stats.input.goals import Earlier, Goal, scale_of, scaled_by
from chalicelib.stats.input.types import PhaseRequest


def with_earlier(goals: Sequence[Goal], phase: int, fields: PhaseRequest, path: str) -> list[Goal]:
    """The goals with what an earlier phase says of them; the current phase begins when it is over.

    `fields.goals` has by key a series of a tally, or `{"history": […]}`: the days of the phase.
    """
    given = fields.goals or {}
    keys = {goal.key for goal in goals}
    for key in given:
        if key not in keys:
            raise RequestError(f"{path}.goals.{key}", "no such goal")
    return [
        _with(goal, phase, given[goal.key], fields.first, f"{path}.goals.{goal.key}")
        if goal.key in given
        else goal
        for goal in goals
    ]


def _with(goal: Goal, phase: int, value: Any, first: int | None, path: str) -> Goal:
    arms, scale = _arms(goal, value, path)
    common = lcm(scale, goal.scale)
    goal = _rescaled(goal, common // goal.scale)
    arms = [None if arm is None else scaled_by(arm, common // scale, goal.type) for arm in arms]
    days, now = max(len(arm.n) for arm in arms if arm is not None), len(goal.arms[0].n)
    start = goal.first if first is None else first
    begin = start + days if first is None else max(goal.first, start + days - now)
    # The rows of all phases are one sequence of days; today's number is at least what it was.
    today = max(float(begin + now), goal.numbers[-1])
    return replace(
        goal,
        earlier=(*goal.earlier, Earlier(phase, start, arms)),
        first=begin,
        numbers=[today - age for age in range(begin + now - 1, -1, -1)],
    )


def _arms(goal: Goal, value: Any, path: str) -> tuple[list[ArmSeries | None], int]:
    keys = [arm.key for arm in goal.arms]
    if isinstance(value, GoalSeries):
        for i, arm in enumerate(value.arms):
            rows.checked(arm, f"{path}.arms[{i}]")
        (scaled,), scale = scale_of([value.arms], goal.type)
        by_key = {arm.key: arm for arm in scaled}
        return [by_key.get(key) for key in keys], scale * value.scale
    history = sequence(known(value, ("history",), path).get("history"), f"{path}.history")
    if not history:
        raise RequestError(f"{path}.history", "needs a day or more")
    today = [rows.Row(arm.key, 0, (), 0, (0, 0, 0) if arm.pre else ()) for arm in goal.arms]
    days = [rows.day_of(each, goal.type, today, f"{path}.history[{i}]")[1] for i, each in enumerate(history)]
    series = [
        ArmSeries(key, arm.n, arm.sums, arm.nonzero, arm.pre)
        for key, arm in zip(keys, rows.series_of(days), strict=True)
    ]
    (scaled,), scale = scale_of([series], goal.type)
    return list(scaled), scale


def _rescaled(goal: Goal, factor: int) -> Goal:
    if factor == 1:
        return goal
    return replace(
        goal,
        scale=goal.scale * factor,
        arms=[scaled_by(arm, factor, goal.type) for arm in goal.arms],
        shown=[scaled_by(arm, factor, goal.type) for arm in goal.shown],
        earlier=[
            replace(
                part,
                arms=[None if arm is None else scaled_by(arm, factor, goal.type) for arm in part.arms],
            )
            for part in goal.earlier
        ],
    )
