"""A verdict may fall: when the days contradict each other, or today says the opposite."""

import numpy as np

from chalicelib.stats.arrays import Floats
from chalicelib.stats.sequential import mixture
from chalicelib.stats.sequential.rule import Rule

LEVEL = 0.05


def extremes(rule: Rule) -> tuple[Floats, Floats]:
    """By comparison the highest lower and the lowest upper bound over all looks of the daily sequence at .05.

    In an experiment whose effect stays the same they cross in 5 % of the cases at most (1 in 10,000 as
    simulated): if the highest lower bound lies above the lowest upper one, the effect has changed.
    """
    size = len(rule.layout.goal)
    highest, lowest = np.full(size, -np.inf), np.full(size, np.inf)
    rows = np.flatnonzero(rule.days.look)
    found = rule.rows.evidence[rows]
    limit = mixture.boundary(np.full(len(rows), LEVEL), rule.days.label[rows])
    margin = limit * np.sqrt(found.variance)
    owner = rule.layout.owner[rows]
    np.fmax.at(highest, owner, found.difference - margin)
    np.fmin.at(lowest, owner, found.difference + margin)
    return highest, lowest
