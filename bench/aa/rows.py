"""Every row of the table: what is drawn, what was planned, and how many experiments it gets."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from bench.aa.draw import Drawing
from bench.aa.rates import EVEN, cohort, damaged, late, phases, steady
from bench.aa.values import (
    clicks,
    counts,
    covariate,
    exponential,
    lognormal,
    orders,
    returning,
    revenue,
    whales,
    winsorised,
)

CANARY, DROP = (0.9, 0.1), (0.99, 0.01)
DECIDED = ("winner", "loser", "unstable")


@dataclass(frozen=True)
class Row:
    """`plan` are the fields of the request with a plan; `verdicts` are counted in place of what was decided;
    `least` is the power that must be reached (with a plan, without)."""

    group: str
    name: str
    draw: Drawing
    plan: dict[str, Any] = field(default_factory=dict)
    experiments: int = 4_000
    chunk: int = 500
    verdicts: tuple[str, ...] = ()
    rules: dict[str, Any] = field(default_factory=dict)
    least: tuple[float, float] | None = None


def visitors(number: float, **more: Any) -> dict[str, Any]:
    return {"planned_visitors": round(number), **more}


def rows() -> list[Row]:
    """In the order of the table."""
    return [*_rates(), *_late(), *_values(), *_ratios(), *_families(), *_phases(), *_others(), *_power()]


def _rates() -> list[Row]:
    flat: Callable[[float], Sequence[float]] = lambda daily: [daily] * 30  # noqa: E731
    found = [Row("rates", "rate .1, 50/50, 2,000 a day", steady(0.1, flat(2000)), visitors(60_000), 20_000)]
    for split, label in ((CANARY, "90/10"), (DROP, "99/1")):
        for p in (0.1, 0.01, 0.001):
            for daily in (2_000, 20_000):
                found.append(
                    Row(
                        "rates",
                        f"rate {p:g}, {label}, {daily:,} a day",
                        steady(p, flat(daily), split),
                        visitors(30 * daily),
                    )
                )
    grow = [40 * 50 ** (day / 29) for day in range(30)]
    found += [
        Row("rates", "rate .3, 4 a day", steady(0.3, flat(4)), visitors(120)),
        Row("rates", "rate .3, 20 a day", steady(0.3, flat(20)), visitors(600)),
        Row("rates", "rate .97, 2,000 a day", steady(0.97, flat(2000)), visitors(60_000)),
        Row("rates", "rate .1, a week's season", steady(0.1, flat(2000), wave=0.5), visitors(60_000)),
        Row("rates", "rate .1, traffic × 50 in a month", steady(0.1, grow), visitors(sum(grow))),
        Row("rates", "rate .1, 365 looks", steady(0.1, [500] * 365), visitors(182_500), 4_000, 100),
    ]
    return found


def _late() -> list[Row]:
    plan14, plan28 = (
        visitors(28 * 500, planned_days=42, ended=True),
        visitors(28 * 500, planned_days=56, ended=True),
    )
    square, steep = (lambda t: t**2), (lambda t: np.exp(np.log(1e4) * (t - 1)))
    year = visitors(10_000, planned_days=365, ended=True)
    quarter = visitors(10_000, planned_days=90, ended=True)
    return [
        Row("late", "conversion 14 days late, window", late(0.1, 500, 28, 14, True), visitors(14_000)),
        Row("late", "conversion 14 days late, no window", late(0.1, 500, 28, 14, False), plan14, 4_000, 250),
        Row("late", "conversion 28 days late, no window", late(0.1, 500, 28, 28, False), plan28, 4_000, 250),
        Row(
            "late", "all on day 1, even over 90 days", cohort(0.1, 5000, lambda t: t, 90), quarter, 2_000, 250
        ),
        Row("late", "all on day 1, as t² over 90 days", cohort(0.1, 5000, square, 90), quarter, 2_000, 250),
        Row("late", "all on day 1, as t² over 365 days", cohort(0.1, 5000, square, 365), year, 1_000, 100),
        Row("late", "all on day 1, × 10,000 in 365 days", cohort(0.3, 5000, steep, 365), year, 1_000, 100),
        Row(
            "late",
            "a million an arm on day 1, × 100,000 in 365 days",
            cohort(0.3, 1_000_000, lambda t: np.exp(np.log(1e5) * (t - 1)), 365),
            {"planned_visitors": 2_000_000, "planned_days": 365, "ended": True},
            2_000,
            100,
        ),
    ]


def _values() -> list[Row]:
    plan = visitors(6000)
    found = [
        Row("values", "revenue, 0.5 % buy, 50/50", revenue(0.005, lognormal(1), 200), plan),
        Row("values", "revenue, 1 % buy, 50/50", revenue(0.01, lognormal(1), 200), plan),
        Row("values", "revenue, 1 % buy, 90/10", revenue(0.01, lognormal(1), 1000, CANARY), visitors(30_000)),
        Row("values", "revenue, 1 % buy, 99/1", revenue(0.01, lognormal(1), 2000, DROP), visitors(60_000)),
        Row(
            "values",
            "revenue, 2 % buy, σ 2, 90/10",
            revenue(0.02, lognormal(2), 1000, CANARY),
            visitors(30_000),
        ),
        Row("values", "counts, Poisson(.02), 90/10", counts(0.02, 1000, CANARY), visitors(30_000)),
        Row("values", "counts, Poisson(.02), 99/1", counts(0.02, 2000, DROP), visitors(60_000)),
    ]
    for values, label in (
        (lognormal(1.5), "lognormal σ 1.5"),
        (lognormal(2.5), "lognormal σ 2.5"),
        (whales, "whales"),
    ):
        for split, share in ((EVEN, "50/50"), (CANARY, "90/10")):
            found.append(Row("values", f"{label}, {share}", revenue(1, values, 200, split), plan, chunk=250))
    found += [
        Row(
            "values",
            "lognormal σ 2.5, 99/1",
            revenue(1, lognormal(2.5), 500, DROP),
            visitors(15_000),
            2_000,
            100,
        ),
        Row("values", "exponential, 70/30", revenue(1, exponential, 200, (0.7, 0.3)), plan, chunk=250),
        Row(
            "values",
            "winsorised .99, σ 2.5, 50/50",
            winsorised(lognormal(2.5), 100, EVEN),
            visitors(3000),
            1_000,
            100,
        ),
        Row(
            "values",
            "winsorised .99, σ 2.5, 90/10",
            winsorised(lognormal(2.5), 100, CANARY),
            visitors(3000),
            1_000,
            100,
        ),
        Row(
            "values",
            "counts of returning visitors, 60 days, no window",
            returning(600, 60),
            {"planned_visitors": 1200, "planned_days": 60, "ended": True},
            1_000,
            100,
        ),
    ]
    return found


def _ratios() -> list[Row]:
    return [
        Row("ratios", "order value, 2 % order, 100 + 100 a day", orders(0.02, 200, EVEN), visitors(6000)),
        Row("ratios", "order value, 2 % order, 180 + 20 a day", orders(0.02, 200, CANARY), visitors(6000)),
        Row("ratios", "order value, 2 % order, 20 + 20 a day", orders(0.02, 40, EVEN), visitors(1200)),
        Row("ratios", "order value, 2 % order, 198 + 2 a day", orders(0.02, 200, DROP), visitors(6000)),
        Row("ratios", "order value, 1 % order, 100 + 100 a day", orders(0.01, 200, EVEN), visitors(6000)),
        Row("ratios", "clicks per view, 50/50", clicks(200, EVEN), visitors(6000), chunk=250),
        Row("ratios", "clicks per view, 90/10", clicks(200, CANARY), visitors(6000), chunk=250),
    ]


def _families() -> list[Row]:
    def family(arms: int, goals: int) -> Drawing:
        return steady(0.1, [600 * arms] * 30, (1.0,) * arms, goals=goals)

    return [
        Row(
            "families",
            f"{arms} arms × {goals} goals",
            family(arms, goals),
            visitors(18_000 * arms),
            4_000,
            100,
        )
        for arms, goals in ((5, 1), (2, 5), (3, 5), (5, 10))
    ]


def _phases() -> list[Row]:
    third: Sequence[tuple[int, tuple[float, ...], float]] = [
        (10, EVEN, 1.0),
        (10, (0.7, 0.3), 1.0),
        (10, EVEN, 1.0),
    ]
    ramp = [(5, DROP, 1.0), (5, CANARY, 1.0), (20, EVEN, 1.0)]
    six = [(5, (1 - share, share), 1.0) for share in (0.01, 0.05, 0.1, 0.2, 0.35, 0.5)]
    return [
        Row("phases", "three phases", phases(0.1, third, 2000), visitors(60_000)),
        Row("phases", "ramp 1, 10, 50 %", phases(0.1, ramp, 2000), visitors(60_000)),
        Row("phases", "six splits", phases(0.1, six, 2000), visitors(60_000)),
        Row("phases", "three phases, each to the plan", phases(0.1, third, 2000, 0.3), visitors(20_000)),
    ]


def _others() -> list[Row]:
    worse = {"role": "guardrail", "direction": "decrease", "margin": 0.05}
    return [
        Row("CUPED", "CUPED .7, normal", covariate("normal", 0.7, 200, EVEN), visitors(6000), 4_000, 250),
        Row(
            "CUPED",
            "CUPED .7, heavy, 90/10",
            covariate("heavy", 0.7, 200, CANARY),
            visitors(6000),
            4_000,
            250,
        ),
        Row(
            "CUPED", "CUPED .7, rate, 90/10", covariate("rate", 0.7, 200, CANARY), visitors(6000), 4_000, 250
        ),
        Row(
            "guardrails",
            "called safe, though 5 % worse (its margin)",
            steady(0.05, [20_000] * 30, lift=0.05),
            visitors(600_000),
            verdicts=("not_harmed",),
            rules=worse,
        ),
        Row(
            "guardrails",
            "called harmed, though unchanged",
            steady(0.05, [2_000] * 30),
            visitors(60_000),
            verdicts=("harmed",),
            rules=worse,
        ),
        Row(
            "sample ratio",
            "a quarter of control lost on day 1",
            damaged(0.1, 2000, 30),
            visitors(60_000),
            verdicts=DECIDED,
        ),
        Row(
            "sample ratio", "healthy, 90 days: blocked", steady(0.1, [200] * 90), verdicts=("blocked_by_srm",)
        ),
    ]


def _power() -> list[Row]:
    """The effect that one test at the end finds with .782."""
    # sqrt(2/30,000 · p(1 − p)) · (z_.975 + z_.782) at p = .1 and the rate above it.
    lift = 0.06809
    effect = 2.739 * np.sqrt(2 / 3000)
    return [
        Row(
            "power",
            "rate .1, 50/50",
            steady(0.1, [2000] * 30, lift=lift),
            visitors(60_000),
            20_000,
            least=(0.72, 0.53),
        ),
        Row(
            "power",
            "mean, no covariate",
            covariate("normal", 0.0, 200, EVEN, effect),
            visitors(6000),
            4_000,
            250,
        ),
        Row(
            "power", "mean, CUPED .5", covariate("normal", 0.5, 200, EVEN, effect), visitors(6000), 4_000, 250
        ),
        Row(
            "power",
            "mean, CUPED .7",
            covariate("normal", 0.7, 200, EVEN, effect),
            visitors(6000),
            4_000,
            250,
            least=(0.90, 0.80),
        ),
    ]
