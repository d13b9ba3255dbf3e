"""The effect on the scale that a goal asks for: absolute, or relative to the control's mean."""

import numpy as np

from chalicelib.stats.arrays import Floats
from chalicelib.stats.fixed_horizon.goal_types import Facts
from chalicelib.stats.fixed_horizon.means import lift_std_error
from chalicelib.stats.input.layout import Layout


def scaled(layout: Layout, facts: Facts) -> tuple[Floats, Floats]:
    """The effect of today and its squared standard error; NaN where a relative one has no base."""
    effect = facts.effect
    relative = np.array([goal.difference == "relative" for goal in layout.goals], dtype=bool)[layout.goal]
    base = np.where(effect.mean1 == 0, np.nan, np.abs(effect.mean1))
    return (
        np.where(relative, effect.difference / base, effect.difference),
        np.where(relative, lift_std_error(effect) ** 2, effect.square),
    )
