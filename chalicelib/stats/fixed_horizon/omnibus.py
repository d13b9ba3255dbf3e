"""Do three or more arms differ at all? Pearson's k × 2 chi-square and the one-way analysis of variance."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from chalicelib.stats.arrays import Floats, Index
from chalicelib.stats.distributions import chi_square as chisquare
from chalicelib.stats.distributions import fisher_f
from chalicelib.stats.fixed_horizon.means import spread
from chalicelib.stats.input.arm_columns import Arms, floats
from chalicelib.stats.input.today import Today
from chalicelib.stats.records import nullable, records


def omnibus_rows(blocks: Sequence[Today], goals: int) -> list[dict[str, Any] | None]:
    """One per goal; None with two arms, where the comparison says it, for ratios, and where undefined."""
    found: list[dict[str, Any] | None] = [None] * goals
    for block in blocks:
        if block.type in _TESTS:
            for goal, row in zip(block.goals, _rows(block), strict=True):
                found[goal] = row
    return found


def _rows(block: Today) -> list[dict[str, Any] | None]:
    arms = block.arms
    name, test = _TESTS[block.type]
    columns = test(arms, block.starts, block.sizes)
    rows = records({"test": [name] * len(block.goals), **columns})
    known = (block.sizes > 2) & ~np.isnan(columns["p_value"])
    return nullable(rows, known.tolist())


def chi_square(arms: Arms, starts: Index, sizes: Index) -> dict[str, Floats]:
    """Σ(O−E)²/E over the k × 2 table, df k − 1; every arm needs a visitor."""
    n, x = arms.n, arms.sums[0]
    total, hits = np.add.reduceat(n, starts), np.add.reduceat(x, starts)
    cross = x * np.repeat(total, sizes) - n * np.repeat(hits, sizes)
    per = np.add.reduceat(floats(cross) ** 2 / floats(n), starts)
    margins = floats(hits) * floats(total - hits)
    statistic = np.where(margins > 0, per / margins, np.nan)
    return _tail(statistic, (sizes - 1).astype(np.float64))


def anova(arms: Arms, starts: Index, sizes: Index) -> dict[str, Floats]:
    """F = (between/(k−1))/(within/(N−k)), between summed from exact gaps to the grand mean."""
    n, total = floats(arms.n), np.add.reduceat(arms.n, starts)
    grand = np.add.reduceat(arms.sums[0], starts)
    gap = arms.sums[0] * np.repeat(total, sizes) - np.repeat(grand, sizes) * arms.n
    between = np.add.reduceat(floats(gap) ** 2 / n, starts) / floats(total) ** 2
    within = np.add.reduceat(spread(arms) / n, starts)
    df1, df2 = (sizes - 1).astype(np.float64), floats(total - sizes)
    f = np.where((df2 > 0) & (within > 0), between / df1 / (within / df2), np.nan)
    return {
        "statistic": f,
        "df": df1,
        "df_within": df2,
        "p_value": fisher_f.survival(df1, df2, f),
        "log10_p": fisher_f.log10_survival(df1, df2, f),
    }


def _tail(statistic: Floats, df: Floats) -> dict[str, Floats]:
    return {
        "statistic": statistic,
        "df": df,
        "p_value": chisquare.survival(df, statistic),
        "log10_p": chisquare.log10_survival(df, statistic),
    }


_TESTS = {"conversion": ("chi_square", chi_square), "engagement": ("anova", anova)}
