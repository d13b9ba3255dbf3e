"""The `power` block: what the rule that decides finds with these visitors, and how many more it needs.

Visitors of the rule = those of one test at the level of its family (alpha over the comparisons that share
it) × what peeking costs. Visitors and days still needed are for the effect that was declared, never for the
one observed.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from chalicelib.stats.arrays import Floats
from chalicelib.stats.decision.families import Families
from chalicelib.stats.distributions.noncentral_t import shift_for
from chalicelib.stats.fixed_horizon.effect import Effect
from chalicelib.stats.fixed_horizon.goal_types import Facts
from chalicelib.stats.input.layout import Layout
from chalicelib.stats.input.request import Request
from chalicelib.stats.power.rule_factor import rule_factor
from chalicelib.stats.power.sample_size import mean_size, rate_effect, rate_size


def power_columns(
    layout: Layout, requests: Sequence[Request], facts: Facts, families: Families
) -> dict[str, Any]:
    """The smallest effect that these visitors find, up and down; visitors per arm for the declared effect,
    and days until then at the traffic so far. NaN where nothing can be said; `reason` says why."""
    power, days, wanted = (
        np.array([getattr(request, name) or np.nan for request in requests])[layout.request]
        for name in ("power", "days", "minimum_effect")
    )
    planned = np.array([request.planned_visitors is not None for request in requests])[layout.request]
    size = np.maximum(families.size, 1)
    alpha, factor = families.share / size, rule_factor(planned, size)
    rate = np.array([goal.type == "conversion" for goal in layout.goals], dtype=bool)[layout.goal]
    effect, status = facts.effect, np.array(facts.status)
    up, down, needed = (np.full(len(size), np.nan) for _ in range(3))
    for rows, columns in ((status == "ok") & rate, _rates), ((status == "ok") & ~rate, _means):
        at = np.flatnonzero(rows)
        if len(at):
            up[at], down[at], needed[at] = columns(
                effect[at], alpha[at], power[at], factor[at], wanted[at] * np.abs(effect.mean1[at])
            )
    fewer = np.minimum(effect.n1, effect.n2)
    missing = np.ceil(np.maximum(needed - fewer, 0.0))
    base = np.abs(np.where(effect.mean1 == 0, np.nan, effect.mean1))
    return {
        "mde_absolute": up,
        "mde_relative": up / base,
        "mde_down_absolute": down,
        "mde_down_relative": down / base,
        "n_required_per_arm": np.ceil(needed),
        "visitors_remaining_per_arm": missing,
        "days_remaining": np.ceil(missing / np.where(fewer > 0, fewer / days, np.nan)),
        "level": alpha,
        "factor": factor,
        "reason": _reasons(status.tolist(), wanted, needed),
    }


def _reasons(status: list[str], wanted: Floats, needed: Floats) -> list[str | None]:
    found: list[str | None] = []
    for each, effect, size in zip(status, wanted.tolist(), needed.tolist(), strict=True):
        if each != "ok":
            found.append(each)
        elif effect != effect:
            found.append("no_minimum_effect")
        else:
            found.append("out_of_reach" if size != size else None)
    return found


def _rates(
    effect: Effect, alpha: Floats, power: Floats, factor: Floats, wanted: Floats
) -> tuple[Floats, Floats, Floats]:
    each = 2.0 / (1.0 / effect.n1 + 1.0 / effect.n2) / factor
    up = rate_effect(effect.mean1, each, alpha, power)
    # A fall of p is a rise of 1 − p.
    down = -rate_effect(1.0 - effect.mean1, each, alpha, power)
    known = np.isfinite(wanted) & (effect.mean1 + wanted < 1.0) & (wanted > 0)
    other = np.where(known, effect.mean1 + wanted, np.nan)
    return up, down, _fewest(effect, rate_size(effect.mean1, other, alpha, power) * factor)


def _means(
    effect: Effect, alpha: Floats, power: Floats, factor: Floats, wanted: Floats
) -> tuple[Floats, Floats, Floats]:
    up = shift_for(power, effect.total - 2.0, alpha) * effect.std_error * np.sqrt(factor)
    pooled = np.sqrt((effect.var1 + effect.var2) / 2.0)
    known = np.flatnonzero(np.isfinite(wanted) & (wanted > 0) & (pooled > 0))
    needed = np.full(len(wanted), np.nan)
    if len(known):
        size = mean_size(wanted[known], pooled[known], alpha[known], power[known])
        needed[known] = size * factor[known]
    return up, -up, _fewest(effect, needed)


def _fewest(effect: Effect, balanced: Floats) -> Floats:
    """In the smaller arm, what a balanced split needs in each: of unequal arms 1/n1 + 1/n2 counts."""
    ratio = np.minimum(effect.n1, effect.n2) / np.maximum(effect.n1, effect.n2)
    return balanced * (1.0 + ratio) / 2.0
