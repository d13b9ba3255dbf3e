"""What to expect of a change after the experiment: the estimate, shrunk towards no effect.

Who stops at a good moment has been lucky on average. With the prior N(0, τ²) of one's effects the
posterior d·τ²/(τ² + V) needs no correction for stopping. τ is .7 of the effect that the plan was made for
(most ideas do less than one hoped), without a plan 5 % of the control's mean.
"""

from collections.abc import Sequence

import numpy as np

from chalicelib.stats.arrays import Floats
from chalicelib.stats.evidence.columns import Evidence
from chalicelib.stats.input.layout import Layout
from chalicelib.stats.input.request import Request

_HOPED, _UNPLANNED, _Z = 0.7, 0.05, 1.959963984540054


def expected_lift(layout: Layout, requests: Sequence[Request], found: Evidence) -> dict[str, Floats]:
    """Relative to the control's mean; NaN where that is 0 or nothing is known."""
    prior = [
        _UNPLANNED if request.minimum_effect is None else _HOPED * request.minimum_effect
        for request in requests
    ]
    tau = np.array(prior)[layout.request]
    base = np.where(found.mean1 == 0, np.nan, np.abs(found.mean1))
    variance = np.where(found.variance > 0, found.variance, np.nan) / base**2
    weight = tau**2 / (tau**2 + variance)
    estimate = found.difference / base * weight
    reach = _Z * np.sqrt(variance * weight)
    return {"estimate": estimate, "ci_low": estimate - reach, "ci_high": estimate + reach}
