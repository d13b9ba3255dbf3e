"""What peeking costs: visitors of the rule that decides, over those of one test at the same level."""

import numpy as np

from chalicelib.stats.arrays import Flags, Floats, Index

_FAMILY = np.log([1.0, 2.0, 4.0, 10.0])
_PLANNED = (1.14, 1.12, 1.10, 1.08)
_OPEN = (1.55, 1.48, 1.44, 1.40)


def rule_factor(planned: Flags, family: Index) -> Floats:
    """For power .8, simulated with families of 1, 2, 4 and 10 comparisons; linear in their logarithm."""
    size = np.log(np.maximum(family, 1))
    return np.where(planned, np.interp(size, _FAMILY, _PLANNED), np.interp(size, _FAMILY, _OPEN))
