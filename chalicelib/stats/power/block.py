"""The `power` block: what these visitors could have shown, and how many more are needed."""

from collections.abc import Sequence

import numpy as np

from chalicelib.stats.arrays import Floats
from chalicelib.stats.distributions.noncentral_t import shift_for
from chalicelib.stats.fixed_horizon.effect import Effect
from chalicelib.stats.fixed_horizon.goal_types import Facts
from chalicelib.stats.input.layout import Layout
from chalicelib.stats.input.request import Request
from chalicelib.stats.power.sample_size import mean_size, rate_effect, rate_size


def power_columns(layout: Layout, requests: Sequence[Request], facts: Facts) -> dict[str, Floats]:
    """The smallest effect that these visitors find; visitors per arm for the effect seen; days until then.

    Days go on from the visitors per day so far; NaN without `days`, without an effect, or undefined.
    """
    alpha, power, days = (
        np.array([getattr(request, name) or np.nan for request in requests])[layout.request]
        for name in ("alpha", "power", "days")
    )
    rate = np.array([goal.type == "conversion" for goal in layout.goals], dtype=bool)[layout.goal]
    effect = facts.effect[: len(layout.goal)]
    known = np.array(facts.status) == "ok"
    absolute, needed = np.full(len(known), np.nan), np.full(len(known), np.nan)
    for rows, columns in ((known & rate, _rates), (known & ~rate, _means)):
        if rows.any():
            absolute[rows], needed[rows] = columns(effect[np.flatnonzero(rows)], alpha[rows], power[rows])
    fewer = np.minimum(effect.n1, effect.n2)
    return {
        "mde_absolute": absolute,
        "mde_relative": absolute / np.abs(np.where(effect.mean1 == 0, np.nan, effect.mean1)),
        "n_required_per_arm": np.ceil(needed),
        "days_remaining": np.ceil(np.maximum(needed - fewer, 0.0) / (fewer / days)),
    }


def _rates(effect: Effect, alpha: Floats, power: Floats) -> tuple[Floats, Floats]:
    each = 2.0 / (1.0 / effect.n1 + 1.0 / effect.n2)
    return rate_effect(effect.mean1, each, alpha, power), rate_size(effect.mean1, effect.mean2, alpha, power)


def _means(effect: Effect, alpha: Floats, power: Floats) -> tuple[Floats, Floats]:
    shift = shift_for(power, effect.total - 2.0, alpha)
    pooled = np.sqrt((effect.var1 + effect.var2) / 2.0)
    return shift * effect.std_error, mean_size(effect.difference, pooled, alpha, power)
