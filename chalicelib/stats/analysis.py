"""Every statistic of every experiment at once: requests in, the `srm` and `goals` blocks of reports out."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from chalicelib.domain.paused_collector import uncollected
from chalicelib.stats.decision.sample_ratio import checks
from chalicelib.stats.errors import RequestError
from chalicelib.stats.input.request import Request, parse
from chalicelib.stats.report.goal_blocks import goal_blocks

Answer = dict[str, Any]


def analyse(requests: Sequence[Any]) -> list[Answer]:
    """One `{"srm": …, "goals": […]}` per request, JSON-ready, in the schema of the report.

    A request that can't be analysed has `{"error": {"code", "message", "field"}}` in its place.
    """
    with uncollected():
        read = [_read(body) for body in requests]
        good = [each for each in read if isinstance(each, Request)]
        answers = iter(_all(good))
        return [next(answers) if isinstance(each, Request) else each for each in read]


def _read(body: Any) -> Request | Answer:
    try:
        return parse(body)
    except RequestError as error:
        return _error("invalid_request", error.reason, error.path)


def _all(requests: Sequence[Request]) -> list[Answer]:
    try:
        return _answers(requests)
    except Exception as error:  # noqa: BLE001 one experiment's numbers must not cost the others their night
        if len(requests) == 1:
            return [_error("analysis_failed", f"{type(error).__name__}: {error}", None)]
        return [answer for request in requests for answer in _all([request])]


def _answers(requests: Sequence[Request]) -> list[Answer]:
    with np.errstate(all="ignore"):
        found = checks(requests)
        goals = goal_blocks(requests, found)
    return [{"srm": check.block, "goals": blocks} for check, blocks in zip(found, goals, strict=True)]


def _error(code: str, message: str, field: str | None) -> Answer:
    return {"error": {"code": code, "message": message, "field": field}}
