"""Today's arms of every goal, by type: what the tests of one look and the rows of the arms are made from."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from chalicelib.stats.arrays import Index
from chalicelib.stats.input.arm_columns import Arms, arms_of
from chalicelib.stats.input.goals import Goal, last_day
from chalicelib.stats.input.layout import Block, Layout


@dataclass(frozen=True)
class Today:
    """All goals of one type. `starts` are the first arms of each goal, `sizes` how many they are; `rows` are
    the comparisons, each of `control` and `treatment`; `arms` decide, `shown` are all visitors."""

    type: str
    goals: list[int]
    arms: Arms
    shown: Arms
    rows: Index
    control: Index
    treatment: Index
    starts: Index
    sizes: Index


def today_of(layout: Layout) -> list[Today]:
    """One for each type, in the order of their first goals."""
    kinds = list(dict.fromkeys(goal.type for goal in layout.goals))
    return [_today(kind, layout.goals, layout.first, layout.blocks) for kind in kinds]


def _today(kind: str, goals: Sequence[Goal], first: Index, blocks: Sequence[Block]) -> Today:
    chosen = [i for i, goal in enumerate(goals) if goal.type == kind]
    sizes = np.array([len(goals[i].arms) for i in chosen], dtype=np.intp)
    starts = np.cumsum(sizes) - sizes
    arms = _deciding(kind, chosen, goals, blocks)
    shown = arms
    if any(goals[i].apart for i in chosen):
        shown = arms_of([(arm, goals[i].scale) for i in chosen for arm in goals[i].shown])
    return Today(
        kind,
        chosen,
        arms,
        shown,
        np.concatenate([first[i] + np.arange(k - 1) for i, k in zip(chosen, sizes, strict=True)]),
        np.repeat(starts, sizes - 1),
        np.concatenate([start + np.arange(1, k) for start, k in zip(starts, sizes, strict=True)]),
        starts,
        sizes,
    )


def _deciding(kind: str, chosen: Sequence[int], goals: Sequence[Goal], blocks: Sequence[Block]) -> Arms:
    """Taken from the columns of all days where these are the goals' own."""
    block = next((each for each in blocks if each.kind == kind), None)
    if block is not None and len(block.last) == sum(len(goals[i].arms) for i in chosen):
        return block.arms[block.last]
    return arms_of([(last_day(arm), goals[i].scale) for i in chosen for arm in goals[i].arms])
