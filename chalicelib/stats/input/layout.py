"""Where every number stands: comparisons of all requests in one row each, then one row per earlier day."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from chalicelib.stats.arrays import Index
from chalicelib.stats.input.arm_columns import Arms, arms_of
from chalicelib.stats.input.request import Goal, Request


@dataclass(frozen=True)
class Block:
    """All goals of one type: their arms, and the comparisons as (row, control arm, treatment arm).

    `starts` are the first arms of each goal of today, `sizes` how many they are; `now` is the number of rows
    of today, which come first.
    """

    type: str
    goals: list[int]
    arms: Arms
    rows: Index
    control: Index
    treatment: Index
    starts: Index
    sizes: Index
    now: int


@dataclass(frozen=True)
class Layout:
    """`request`, `goal` say whose each comparison is; `owner` is the comparison that each row is a day of.

    Rows 0 … len(goal) − 1 are today's comparisons; the earlier days follow, oldest first within a comparison.
    """

    goals: list[Goal]
    request: Index
    goal: Index
    owner: Index
    first: Index
    blocks: list[Block]


def layout_of(requests: Sequence[Request]) -> Layout:
    goals = [goal for request in requests for goal in request.goals]
    request_of_goal = np.repeat(np.arange(len(requests)), [len(r.goals) for r in requests])
    treatments = np.array([len(goal.arms) - 1 for goal in goals], dtype=np.intp)
    days = np.array([len(goal.history) for goal in goals], dtype=np.intp)
    first = np.concatenate([[0], np.cumsum(treatments)]).astype(np.intp)
    goal = np.repeat(np.arange(len(goals)), treatments)
    past = first[-1] + np.concatenate([[0], np.cumsum(treatments * days)]).astype(np.intp)
    kinds = list(dict.fromkeys(g.type for g in goals))
    return Layout(
        goals=goals,
        request=request_of_goal[goal] if len(goals) else goal.astype(np.intp),
        goal=goal,
        owner=np.concatenate([np.arange(first[-1]), np.repeat(np.arange(first[-1]), days[goal])]).astype(
            np.intp
        ),
        first=first,
        blocks=[_block(kind, goals, first, past) for kind in kinds],
    )


def _block(kind: str, goals: Sequence[Goal], first: Index, past: Index) -> Block:
    chosen = [i for i, goal in enumerate(goals) if goal.type == kind]
    sizes = np.array([len(goals[i].arms) for i in chosen], dtype=np.intp)
    ends = np.cumsum(sizes)
    starts = ends - sizes
    now = [(first[i], starts[j], sizes[j]) for j, i in enumerate(chosen)]
    rows = np.concatenate([row + np.arange(size - 1) for row, _, size in now])
    control = np.repeat(starts, sizes - 1)
    treatment = np.concatenate([start + np.arange(1, size) for _, start, size in now])
    history = _history(chosen, goals, past, int(ends[-1]))
    return Block(
        kind,
        chosen,
        arms_of([goals[i] for i in chosen]),
        np.concatenate([rows, *(part[0] for part in history)]),
        np.concatenate([control, *(part[1] for part in history)]),
        np.concatenate([treatment, *(part[2] for part in history)]),
        starts,
        sizes,
        len(rows),
    )


def _history(
    chosen: Sequence[int], goals: Sequence[Goal], past: Index, start: int
) -> list[tuple[Index, Index, Index]]:
    parts = []
    for i in chosen:
        days, size = len(goals[i].history), len(goals[i].arms)
        if days:
            control = np.tile(start + size * np.arange(days), size - 1)
            arm = np.repeat(np.arange(1, size), days)
            parts.append((past[i] + np.arange(days * (size - 1)), control, control + arm))
            start += days * size
    return parts
