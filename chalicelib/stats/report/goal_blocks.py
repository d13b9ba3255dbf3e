"""The `goals` block of every report: arms, omnibus test and comparisons of each goal."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from chalicelib.stats.decision.decide import decision_of
from chalicelib.stats.decision.sample_ratio import Check
from chalicelib.stats.fixed_horizon.goal_types import facts_of
from chalicelib.stats.fixed_horizon.omnibus import omnibus_rows
from chalicelib.stats.input.goals import Goal
from chalicelib.stats.input.layout import layout_of
from chalicelib.stats.input.request import Request
from chalicelib.stats.input.today import Today, today_of
from chalicelib.stats.report.arm_rows import arm_rows
from chalicelib.stats.report.comparisons import comparison_rows


def goal_blocks(requests: Sequence[Request], checks: Sequence[Check]) -> list[list[dict[str, Any]]]:
    """One list of goals per request; `checks` are the sample-ratio checks."""
    dead = [check.dead for check in checks]
    layout = layout_of(requests, dead)
    if not layout.goals:
        return [[] for _ in requests]
    alpha = np.array([request.alpha for request in requests])
    today = today_of(layout)
    facts = facts_of(today, alpha[layout.request])
    decision = decision_of(layout, requests, dead)
    comparisons = comparison_rows(layout, requests, facts, decision, checks)
    owner = np.repeat(np.arange(len(requests)), [len(request.goals) for request in requests])
    arms = _arms(today, layout.goals, alpha[owner])
    omnibus = omnibus_rows(today, len(layout.goals))
    first = layout.first.tolist()
    blocks = [
        _goal(goal, arms[i], omnibus[i], comparisons[first[i] : first[i + 1]])
        for i, goal in enumerate(layout.goals)
    ]
    return _by_request(requests, blocks)


def _arms(today: Sequence[Today], goals: list[Goal], alpha: Any) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = {}
    for block in today:
        rows = arm_rows(block, goals, alpha[block.goals])
        found.update(zip(block.goals, rows, strict=True))
    return found


def _goal(
    goal: Goal, arms: list[dict[str, Any]], omnibus: dict[str, Any] | None, rows: list[dict[str, Any]]
) -> dict[str, Any]:
    return {
        **({} if goal.cap is None else {"cap": goal.cap}),
        "key": goal.key,
        "type": goal.type,
        "unit": goal.unit,
        "direction": goal.direction,
        "role": goal.role,
        "margin": goal.margin,
        "in_family": goal.in_family,
        "window_days": goal.window_days,
        "status": next((row["status"] for row in rows if row["status"] != "ok"), "ok"),
        "arms": arms,
        "omnibus": omnibus,
        "comparisons": rows,
    }


def _by_request(requests: Sequence[Request], blocks: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    ends = np.cumsum([len(request.goals) for request in requests]).tolist()
    return [blocks[end - len(request.goals) : end] for request, end in zip(requests, ends, strict=True)]
