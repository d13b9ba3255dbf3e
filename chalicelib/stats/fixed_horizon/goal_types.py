"""What each goal type knows about its comparisons: effects of all rows, tests and intervals of today."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from chalicelib.stats.arrays import Flags, Floats, Index
from chalicelib.stats.distributions.normal import quantile as z_quantile
from chalicelib.stats.distributions.student import quantile as t_quantile
from chalicelib.stats.fixed_horizon import means, rates, ratios
from chalicelib.stats.fixed_horizon.effect import Effect, gathered
from chalicelib.stats.input.arm_columns import Arms
from chalicelib.stats.input.today import Today

NUMBERS = (
    "std_error",
    "low",
    "high",
    "welch_low",
    "welch_high",
    "lift",
    "lift_low",
    "lift_high",
    "fieller_low",
    "fieller_high",
    "statistic",
    "df",
    "p_value",
    "log10_p",
    "yates",
    "welch",
)
METHODS = {
    "conversion": ("newcombe", "log", "chi_square"),
    "engagement": ("student", "delta", "student"),
    "ratio": ("delta", "delta", "welch"),
}


@dataclass(frozen=True)
class Facts:
    """Over today's comparisons: the effect, numbers by name, and a status."""

    effect: Effect
    numbers: dict[str, Floats]
    status: list[str]


def facts_of(blocks: Sequence[Today], alpha: Floats) -> Facts:
    """`alpha` per comparison."""
    now = len(alpha)
    parts: list[tuple[Index, Effect]] = []
    numbers = {name: np.full(now, np.nan) for name in NUMBERS}
    status = np.full(now, "ok", dtype=object)
    for block in blocks:
        one, two = block.arms[block.control], block.arms[block.treatment]
        effect = _EFFECTS[block.type](one, two)
        parts.append((block.rows, effect))
        found = _TESTS[block.type](one, two, effect, alpha[block.rows])
        for name, column in found.items():
            numbers[name][block.rows] = column
        status[block.rows] = _status(block.type, one, two, effect)
    return Facts(gathered(now, parts), numbers, status.tolist())


def _conversion(one: Arms, two: Arms, effect: Effect, alpha: Floats) -> dict[str, Floats]:
    z = z_quantile(alpha)
    test = rates.pearson(one, two)
    low, high = rates.newcombe(one, two, z)
    lift, lift_low, lift_high = rates.log_lift(one, two, z)
    return {
        "std_error": effect.std_error,
        "low": low,
        "high": high,
        "lift": lift,
        "lift_low": lift_low,
        "lift_high": lift_high,
        "statistic": test.statistic,
        "df": np.where(np.isnan(test.statistic), np.nan, 1.0),
        "p_value": test.p_value,
        "log10_p": test.log10_p,
        "yates": test.yates,
    }


def _engagement(one: Arms, two: Arms, effect: Effect, alpha: Floats) -> dict[str, Floats]:
    test, welch = means.pooled(one, two), means.welch(effect)
    std_error = means.pooled_std_error(one, two)
    low, high = _around(effect.difference, std_error, alpha, test.df)
    welch_low, welch_high = _around(effect.difference, effect.std_error, alpha, welch.df)
    lift, lift_low, lift_high = means.delta_lift(effect, z_quantile(alpha))
    fieller_low, fieller_high = means.fieller(effect, z_quantile(alpha))
    return {
        "std_error": std_error,
        "low": low,
        "high": high,
        "welch_low": welch_low,
        "welch_high": welch_high,
        "lift": lift,
        "lift_low": lift_low,
        "lift_high": lift_high,
        "fieller_low": fieller_low,
        "fieller_high": fieller_high,
        "statistic": test.statistic,
        "df": test.df,
        "p_value": test.p_value,
        "log10_p": test.log10_p,
        "welch": welch.p_value,
    }


def _ratio(one: Arms, two: Arms, effect: Effect, alpha: Floats) -> dict[str, Floats]:
    test = means.welch(effect)
    low, high = _around(effect.difference, effect.std_error, alpha, test.df)
    lift, lift_low, lift_high = means.delta_lift(effect, z_quantile(alpha))
    fieller_low, fieller_high = means.fieller(effect, z_quantile(alpha))
    return {
        "std_error": effect.std_error,
        "low": low,
        "high": high,
        "welch_low": low,
        "welch_high": high,
        "lift": lift,
        "lift_low": lift_low,
        "lift_high": lift_high,
        "fieller_low": fieller_low,
        "fieller_high": fieller_high,
        "statistic": test.statistic,
        "df": test.df,
        "p_value": test.p_value,
        "log10_p": test.log10_p,
        "welch": test.p_value,
    }


def _around(middle: Floats, std_error: Floats, alpha: Floats, df: Floats) -> tuple[Floats, Floats]:
    # Without variance the interval would be a point that nobody may trust.
    margin = np.where(std_error > 0, t_quantile(alpha, df) * std_error, np.nan)
    return middle - margin, middle + margin


def _status(kind: str, one: Arms, two: Arms, effect: Effect) -> list[str]:
    empty = (one.n == 0) | (two.n == 0)
    conditions = [empty.astype(bool), *(_undefined(kind, one, two, effect))]
    names = ["empty_arm", *_NAMES[kind]]
    return np.select(conditions, names, "ok").tolist()  # type: ignore[no-any-return]


def _undefined(kind: str, one: Arms, two: Arms, effect: Effect) -> list[Flags]:
    if kind == "conversion":
        hits, total = one.sums[0] + two.sums[0], one.n + two.n
        return [((hits == 0) | (hits == total)).astype(bool)]
    flat = (effect.var1 == 0) & (effect.var2 == 0)
    few = ((one.n < 2) | (two.n < 2)).astype(bool)
    if kind == "engagement":
        return [few, flat]
    senseless = ((one.sums[2] == 0) | (two.sums[2] == 0)).astype(bool)
    return [few, senseless, flat]


_EFFECTS: dict[str, Callable[[Arms, Arms], Effect]] = {
    "conversion": rates.effect,
    "engagement": means.effect,
    "ratio": ratios.effect,
}
_TESTS: dict[str, Callable[[Arms, Arms, Effect, Floats], dict[str, Floats]]] = {
    "conversion": _conversion,
    "engagement": _engagement,
    "ratio": _ratio,
}
_NAMES = {
    "conversion": ["degenerate_margin"],
    "engagement": ["insufficient_data", "zero_variance"],
    "ratio": ["insufficient_data", "ill_conditioned", "zero_variance"],
}
