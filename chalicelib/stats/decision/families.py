"""Who shares alpha with whom, and who is decided at which level.

Holm (1979) over the primary goals × arms on "has ever crossed"; with secondary goals alpha is split over the
arms, and in each arm its share goes on to the secondary goals once all primary ones are decided (a serial
gate: Maurer & Bretz 2013). Guardrails are a family of their own. What was declared after the start, and the
goal `any`, are in no family: they are shown and never decided. The family is as declared: a goal without
data stays in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from chalicelib.stats.arrays import Flags, Floats, Index
from chalicelib.stats.input.layout import Layout
from chalicelib.stats.input.request import Request


@dataclass(frozen=True)
class Families:
    """By comparison: whether it is primary, secondary or a guardrail; its family, −1: none; the family's
    alpha; and how many comparisons the family has."""

    primary: Flags
    secondary: Flags
    guardrail: Flags
    family: Index
    gate: Index
    share: Floats
    size: Index


@dataclass(frozen=True)
class Decided:
    """By comparison: decided or not, the level in force, and ln of the adjusted p."""

    decided: Flags
    level: Floats
    log_adjusted: Floats


def families_of(layout: Layout, requests: Sequence[Request]) -> Families:
    goal, request = layout.goal, layout.request
    counted = np.array([each.counted for each in layout.goals], dtype=bool)[goal]
    role = np.array([each.role for each in layout.goals], dtype=object)[goal]
    primary, secondary = counted & (role == "primary"), counted & (role == "secondary")
    guardrail = counted & (role == "guardrail")
    gated = np.zeros(len(requests), dtype=bool)
    gated[request[secondary]] = True
    arm, arms = _treatments(layout, primary | secondary, len(requests))
    alpha = np.array([each.alpha for each in requests])
    share = np.where(gated[request] & ~guardrail, (alpha / np.maximum(arms, 1))[request], alpha[request])
    width = int(arm.max(initial=0)) + 2
    # A number for each (experiment, arm or none, role).
    own = request * width + np.where(gated[request], arm + 1, 0)
    family = np.full(len(goal), -1, dtype=np.intp)
    family[primary] = 3 * own[primary]
    family[secondary] = 3 * own[secondary] + 1
    family[guardrail] = 3 * request[guardrail] * width + 2
    sizes = np.bincount(family[family >= 0], minlength=1)
    size = np.where(family >= 0, sizes[np.maximum(family, 0)], 0)
    return Families(primary, secondary, guardrail, family, np.where(secondary, 3 * own, -1), share, size)


def _treatments(layout: Layout, member: Flags, requests: int) -> tuple[Index, Index]:
    """By comparison the number of its arm within the experiment, and by experiment how many arms decide."""
    numbers: list[dict[str, int]] = [{} for _ in range(requests)]
    found = []
    for r, g, k, flag in zip(
        layout.request.tolist(), layout.goal.tolist(), layout.arm.tolist(), member.tolist(), strict=True
    ):
        key = layout.goals[g].arms[k].key
        found.append(numbers[r].setdefault(key, len(numbers[r])) if flag else 0)
    return np.array(found, dtype=np.intp), np.array([len(each) for each in numbers], dtype=np.intp)


def decide(families: Families, log_p: Floats) -> Decided:
    """Primary goals first, then the secondary ones whose gate is open; guardrails apart."""
    found = holm(log_p, families.family, families.share)
    adjusted, decided = found.log_adjusted, found.decided.copy()
    if not families.secondary.any():
        return found
    closed, behind = _gates(families, found)
    adjusted = np.where(families.secondary, np.maximum(adjusted, behind), adjusted)
    decided &= ~(families.secondary & closed)
    return Decided(decided, found.level, adjusted)


def holm(log_p: Floats, family: Index, share: Floats) -> Decided:
    """Step by step: all that have crossed at share/left leave, until none has."""
    member = np.flatnonzero(family >= 0)
    order = member[np.lexsort((log_p[member], family[member]))]
    own = family[order]
    sizes = np.bincount(own, minlength=1)
    start = np.cumsum(sizes) - sizes
    rank = np.arange(len(order)) - start[own]
    left = sizes[own] - rank
    raw = np.minimum(0.0, log_p[order] + np.log(left))
    adjusted = np.zeros(len(log_p))
    adjusted[order] = running_maximum(raw, own)
    # The alpha that a family shares counts as 1 here; ln share is what the adjusted p must not exceed.
    decided = (family >= 0) & (adjusted <= np.log(share) * (1 - 1e-12))
    gone = np.bincount(family[decided], minlength=len(sizes)) if decided.any() else np.zeros(len(sizes), int)
    level = share.copy()
    level[order] = share[order] / np.maximum(1, sizes[own] - gone[own])
    for row, at in _levels(log_p, order, own, sizes, decided, share):
        level[row] = at
    return Decided(decided, level, adjusted)


def _levels(
    log_p: Floats, order: Index, own: Index, sizes: Index, decided: Flags, share: Floats
) -> list[tuple[int, float]]:
    """The level at which each decided comparison left: those that crossed together left together."""
    found: list[tuple[int, float]] = []
    last, left, hits = -1, 0, 0
    for row, fam in zip(order.tolist(), own.tolist(), strict=True):
        if fam != last:
            last, left, hits = fam, int(sizes[fam]), 0
        if decided[row]:
            if log_p[row] > np.log(share[row] / left) * (1 - 1e-12):
                left, hits = left - hits, 0
            hits += 1
            found.append((row, float(share[row]) / left))
    return found


def running_maximum(values: Floats, family: Index) -> Floats:
    """Within each family; the rows of a family stand together."""
    if not len(values):
        return values
    starts = np.flatnonzero(np.diff(family)) + 1
    return np.concatenate([np.maximum.accumulate(part) for part in np.split(values, starts)])


def _gates(families: Families, found: Decided) -> tuple[Flags, Floats]:
    """By comparison whether a primary goal of its arm is undecided, and the largest adjusted p of those."""
    count = int(max(families.family.max(initial=0), families.gate.max(initial=0))) + 1
    open_goals = np.zeros(count, dtype=bool)
    highest = np.full(count, -np.inf)
    rows = np.flatnonzero(families.primary)
    np.logical_or.at(open_goals, families.family[rows], ~found.decided[rows])
    np.maximum.at(highest, families.family[rows], found.log_adjusted[rows])
    gate = np.maximum(families.gate, 0)
    return open_goals[gate], highest[gate]
