"""A report as a table for the terminal."""

from typing import Any

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

Report = dict[str, Any]
COLUMNS = ("goal", "arm", "visitors", "conversions", "rate", "lift", "95 % of it", "χ² or t", "p")
_WIDTH = 100


def show(console: Console, report: Report) -> None:
    """The arms of every goal, then what was excluded and whether the split is sound."""
    state = "provisional" if report["provisional"] else "final"
    made = Table(
        box=SIMPLE,
        padding=(0, 1, 0, 0),
        pad_edge=False,
        title=f"{report['experiment']['name']}, {report['as_of_day']} ({state})",
    )
    for name in COLUMNS:
        made.add_column(name, justify="left" if name in ("goal", "arm") else "right", no_wrap=True)
    for goal in report["goals"]:
        against = {comparison["treatment"]: comparison for comparison in goal["comparisons"]}
        for arm in goal["arms"]:
            made.add_row(goal["key"], *_row(arm, against.get(arm["key"])))
    Console(file=console.file, width=max(console.width, _WIDTH)).print(made)
    srm = report["srm"]
    p_value = "–" if srm["p_value"] is None else f"{srm['p_value']:.5g}"
    console.print(f"    excluded requests of bots: {bots_in(report)}", highlight=False)
    console.print(f"    sample ratio: p = {p_value}, {srm['verdict']}", highlight=False)


def bots_in(report: Report) -> int:
    """How many requests of bots were refused."""
    return sum(report["exclusions"]["bots"].values())


def _row(arm: Report, comparison: Report | None) -> tuple[str, ...]:
    reached = arm["conversions"] if arm.get("conversions") is not None else arm.get("sum")
    counts = (arm["key"], str(arm["n"]), str(reached), _percent(arm.get("rate")))
    if comparison is None:
        return (*counts, "", "", "", "")
    lift, test = comparison.get("lift") or {}, comparison.get("fixed_horizon") or {}
    interval = f"{_percent(lift.get('ci_low'))} … {_percent(lift.get('ci_high'))}"
    return (
        *counts,
        _percent(lift.get("estimate")),
        interval,
        _number(test, "statistic"),
        _number(test, "p_value"),
    )


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.1%}"


def _number(test: Report, name: str) -> str:
    value = test.get(name)
    return "–" if value is None else value if isinstance(value, str) else f"{value:.6g}"


def calculated(told: dict[str, Any] | None) -> list[str]:
    """What the engagement calculator did, and the first of those whom it failed."""
    if not told:
        return []
    first = f"calculator: {told['calls']} calls, {told['failed']} failed; slices: {told['slices']}"
    return [first, *(f"  {visitor}: {error}" for visitor, error in told["failures"])]


def failures(failed: list[dict[str, Any]]) -> list[str]:
    """A line for each report that a job could not compute or write."""
    return [
        f"no report of {each['experiment']}{' for ' + each['day'] if each['day'] else ''}: "
        f"{each['message']} ({each['code']})"
        for each in failed
    ]
