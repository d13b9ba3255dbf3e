"""The `sequential` block: what holds however often people look."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from chalicelib.stats.columns import Floats
from chalicelib.stats.facts import Facts
from chalicelib.stats.layout import Layout
from chalicelib.stats.means import lift_std_error
from chalicelib.stats.request import Request
from chalicelib.stats.sequential import confidence_sequence, running_minimum


def sequential_columns(layout: Layout, requests: Sequence[Request], facts: Facts) -> dict[str, Any]:
    now = len(layout.goal)
    alpha = np.array([request.alpha for request in requests])[layout.request]
    tuning = np.array([request.tuning for request in requests])[layout.request]
    estimate, square = _scaled(layout, facts)
    owner = layout.owner
    found = confidence_sequence(estimate, square, facts.effect.total, alpha[owner], tuning[owner])
    running = running_minimum(found.p_value, facts.enough.astype(float), owner, now)
    return {
        "method": ["confidence_sequence"] * now,
        "tuning": tuning,
        "log_e_value": found.log_e[:now],
        "p_value": found.p_value[:now],
        "p_value_running_min": running,
        "ci_low": estimate[:now] - found.margin[:now],
        "ci_high": estimate[:now] + found.margin[:now],
        "information_fraction": np.full(now, np.nan),
        "z_boundary": np.full(now, np.nan),
        "significant": (running < alpha).tolist(),
    }


def _scaled(layout: Layout, facts: Facts) -> tuple[Floats, Floats]:
    """The effect and its squared standard error on the scale that the goal asks for."""
    effect = facts.effect
    relative = np.array([goal.difference == "relative" for goal in layout.goals])[layout.goal[layout.owner]]
    base = np.where(effect.mean1 == 0, np.nan, effect.mean1)
    return (
        np.where(relative, effect.difference / base, effect.difference),
        np.where(relative, lift_std_error(effect) ** 2, effect.square),
    )
