"""Where every number stands: a row for each comparison and day, a cell for each phase that it draws on."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from chalicelib.domain.counting.goal_series import ArmSeries
from chalicelib.stats.arrays import Floats, Index
from chalicelib.stats.input.arm_columns import Arms, arms_of, with_pre
from chalicelib.stats.input.goals import Goal
from chalicelib.stats.input.request import Request


@dataclass(frozen=True)
class Block:
    """All goals of one type: their arms by day, and cells as (row, phase, control entry, treatment entry).

    `kind` is the goals' type, or `adjusted` where a covariate is declared. `comparisons` are today's, with
    the entries of their arms in `control`, `treatment`; `last` are today's entries of all arms.
    """

    kind: str
    arms: Arms
    comparisons: Index
    control: Index
    treatment: Index
    cell_row: Index
    cell_control: Index
    cell_treatment: Index
    last: Index


@dataclass(frozen=True)
class Layout:
    """Comparisons in the order of requests, goals and arms; the rows of each stand together, today last.

    `request`, `goal`, `arm` say whose each comparison is, `first` is the first comparison of each goal,
    `start` the first row of each comparison, `length` how many they are; `number` is each row's day.
    """

    goals: list[Goal]
    request: Index
    goal: Index
    arm: Index
    first: Index
    start: Index
    length: Index
    owner: Index
    number: Floats
    blocks: list[Block]

    @property
    def today(self) -> Index:
        """The row of today of each comparison."""
        return self.start + self.length - 1


def layout_of(requests: Sequence[Request], dead: Sequence[frozenset[int]]) -> Layout:
    """`dead` are, by request, the places of earlier phases that a damaged sample ratio took out."""
    goals = [goal for request in requests for goal in request.goals]
    out = [dead[i] for i, request in enumerate(requests) for _ in request.goals]
    treatments = np.array([len(goal.arms) - 1 for goal in goals], dtype=np.intp)
    rows = np.array([len(goal.numbers) for goal in goals], dtype=np.intp)
    first = np.concatenate([[0], np.cumsum(treatments)]).astype(np.intp)
    of_request = np.repeat(np.arange(len(requests)), [len(request.goals) for request in requests])
    goal = np.repeat(np.arange(len(goals)), treatments)
    length = rows[goal]
    start = (np.cumsum(length) - length).astype(np.intp)
    kinds = [_kind(each) for each in goals]
    numbers = [goals[i].numbers for i in goal.tolist()]
    return Layout(
        goals=goals,
        request=of_request[goal],
        goal=goal,
        arm=np.arange(len(goal)) - first[goal] + 1,
        first=first,
        start=start,
        length=length,
        owner=np.repeat(np.arange(len(goal)), length),
        number=np.fromiter(chain.from_iterable(numbers), dtype=np.float64, count=int(length.sum())),
        blocks=[
            _block(kind, [i for i, each in enumerate(kinds) if each == kind], goals, out, first, start)
            for kind in dict.fromkeys(kinds)
        ],
    )


def _kind(goal: Goal) -> str:
    return "adjusted" if all(arm.pre for arm in goal.arms) and goal.type != "ratio" else goal.type


def _block(
    kind: str,
    chosen: Sequence[int],
    goals: Sequence[Goal],
    out: Sequence[frozenset[int]],
    first: Index,
    start: Index,
) -> Block:
    entries: list[tuple[ArmSeries, int]] = []
    # Of each cell group: first row, first entry of control and treatment, days, rows to fill.
    groups: list[tuple[int, int, int, int, int]] = []
    comparisons: list[int] = []
    control: list[int] = []
    treatment: list[int] = []
    last: list[int] = []
    size = 0
    for i in chosen:
        goal = goals[i]
        parts = [(part.first, part.arms) for part in goal.earlier if part.phase not in out[i]]
        for offset, arms in [*parts, (goal.first, goal.arms)]:
            places: list[int | None] = []
            for arm in arms:
                places.append(None if arm is None else size)
                if arm is not None:
                    entries.append((with_pre(arm, goal) if kind == "adjusted" else arm, goal.scale))
                    size += len(arm.n)
            days = max(len(arm.n) for arm in arms if arm is not None)
            for k in range(1, len(arms)):
                one, two = places[0], places[k]
                if one is not None and two is not None:
                    row = int(start[first[i] + k - 1]) + offset
                    groups.append((row, one, two, days, len(goal.numbers) - offset))
        last += [place + len(goal.arms[0].n) - 1 for place in places if place is not None]
        for k in range(1, len(goal.arms)):
            comparisons.append(int(first[i]) + k - 1)
            place = groups[len(groups) - len(goal.arms) + k]
            control.append(place[1] + place[3] - 1)
            treatment.append(place[2] + place[3] - 1)
    cell_row, cell_control, cell_treatment = _cells(np.array(groups, dtype=np.intp))
    return Block(
        kind,
        arms_of(entries),
        np.array(comparisons, dtype=np.intp),
        np.array(control, dtype=np.intp),
        np.array(treatment, dtype=np.intp),
        cell_row,
        cell_control,
        cell_treatment,
        np.array(last, dtype=np.intp),
    )


def _cells(groups: Index) -> tuple[Index, Index, Index]:
    """One cell a group and row; after a phase's last day its numbers stay as they are."""
    row, one, two, days, count = groups.T
    total = int(count.sum())
    which = np.repeat(np.arange(len(groups)), count)
    step = np.arange(total) - np.repeat(np.cumsum(count) - count, count)
    held = np.minimum(step, days[which] - 1)
    return row[which] + step, one[which] + held, two[which] + held
