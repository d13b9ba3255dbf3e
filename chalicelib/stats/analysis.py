"""Every statistic of every experiment at once: requests in, the `srm` and `goals` blocks of reports out."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from chalicelib.domain.paused_collector import uncollected
from chalicelib.stats.fixed_horizon import sample_ratio
from chalicelib.stats.input.arms import Known
from chalicelib.stats.input.request import parse
from chalicelib.stats.report.goal_blocks import goal_blocks


def analyse(requests: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """One `{"srm": …, "goals": […]}` per request, JSON-ready, in the schema of the report.

    Raises RequestError with the path of the field at fault; with several requests the path starts with `[i]`.
    """
    with uncollected():
        return _analyse(requests)


def _analyse(requests: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    known: Known = {}
    several = len(requests) > 1
    parsed = [parse(body, f"[{i}]" if several else "", known) for i, body in enumerate(requests)]
    with np.errstate(all="ignore"):
        checks = sample_ratio.checks(parsed)
        goals = goal_blocks(parsed, [check["verdict"] for check in checks])
    return [{"srm": check, "goals": blocks} for check, blocks in zip(checks, goals, strict=True)]
