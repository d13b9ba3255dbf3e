"""A report held against what was sent."""

from decimal import Decimal
from typing import Any

from rich.console import Console

from infra.demo import report_table
from infra.demo.traffic import GOALS, Sent

Report = dict[str, Any]
Numbers = dict[tuple[str, str, str], Decimal]
"""By arm, goal and word."""
TEN_THOUSANDTHS = 10_000


def show(console: Console, report: Report, sent: Sent) -> None:
    report_table.show(console, report)
    came = ", ".join(f"{count} {kind.value}" for kind, count in sent.kinds.most_common())
    console.print(f"    came: {came}", highlight=False)


def compare(place: str, report: Report, sent: Sent) -> list[str]:
    """A line for each number of the report that is not what was sent, or that only one of them has."""
    told, meant = told_by(report), meant_by(sent)
    if "tallies" not in report:
        # The API's view has no sums of goals that are only reached or not.
        told, meant = _without_sums(told), _without_sums(meant)
    return [
        f"{place}: {word} of {arm} {goal}: {told.get(key)} in the report, {meant.get(key)} sent"
        for key in sorted(told.keys() | meant.keys())
        for arm, goal, word in [key]
        if told.get(key) != meant.get(key)
    ]


def told_by(report: Report) -> Numbers:
    told: Numbers = {("bots", "", "requests"): Decimal(report_table.bots_in(report))}
    for goal in report["goals"]:
        for arm in goal["arms"] if goal["key"] != "any" and goal.get("source") != "function" else []:
            told[arm["key"], goal["key"], "visitors"] = Decimal(arm["n"])
            told[arm["key"], goal["key"], "conversions"] = Decimal(arm["conversions"])
            told[arm["key"], goal["key"], "sum"] = Decimal(0)
    for arm in report.get("tallies", []):
        for goal, days in arm["goals"].items():
            if goal != "any":
                total = sum(row[1] for row in days.values())
                told[arm["variation"], goal, "sum"] = Decimal(total) / TEN_THOUSANDTHS
    return told


def _without_sums(numbers: Numbers) -> Numbers:
    return {key: number for key, number in numbers.items() if key[2] != "sum"}


def meant_by(sent: Sent) -> Numbers:
    meant: Numbers = {("bots", "", "requests"): Decimal(sent.excluded)}
    for arm in sent.visitors:
        for goal in GOALS:
            meant[arm, goal, "visitors"] = Decimal(sent.visitors[arm])
            meant[arm, goal, "conversions"] = Decimal(sent.conversions[arm, goal])
            meant[arm, goal, "sum"] = sent.sums.get((arm, goal), Decimal(0))
    return meant
