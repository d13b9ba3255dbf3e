"""The verdict on every comparison, or why there is none yet; with warnings."""

from collections.abc import Sequence

import numpy as np

from chalicelib.stats.arrays import Flags, Floats
from chalicelib.stats.decision.decide import Decision
from chalicelib.stats.distributions.normal import quantile
from chalicelib.stats.fixed_horizon.goal_types import Facts
from chalicelib.stats.input.layout import Layout


def verdicts(layout: Layout, facts: Facts, decision: Decision, blocked: Sequence[bool]) -> list[str]:
    """The first that holds: blocked by the sample ratio, too little data today, what the goal is for."""
    families = decision.families
    side = decision.side * np.where(_falling(layout), -1.0, 1.0)
    guardrail, decided = families.guardrail, decision.decided.decided
    conditions = [
        np.array(blocked, dtype=bool)[layout.request],
        too_few(layout, facts, decision),
        families.family < 0,
        guardrail & decision.safe,
        decided & unstable(facts, decision),
        guardrail & decided & (side < 0),
        guardrail,
        decided & (side > 0),
        decided & (side < 0),
    ]
    names = [
        "blocked_by_srm",
        "insufficient_data",
        "undecided",
        "not_harmed",
        "unstable",
        "harmed",
        "undecided",
        "winner",
        "loser",
    ]
    return np.select(conditions, names, "inconclusive").tolist()  # type: ignore[no-any-return]


def warnings(
    layout: Layout, facts: Facts, decision: Decision, blocked: Sequence[bool], left_out: Sequence[bool]
) -> list[list[str]]:
    """Codes per comparison, explained in docs/statistics.md."""
    means = np.array([goal.type != "conversion" for goal in layout.goals], dtype=bool)[layout.goal]
    capped = np.array([goal.cap_removed_all for goal in layout.goals], dtype=bool)[layout.goal]
    late = np.array([not goal.in_family for goal in layout.goals], dtype=bool)[layout.goal]
    found, today = decision.decided, decision.today
    secondary = decision.families.secondary
    flags: dict[str, Flags] = {
        "sample_ratio_mismatch": np.array(blocked, dtype=bool)[layout.request],
        "phase_left_out": np.array(left_out, dtype=bool)[layout.request],
        "small_sample": too_few(layout, facts, decision),
        "interval_covers_zero": found.decided & (today.low <= 0) & (today.high >= 0),
        "harmed_within_margin": decision.safe & found.decided,
        "primary_goals_first": secondary & ~found.decided & (decision.found.log_p <= np.log(found.level)),
        "control_near_zero": means & np.isnan(facts.numbers["fieller_low"]),
        "cap_removed_everything": capped,
        "declared_after_the_start": late,
    }
    codes: list[list[str]] = [[] for _ in range(len(layout.goal))]
    for name, flag in flags.items():
        for row in np.flatnonzero(flag).tolist():
            codes[row].append(name)
    return codes


def too_few(layout: Layout, facts: Facts, decision: Decision) -> Flags:
    """Whether today's data are not enough, whatever is known of earlier days."""
    return np.asarray((np.array(facts.status) != "ok") | ~decision.rule.rows.enough[layout.today])


def unstable(facts: Facts, decision: Decision) -> Flags:
    """Whether the days contradict each other, or an interval of today lies on the other side."""
    rule = decision.rule
    now = rule.rows.evidence[rule.layout.today]
    reach = quantile(rule.alpha) * np.sqrt(now.variance)
    side, against = decision.side, np.zeros(len(rule.alpha), dtype=bool)
    numbers, interval = facts.numbers, decision.interval
    for low, high in (
        (now.difference - reach, now.difference + reach),
        (interval.low, interval.high),
        (decision.today.low, decision.today.high),
        (numbers["low"], numbers["high"]),
        (numbers["welch_low"], numbers["welch_high"]),
        (numbers["lift_low"], numbers["lift_high"]),
    ):
        against |= _other_side(side, low, high)
    return against | (decision.highest > decision.lowest)


def _other_side(side: Floats, low: Floats, high: Floats) -> Flags:
    return np.asarray(((side > 0) & (high < 0)) | ((side < 0) & (low > 0)))


def _falling(layout: Layout) -> Flags:
    return np.array([goal.direction == "decrease" for goal in layout.goals], dtype=bool)[layout.goal]
