"""One experiment before it starts: visitors, power and effect, where two of the three give the third."""

from dataclasses import dataclass, replace
from math import ceil

import numpy as np

from chalicelib.stats.arrays import Floats
from chalicelib.stats.errors import RequestError
from chalicelib.stats.power import sample_size as formulas
from chalicelib.stats.power.rule_factor import rule_factor

PLANNED, DAILY, FIXED = RULES = ("planned", "daily", "fixed")


@dataclass(frozen=True)
class Plan:
    """A comparison of two arms: `base` is the control's rate, or its mean where `sd` is given.

    `effect` is treatment − control, `visitors` are per arm (not rounded), `traffic` per day over all arms.
    `rule` is how it will be decided: with the plan, by the daily sequence without one, or by one test at the
    end; `goals` are the primary goals.
    """

    base: float
    sd: float | None = None
    effect: float | None = None
    visitors: float | None = None
    power: float | None = None
    alpha: float = 0.05
    arms: int = 2
    traffic: float | None = None
    goals: int = 1
    rule: str = "planned"

    @property
    def family(self) -> int:
        """How many comparisons share alpha."""
        return (self.arms - 1) * self.goals

    @property
    def level(self) -> float:
        """The level at which the first of the family is decided."""
        return self.alpha / self.family

    @property
    def factor(self) -> float:
        """Visitors of the rule over those of one test."""
        if self.rule == FIXED:
            return 1.0
        planned = np.array([self.rule == PLANNED])
        return float(rule_factor(planned, np.array([self.family]))[0])

    @property
    def total(self) -> int:
        """Visitors over all arms."""
        return ceil(round(self.visitors or 0.0, 9)) * self.arms

    @property
    def days(self) -> int | None:
        return ceil(self.total / self.traffic) if self.traffic else None


def complete(plan: Plan) -> Plan:
    """Fills in what is missing of effect, visitors, power; raises RequestError with the option's name."""
    missing = [name for name in ("effect", "visitors", "power") if getattr(plan, name) is None]
    if len(missing) != 1:
        raise RequestError("", "give two of effect, visitors and power; the third is worked out")
    _check(plan)
    with np.errstate(all="ignore"):
        # One test at the level of the family, with what peeking leaves of the visitors.
        visitors = None if plan.visitors is None else plan.visitors / plan.factor
        one = replace(plan, alpha=plan.level, visitors=visitors)
        value = float(_FORMULAS[missing[0], plan.sd is not None](one)[0])
    if missing[0] == "visitors":
        value *= plan.factor
    if not np.isfinite(value):
        raise RequestError(missing[0], "no value does it")
    return replace(
        plan, effect=plan.effect or value, visitors=plan.visitors or value, power=plan.power or value
    )


def _check(plan: Plan) -> None:
    ranges = {
        "power": (plan.power, 0.0, 1.0),
        "alpha": (plan.alpha, 0.0, 1.0),
        "visitors": (plan.visitors, 1.0, 1e15),
        "traffic": (plan.traffic, 0.0, 1e15),
        "sd": (plan.sd, 0.0, 1e30),
    }
    for name, (value, low, high) in ranges.items():
        if value is not None and not low < value < high:
            raise RequestError(name, f"must be above {low:g} and below {high:g}")
    if plan.goals < 1:
        raise RequestError("goals", "must be 1 or more")
    if plan.effect == 0:
        raise RequestError("effect", "must not be 0")
    if plan.sd is None and not (0 < plan.base < 1 and 0 <= plan.base + (plan.effect or 0.0) <= 1):
        raise RequestError("rate", "the rates of both arms must be between 0 and 1")


def _one(value: float | None) -> Floats:
    return np.array([np.nan if value is None else value])


def _rate_effect(plan: Plan) -> Floats:
    return formulas.rate_effect(_one(plan.base), _one(plan.visitors), _one(plan.alpha), _one(plan.power))


def _rate_visitors(plan: Plan) -> Floats:
    other = _one(plan.base) + _one(plan.effect)
    return formulas.rate_size(_one(plan.base), other, _one(plan.alpha), _one(plan.power))


def _rate_power(plan: Plan) -> Floats:
    other = _one(plan.base) + _one(plan.effect)
    return formulas.rate_power(_one(plan.base), other, _one(plan.visitors), _one(plan.alpha))


def _mean_effect(plan: Plan) -> Floats:
    return formulas.mean_effect(_one(plan.sd), _one(plan.visitors), _one(plan.alpha), _one(plan.power))


def _mean_visitors(plan: Plan) -> Floats:
    return formulas.mean_size(_one(plan.effect), _one(plan.sd), _one(plan.alpha), _one(plan.power))


def _mean_power(plan: Plan) -> Floats:
    return formulas.mean_power(_one(plan.effect), _one(plan.sd), _one(plan.visitors), _one(plan.alpha))


_FORMULAS = {
    ("effect", False): _rate_effect,
    ("visitors", False): _rate_visitors,
    ("power", False): _rate_power,
    ("effect", True): _mean_effect,
    ("visitors", True): _mean_visitors,
    ("power", True): _mean_power,
}
