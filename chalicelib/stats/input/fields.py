"""How a field of a request is read: each reader raises RequestError with the field's path."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from chalicelib.stats.errors import RequestError


def mapping(value: Any, path: str) -> Mapping[str, Any]:
    """An object."""
    if not isinstance(value, Mapping):
        raise RequestError(path or "request", "must be an object")
    return value


def known(value: Any, names: Collection[str], path: str) -> Mapping[str, Any]:
    """An object that has no field but these."""
    fields = mapping(value, path)
    if isinstance(names, frozenset) and fields.keys() <= names:
        return fields
    for name in fields:
        if name not in names:
            place = f"{path}.{name}" if path else str(name)
            raise RequestError(place, f"is not known; known are {', '.join(sorted(names))}")
    return fields


def sequence(value: Any, path: str) -> Sequence[Any]:
    """An array."""
    if not isinstance(value, (list, tuple)):
        raise RequestError(path, "must be a list")
    return value
