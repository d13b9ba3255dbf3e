"""Short ways to write requests in tests."""

from collections.abc import Sequence
from typing import Any

from chalicelib.stats.analysis import analyse


def rates(*arms: tuple[int, int], **goal: Any) -> dict[str, Any]:
    """A conversion goal from (n, conversions), control first."""
    rows = [{"key": f"arm{i}", "n": n, "conversions": x} for i, (n, x) in enumerate(arms)]
    return {"key": "buy", "type": "conversion", "arms": rows, **goal}


def values(*arms: Sequence[Any], **goal: Any) -> dict[str, Any]:
    """An engagement goal from the visitors' values, control first."""
    rows = [
        {"key": f"arm{i}", "n": len(arm), "sum": sum(arm), "sum_squares": sum(v * v for v in arm)}
        for i, arm in enumerate(arms)
    ]
    return {"key": "spend", "type": "engagement", "arms": rows, **goal}


def report(*goals: dict[str, Any], **request: Any) -> dict[str, Any]:
    found: dict[str, Any] = analyse([{"goals": list(goals), **request}])[0]
    assert "error" not in found, found
    return found


def comparison(*goals: dict[str, Any], **request: Any) -> dict[str, Any]:
    """The first comparison of the first goal."""
    found: dict[str, Any] = report(*goals, **request)["goals"][0]["comparisons"][0]
    return found
