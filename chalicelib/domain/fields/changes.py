"""Partial changes: what is sent as it was shown changes nothing."""

from collections.abc import Callable, Mapping
from typing import Any

from chalicelib.domain.errors import InvalidInput
from chalicelib.domain.instant import recorded_at

Record = dict[str, Any]
AsRead = Callable[[str, object], object]


def shown_problem(problem: InvalidInput | None) -> Record | None:
    """What today's rules say against what an earlier version stored."""
    return None if problem is None else {"field": problem.field, "message": str(problem)}


def differing(
    shown: Mapping[str, Any], fields: Mapping[str, Any], known: frozenset[str], as_read: AsRead
) -> Record:
    """Those of `fields` that say something else than what is shown; InvalidInput for one that nobody knows.

    `as_read` is what a field's value is understood as: 100, "100" and "100.0" are one amount.
    """
    for key in fields:
        if key not in known and key not in shown:
            names = ", ".join(sorted(known))
            raise InvalidInput(str(key), f"is not known; known are {names}")
    return {
        key: value
        for key, value in fields.items()
        if key not in shown or not _same(key, shown[key], value, as_read)
    }


def _same(key: str, shown: object, value: object, as_read: AsRead) -> bool:
    if _alike(shown, value):
        return True
    try:
        if key.endswith("_at"):
            return recorded_at(shown) == recorded_at(value)
        return as_read(key, shown) == as_read(key, value)
    except InvalidInput:
        return False


def _alike(shown: object, value: object) -> bool:
    """Equal, where true is not 1."""
    if isinstance(shown, list) and isinstance(value, list):
        return len(shown) == len(value) and all(map(_alike, shown, value))
    return isinstance(shown, bool) is isinstance(value, bool) and shown == value
