"""The `sequential` block: what holds however often people look."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chalicelib.stats.arrays import Flags, Floats, Index
from chalicelib.stats.fixed_horizon.goal_types import Facts
from chalicelib.stats.fixed_horizon.means import lift_std_error
from chalicelib.stats.input.layout import Layout
from chalicelib.stats.input.request import Request
from chalicelib.stats.sequential.confidence_sequence import confidence_sequence, running_minimum
from chalicelib.stats.sequential.looks import looks_of


@dataclass(frozen=True)
class Sequential:
    """Columns of the block over today's comparisons.

    `sign` is that of the effect on the day that decided: the day of the smallest p, or of the first crossing.
    `covers` says that today's interval holds 0.
    """

    columns: dict[str, Any]
    significant: Flags
    sign: Floats
    covers: Flags


def sequential_of(layout: Layout, requests: Sequence[Request], facts: Facts) -> Sequential:
    now = len(layout.goal)
    alpha = np.array([request.alpha for request in requests])[layout.request]
    tuning = np.array([request.tuning for request in requests])[layout.request]
    estimate, square = scaled(layout, facts)
    owner = layout.owner
    found = confidence_sequence(estimate, square, facts.effect.total, alpha[owner], tuning[owner])
    running = running_minimum(found.p_value, facts.enough, owner, now)
    decided = facts.enough & (found.p_value == running[owner])
    looks = looks_of(layout, requests, facts.enough, estimate / np.sqrt(square))
    margin = np.where(looks.planned, looks.boundary * np.sqrt(square[:now]), found.margin[:now])
    low, high = estimate[:now] - margin, estimate[:now] + margin
    significant = np.where(looks.planned, looks.crossed >= 0, running < alpha)
    first = np.where(looks.planned, looks.crossed, _first(decided, owner, now))
    columns = {
        "method": np.where(looks.planned, "lan_demets_obf", "confidence_sequence").tolist(),
        "tuning": tuning,
        "log_e_value": found.log_e[:now],
        "p_value": found.p_value[:now],
        "p_value_running_min": running,
        "ci_low": low,
        "ci_high": high,
        "information_fraction": looks.information,
        "z_boundary": looks.boundary,
        "significant": significant.tolist(),
    }
    sign = np.where(first >= 0, np.sign(estimate[np.maximum(first, 0)]), np.nan)
    return Sequential(columns, significant, sign, (low <= 0) & (high >= 0))


def _first(decided: Flags, owner: Index, size: int) -> Index:
    """The earliest row of each comparison that is marked, −1 where none is."""
    found = np.full(size, -1, dtype=np.intp)
    latest_first = np.concatenate([np.arange(size), np.arange(size, len(owner))[::-1]])
    rows = latest_first[decided[latest_first]]
    # Of a repeated index the last assignment stays: the earliest day.
    found[owner[rows]] = rows
    return found


def scaled(layout: Layout, facts: Facts) -> tuple[Floats, Floats]:
    """The effect and its squared standard error on the scale that the goal asks for, over all rows."""
    effect = facts.effect
    relative = np.array([goal.difference == "relative" for goal in layout.goals])[layout.goal[layout.owner]]
    base = np.where(effect.mean1 == 0, np.nan, effect.mean1)
    return (
        np.where(relative, effect.difference / base, effect.difference),
        np.where(relative, lift_std_error(effect) ** 2, effect.square),
    )
