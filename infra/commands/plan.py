"""`python -m infra plan`: how many visitors, how much power, how small an effect, how many days."""

import argparse
import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

from chalicelib.stats.errors import RequestError

if TYPE_CHECKING:
    from chalicelib.stats.power.planning import Plan

_EXAMPLES = """\
Give two of the effect, --visitors and --power; the third is worked out (--power is 0.8 if you give one).

  plan --rate 0.10 --lift 0.2                       visitors that find 10 % → 12 %
  plan --rate 0.10 --visitors 5000                  the smallest effect that 5,000 visitors an arm find
  plan --rate 0.10 --to 0.12 --visitors 5000        the power
  plan --mean 30 --sd 45 --lift 0.05 --traffic 2000 visitors and days for a mean
"""


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `plan`."""
    parser = subparsers.add_parser(
        "plan",
        help="sample size, power or detectable effect of an experiment to come",
        description="Plans an experiment that is decided by leansplit's rule, or by one two-sided test.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    base = parser.add_mutually_exclusive_group(required=True)
    base.add_argument("--rate", type=float, help="the control's conversion rate, 0 to 1")
    base.add_argument("--mean", type=float, help="the control's mean per visitor (with --sd)")
    parser.add_argument("--sd", type=float, help="standard deviation per visitor, for --mean")
    effect = parser.add_mutually_exclusive_group()
    effect.add_argument("--to", type=float, help="the treatment's rate or mean")
    effect.add_argument("--difference", type=float, help="treatment − control")
    effect.add_argument("--lift", type=float, help="relative change: 0.2 is +20 %%")
    parser.add_argument("--visitors", type=float, help="visitors in each arm")
    parser.add_argument("--power", type=float, help="chance to find the effect (default 0.8)")
    parser.add_argument("--alpha", type=float, default=0.05, help="two-sided error rate (default 0.05)")
    parser.add_argument("--arms", type=int, default=2, help="arms with equal weights (default 2)")
    parser.add_argument("--traffic", type=float, help="visitors a day over all arms, for the days")
    parser.add_argument("--goals", type=int, default=1, help="primary goals, which share alpha (default 1)")
    parser.add_argument(
        "--rule",
        choices=("planned", "daily", "fixed"),
        default="planned",
        help="planned: planned_visitors is declared; daily: no plan; fixed: one test at the end",
    )
    parser.add_argument("--json", action="store_true", help="figures as JSON")
    parser.set_defaults(func=run)


def run(args: argparse.Namespace) -> int:
    """0, or 2 with one line on standard error."""
    from chalicelib.stats.power.planning import complete

    try:
        plan = complete(_plan(args))
    except RequestError as error:
        print(error, file=sys.stderr)
        return 2
    print(json.dumps(_figures(plan)) if args.json else _line(plan))
    return 0


def _plan(args: argparse.Namespace) -> "Plan":
    from chalicelib.stats.power.planning import Plan

    if (args.mean is None) != (args.sd is None):
        raise RequestError("sd", "goes with --mean, and --mean with it")
    if args.arms < 2:
        raise RequestError("arms", "must be 2 or more")
    base = args.rate if args.mean is None else args.mean
    effect = _effect(args, base)
    given = sum(value is not None for value in (effect, args.visitors, args.power))
    power = 0.8 if args.power is None and given == 1 else args.power
    return Plan(
        base=base,
        sd=args.sd,
        effect=effect,
        visitors=args.visitors,
        power=power,
        alpha=args.alpha,
        arms=args.arms,
        traffic=args.traffic,
        goals=args.goals,
        rule=args.rule,
    )


def _effect(args: argparse.Namespace, base: float) -> float | None:
    if args.to is not None:
        return float(args.to - base)
    if args.lift is not None:
        return float(args.lift * base)
    return None if args.difference is None else float(args.difference)


def _figures(plan: "Plan") -> dict[str, object]:
    lift = plan.effect / plan.base if plan.effect is not None and plan.base else None
    more = {"total_visitors": plan.total, "days": plan.days, "level": plan.level, "factor": plan.factor}
    return {**asdict(plan), "lift": lift, **more}


def _line(plan: "Plan") -> str:
    days = "" if plan.days is None else f", about {plan.days:,} days at {plan.traffic:,.0f} a day"
    people = f"{plan.total // plan.arms:,} visitors in each of {plan.arms} arms ({plan.total:,} in all{days})"
    power = f"{100 * (plan.power or 0):.3g} % power at alpha {plan.alpha:g}"
    return f"{people} find {_change(plan)} with {power}."


def _change(plan: "Plan") -> str:
    effect = plan.effect or 0.0
    lift = f" ({100 * effect / plan.base:+.3g} %)" if plan.base else ""
    if plan.sd is None:
        return f"{100 * plan.base:.4g} % → {100 * (plan.base + effect):.4g} %{lift}"
    return f"a mean of {plan.base:.6g} → {plan.base + effect:.6g}{lift}"
