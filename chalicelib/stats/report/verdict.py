"""Winner, loser, or why there is none yet; with warnings."""

from collections.abc import Sequence

import numpy as np

from chalicelib.stats.arrays import Flags
from chalicelib.stats.fixed_horizon.goal_types import Facts
from chalicelib.stats.input.layout import Layout
from chalicelib.stats.sequential.block import Sequential

BLOCKING = ("mismatch", "impossible_assignment")


def verdicts(layout: Layout, facts: Facts, sequential: Sequential, ratio_checks: Sequence[str]) -> list[str]:
    """Blocked by the sample ratio, else insufficient data (rule 5 today), else by the always-valid test."""
    now = len(layout.goal)
    blocked = _blocked(layout, ratio_checks)
    down = np.array([goal.direction == "decrease" for goal in layout.goals])[layout.goal]
    sign = sequential.sign * np.where(down, -1.0, 1.0)
    undefined = np.array(facts.status) != "ok"
    conditions = [
        blocked,
        undefined | ~facts.enough[:now],
        sequential.significant & (sign > 0),
        sequential.significant & (sign < 0),
    ]
    names = ["blocked_by_srm", "insufficient_data", "winner", "loser"]
    return np.select(conditions, names, "inconclusive").tolist()  # type: ignore[no-any-return]


def warnings(
    layout: Layout, facts: Facts, sequential: Sequential, ratio_checks: Sequence[str]
) -> list[list[str]]:
    """Codes per comparison, explained in docs/statistics.md."""
    now = len(layout.goal)
    means = np.array([goal.type != "conversion" for goal in layout.goals])[layout.goal]
    flags: dict[str, Flags] = {
        "sample_ratio_mismatch": _blocked(layout, ratio_checks),
        "small_sample": ~facts.enough[:now],
        "interval_covers_zero": sequential.significant & sequential.covers,
        "control_near_zero": means & np.isnan(facts.numbers["fieller_low"]),
    }
    found: list[list[str]] = [[] for _ in range(now)]
    for name, flag in flags.items():
        for row in np.flatnonzero(flag).tolist():
            found[row].append(name)
    return found


def _blocked(layout: Layout, ratio_checks: Sequence[str]) -> Flags:
    return np.array([check in BLOCKING for check in ratio_checks], dtype=bool)[layout.request]
