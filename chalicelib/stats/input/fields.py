"""How a field of a request is read: each reader raises RequestError with the field's path."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, TypeVar

from chalicelib.stats.errors import RequestError

_T = TypeVar("_T")


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
        raise RequestError(path, "must be an array")
    return value


def choice(
    fields: Mapping[str, Any], key: str, allowed: Sequence[str], default: str | None, path: str
) -> str:
    """One of a few words."""
    value = fields.get(key, default)
    if not isinstance(value, str) or value not in allowed:
        raise RequestError(f"{path}.{key}", f"must be one of {', '.join(allowed)}")
    return value


def name(value: Any, path: str) -> str:
    """A text that is not empty."""
    if not isinstance(value, str) or not value:
        raise RequestError(path, "must be a text that is not empty")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise RequestError(
            path, "must be text that UTF-8 can hold: half a character pair is in it"
        ) from error
    return value


def flag(fields: Mapping[str, Any], key: str, default: bool, path: str) -> bool:
    """true or false; null is the default."""
    value = fields.get(key)
    if value is None:
        return default
    if not isinstance(value, bool):
        raise RequestError(path, "must be true or false")
    return value


def optional(fields: Mapping[str, Any], key: str, read: Callable[[Any, str], _T], path: str) -> _T | None:
    """Absent and null are None; a number is read with its path."""
    value = fields.get(key)
    return None if value is None else read(value, path)
