"""Peeking every day: the asymptotic confidence sequence.

Howard et al. (2021), two-sided normal mixture; Waudby-Smith et al. (2024) for the asymptotic form.
The same as the Gaussian mSPRT.
"""

from dataclasses import dataclass

import numpy as np

from chalicelib.stats.arrays import Flags, Floats, Index


@dataclass(frozen=True)
class Sequence:
    """Per row: ln of the e-value, p = min(1, 1/e), and the half width of the interval."""

    log_e: Floats
    p_value: Floats
    margin: Floats


def mixture(alpha: Floats, tuning: Floats) -> Floats:
    """ρ²: the mixture that is tightest at `tuning` visitors."""
    twice = -2.0 * np.log(alpha)
    return (twice + np.log1p(twice)) / tuning


def confidence_sequence(
    difference: Floats, square: Floats, total: Floats, alpha: Floats, tuning: Floats
) -> Sequence:
    """`square` = SE² of the difference, `total` = visitors of both arms; NaN where the square is 0."""
    rho = mixture(alpha, tuning)
    growth = total * rho
    known = square > 0
    z = np.where(known, difference / np.sqrt(square), np.nan)
    log_e = growth * z * z / (2.0 * (growth + 1.0)) - 0.5 * np.log1p(growth)
    reach = 2.0 * (growth + 1.0) / growth * (0.5 * np.log1p(growth) - np.log(alpha))
    margin = np.where(known, np.sqrt(square) * np.sqrt(reach), np.nan)
    return Sequence(log_e, np.minimum(1.0, np.exp(-log_e)), margin)


def running_minimum(p_value: Floats, counts: Flags, owner: Index, size: int) -> Floats:
    """The smallest p of each comparison over the rows that count; NaN where none does."""
    smallest = np.full(size, np.nan)
    np.fmin.at(smallest, owner, np.where(counts, p_value, np.nan))
    return smallest
