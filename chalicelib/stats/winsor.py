"""Winsorising: values beyond a cap count as the cap, so that one visitor can't decide an experiment.

The cap is declared before the start, or is an exact quantile over both arms together; the report says which.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import accumulate

from chalicelib.stats.exact import Exact

Values = Mapping[Exact, int]
"""How many visitors have each value."""


def quantile_cap(arms: Sequence[Values], share: Fraction) -> Exact:
    """The smallest value that at least `share` of the visitors of all arms together do not exceed.

    Raises ValueError without visitors, or unless 0 < share ≤ 1.
    """
    together = sorted((value, count) for arm in arms for value, count in arm.items())
    wanted = share * sum(count for _, count in together)
    if not 0 < share <= 1 or not wanted:
        raise ValueError("a quantile needs visitors and a share above 0, at most 1")
    seen = accumulate(count for _, count in together)
    return next(value for (value, _), until in zip(together, seen, strict=True) if until >= wanted)


def capped(arm: Values, cap: Exact) -> tuple[int, Exact, Exact]:
    """n, sum and sum of squares with every value above the cap counted as the cap."""
    rows = [(min(value, cap), count) for value, count in arm.items()]
    return (
        sum(count for _, count in rows),
        sum(value * count for value, count in rows),
        sum(value * value * count for value, count in rows),
    )
