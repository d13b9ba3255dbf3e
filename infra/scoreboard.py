"""A report as a table, and held against what was sent."""

from decimal import Decimal
from typing import Any

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from infra.traffic import GOALS, Sent

Report = dict[str, Any]
Numbers = dict[tuple[str, str, str], Decimal]
"""By arm, goal and word."""
TEN_THOUSANDTHS = 10_000


def show(console: Console, report: Report, sent: Sent) -> None:
    console.print(table(report, *report["goals"]))
    came = ", ".join(f"{count} {kind.value}" for kind, count in sent.kinds.most_common())
    srm = report["srm"]
    console.print(f"    came: {came}; excluded requests of bots: {bots_in(report)}", highlight=False)
    console.print(f"    sample ratio: {srm['verdict']}, p {srm['p_value'] or 0:.3f}", highlight=False)


def table(report: Report, *goals: Report) -> Table:
    """A row for each arm of each of these goals of the report."""
    state = "provisional" if report["provisional"] else "final"
    title = f"{report['experiment']['name']}, {report['as_of_day']} ({state})"
    made = Table(title=title, box=SIMPLE, pad_edge=False, collapse_padding=True)
    for name in ("goal", "arm", "visitors", "conversions", "rate", "lift", "95 % interval", "p"):
        made.add_column(name, justify="left" if name in ("goal", "arm") else "right", no_wrap=True)
    for goal in goals:
        against = {comparison["treatment"]: comparison for comparison in goal["comparisons"]}
        for arm in goal["arms"]:
            made.add_row(goal["key"], *row(arm, against.get(arm["key"])))
    return made


def row(arm: Report, comparison: Report | None) -> tuple[str, ...]:
    counts = (arm["key"], str(arm["n"]), str(arm["conversions"]), percent(arm.get("rate")))
    if comparison is None:
        return (*counts, "", "", "")
    lift = comparison.get("lift") or {}
    interval = f"{percent(lift.get('ci_low'))} … {percent(lift.get('ci_high'))}"
    p_value = (comparison.get("fixed_horizon") or {}).get("p_value")
    return (*counts, percent(lift.get("estimate")), interval, "" if p_value is None else f"{p_value:.3g}")


def percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.1%}"


def compare(place: str, report: Report, sent: Sent) -> list[str]:
    """A line for each number of the report that is not what was sent, or that only one of them has."""
    told, meant = told_by(report), meant_by(sent)
    return [
        f"{place}: {word} of {arm} {goal}: {told.get(key)} in the report, {meant.get(key)} sent"
        for key in sorted(told.keys() | meant.keys())
        for arm, goal, word in [key]
        if told.get(key) != meant.get(key)
    ]


def bots_in(report: Report) -> int:
    return sum(report["exclusions"]["bots"].values())


def told_by(report: Report) -> Numbers:
    told: Numbers = {("bots", "", "requests"): Decimal(bots_in(report))}
    for goal in report["goals"]:
        for arm in goal["arms"] if goal["key"] != "any" else []:
            told[arm["key"], goal["key"], "visitors"] = Decimal(arm["n"])
            told[arm["key"], goal["key"], "conversions"] = Decimal(arm["conversions"])
            told[arm["key"], goal["key"], "sum"] = Decimal(0)
    for arm in report["tallies"]:
        for goal, days in arm["goals"].items():
            if goal != "any":
                total = sum(added for _, added, _ in days.values())
                told[arm["variation"], goal, "sum"] = Decimal(total) / TEN_THOUSANDTHS
    return told


def meant_by(sent: Sent) -> Numbers:
    meant: Numbers = {("bots", "", "requests"): Decimal(sent.excluded)}
    for arm in sent.visitors:
        for goal in GOALS:
            meant[arm, goal, "visitors"] = Decimal(sent.visitors[arm])
            meant[arm, goal, "conversions"] = Decimal(sent.conversions[arm, goal])
            meant[arm, goal, "sum"] = sent.sums.get((arm, goal), Decimal(0))
    return meant
