"""The `bayesian` block: exact beta-binomial for small counts without a prior, else a Gaussian effect."""

from typing import Any

import numpy as np

from chalicelib.stats.arrays import Floats, Index
from chalicelib.stats.bayesian import beta_binomial as exact
from chalicelib.stats.bayesian import gaussian
from chalicelib.stats.bayesian.credible import credible
from chalicelib.stats.distributions.normal import quantile
from chalicelib.stats.fixed_horizon.goal_types import Facts
from chalicelib.stats.fixed_horizon.scales import scaled
from chalicelib.stats.input.goals import Goal
from chalicelib.stats.input.layout import Layout

_NAMES = ("chance_to_beat_control", "expected_loss_choose_treatment", "expected_loss_choose_control")


def bayesian_columns(layout: Layout, facts: Facts, alpha: Floats) -> dict[str, Any]:
    """Chance and losses in the direction of the goal; the interval on the scale of `difference`."""
    now = len(layout.goal)
    estimate, square = scaled(layout, facts)
    mean, sd, proper = (column[layout.goal] for column in _priors(layout, facts))
    found = gaussian.posterior(estimate, square, mean, sd, proper)
    down = np.array([goal.direction == "decrease" for goal in layout.goals])[layout.goal]
    better = gaussian.Posterior(np.where(down, -found.mean, found.mean), found.sd)
    margin = quantile(alpha) * found.sd
    columns = {
        "chance_to_beat_control": gaussian.chance(better),
        "expected_loss_choose_treatment": gaussian.loss(better.mean, better.sd),
        "expected_loss_choose_control": gaussian.loss(-better.mean, better.sd),
        "credible_low": found.mean - margin,
        "credible_high": found.mean + margin,
    }
    small = _small(layout, facts)
    _overwrite(columns, small, facts, down, alpha)
    model = np.full(now, "gaussian", dtype=object)
    model[small] = "beta_binomial"
    return {"model": model.tolist(), **columns}


def _priors(layout: Layout, facts: Facts) -> tuple[Floats, Floats, Floats]:
    """Per goal: the prior's mean, sd and whether it is proper, on the scale of the goal's difference."""
    control = np.abs(facts.effect.mean1[layout.first[:-1]])
    factors = {("relative", "absolute"): control, ("absolute", "relative"): 1.0 / control}
    one = np.ones_like(control)
    pairs = [(goal.prior.type, goal.difference) for goal in layout.goals]
    factor = np.array([factors.get(pair, one)[i] for i, pair in enumerate(pairs)])
    proper = np.array([float(goal.prior.proper) for goal in layout.goals])
    factor = np.where(proper > 0, factor, 1.0)
    means = np.array([goal.prior.mean for goal in layout.goals])
    return means * factor, np.array([goal.prior.sd for goal in layout.goals]) * factor, proper


def _small(layout: Layout, facts: Facts) -> Index:
    """The comparisons that the exact model serves."""
    flags = np.array([_plain(goal) for goal in layout.goals], dtype=bool)[layout.goal]
    rates = _rates(facts, np.arange(len(layout.goal)))
    seen = (facts.effect.n1[: len(flags)] > 0) & (facts.effect.n2[: len(flags)] > 0)
    return np.flatnonzero(flags & seen & exact.small(rates))


def _plain(goal: Goal) -> bool:
    return goal.type == "conversion" and not goal.prior.proper and goal.difference == "absolute"


def _rates(facts: Facts, rows: Index) -> exact.Rates:
    effect = facts.effect[rows]
    x1, x2 = np.rint(effect.mean1 * effect.n1), np.rint(effect.mean2 * effect.n2)
    return exact.posteriors(x1, effect.n1, x2, effect.n2)


def _overwrite(columns: dict[str, Floats], rows: Index, facts: Facts, down: Floats, alpha: Floats) -> None:
    if not len(rows):
        return
    rates = _rates(facts, rows)
    other = exact.reverse(rates)
    up = (exact.chance(rates), exact.gain(other), exact.gain(rates))
    fall = (exact.chance(other), exact.gain(rates), exact.gain(other))
    for name, rise, drop in zip(_NAMES, up, fall, strict=True):
        columns[name][rows] = np.where(down[rows], drop, rise)
    columns["credible_low"][rows], columns["credible_high"][rows] = credible(rates, alpha[rows])
