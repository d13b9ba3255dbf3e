"""What a report says of each arm: counts, mean, variance, rate and its interval."""

from typing import Any

import numpy as np

from chalicelib.stats.arrays import Floats
from chalicelib.stats.distributions.normal import quantile as z_quantile
from chalicelib.stats.distributions.student import quantile as t_quantile
from chalicelib.stats.fixed_horizon import means, rates, ratios
from chalicelib.stats.input.arm_columns import Arms, floats
from chalicelib.stats.input.goals import Goal
from chalicelib.stats.input.today import Today
from chalicelib.stats.records import records


def arm_rows(block: Today, goals: list[Goal], alpha: Floats) -> list[list[dict[str, Any]]]:
    """The arms of each goal of the block; `alpha` per goal of the block."""
    arms = block.shown
    level = np.repeat(alpha, block.sizes)
    columns, low, high, method = _COLUMNS[block.type](arms, level)
    intervals = records({"low": low, "high": high, "level": 1.0 - level, "method": [method] * len(level)})
    chosen = [goals[i] for i in block.goals]
    keys = [arm.key for goal in chosen for arm in goal.arms]
    roles = ["treatment" if i else "control" for goal in chosen for i in range(len(goal.arms))]
    rows = records({"key": keys, "role": roles, "n": _whole(arms.n), **columns, "ci": intervals})
    return [rows[a : a + k] for a, k in zip(block.starts.tolist(), block.sizes.tolist(), strict=True)]


def _conversion(arms: Arms, alpha: Floats) -> tuple[dict[str, Any], Floats, Floats, str]:
    n, x = floats(arms.n), floats(arms.sums[0])
    rate = x / n
    variance = x * (n - x) / n**2
    low, high = rates.wilson(x, n, z_quantile(alpha))
    whole = _whole(arms.sums[0])
    columns = {"conversions": whole, "sum": whole, "mean": rate, "variance": variance, "rate": rate}
    return columns, low, high, "wilson"


def _engagement(arms: Arms, alpha: Floats) -> tuple[dict[str, Any], Floats, Floats, str]:
    mean, variance = means.mean(arms), means.variance(arms)
    low, high = _student(mean, variance, floats(arms.n), alpha)
    return _columns(arms, mean, variance, nothing(mean)), low, high, "student"


def _ratio(arms: Arms, alpha: Floats) -> tuple[dict[str, Any], Floats, Floats, str]:
    mean, variance = ratios.ratio(arms), ratios.variance(arms)
    low, high = _student(mean, variance, floats(arms.n), alpha)
    return _columns(arms, mean, variance, mean), low, high, "delta"


def _student(mean: Floats, variance: Floats, n: Floats, alpha: Floats) -> tuple[Floats, Floats]:
    margin = np.where(variance > 0, t_quantile(alpha, np.maximum(n - 1, 1)) * np.sqrt(variance / n), np.nan)
    return mean - margin, mean + margin


def _columns(arms: Arms, mean: Floats, variance: Floats, rate: Floats) -> dict[str, Any]:
    total = floats(arms.sums[0]) / floats(arms.scale)
    return {"conversions": nothing(mean), "sum": total, "mean": mean, "variance": variance, "rate": rate}


def nothing(like: Floats) -> Floats:
    return np.full(len(like), np.nan)


def _whole(column: Any) -> list[int]:
    return [int(value) for value in column.tolist()]


_COLUMNS = {"conversion": _conversion, "engagement": _engagement, "ratio": _ratio}
