"""Partial changes: what is sent as it was shown changes nothing."""

from collections.abc import Mapping
from typing import Any

from chalicelib.domain.errors import InvalidInput
from chalicelib.domain.instant import recorded_at

Record = dict[str, Any]


def shown_problem(problem: InvalidInput | None) -> Record | None:
    """What today's rules say against what an earlier version stored."""
    return None if problem is None else {"field": problem.field, "message": str(problem)}


def differing(shown: Mapping[str, Any], fields: Mapping[str, Any], known: frozenset[str]) -> Record:
    """Those of `fields` that are not as they are shown; InvalidInput for one that nobody knows."""
    for key in fields:
        if key not in known and key not in shown:
            names = ", ".join(sorted(known))
            raise InvalidInput(str(key), f"is not known; known are {names}")
    return {key: value for key, value in fields.items() if key not in shown or not _same(shown[key], value)}


def _same(shown: object, value: object) -> bool:
    """True is not 1, and an instant may be written in several ways."""
    if isinstance(shown, bool) or isinstance(value, bool):
        return shown is value
    if isinstance(shown, str) and isinstance(value, str) and shown != value:
        return _instant(shown) is not None and _instant(shown) == _instant(value)
    return shown == value


def _instant(text: str) -> int | None:
    try:
        return recorded_at(text)
    except InvalidInput:
        return None
