"""Winner, loser, or why there is none yet."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from chalicelib.stats.facts import Facts
from chalicelib.stats.layout import Layout

_BLOCKING = ("mismatch", "impossible_assignment")


def verdicts(
    layout: Layout, facts: Facts, sequential: dict[str, Any], ratio_checks: Sequence[str]
) -> list[str]:
    """Blocked by the sample ratio, else insufficient data (rule 5 today), else by the always-valid p."""
    now = len(layout.goal)
    blocked = np.array([check in _BLOCKING for check in ratio_checks])[layout.request]
    down = np.array([goal.direction == "decrease" for goal in layout.goals])[layout.goal]
    sign = facts.effect.difference[:now] * np.where(down, -1.0, 1.0)
    undefined = np.array(facts.status) != "ok"
    significant = np.array(sequential["significant"])
    conditions = [
        blocked,
        undefined | ~facts.enough[:now],
        significant & (sign > 0),
        significant & (sign < 0),
    ]
    names = ["blocked_by_srm", "insufficient_data", "winner", "loser"]
    return np.select(conditions, names, "inconclusive").tolist()  # type: ignore[no-any-return]
