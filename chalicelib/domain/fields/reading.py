"""Read a value by its type; what the type refuses is InvalidInput, with the path of the field."""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, TypeVar

import msgspec
from msgspec import ValidationError

from chalicelib.domain.errors import InvalidInput
from chalicelib.domain.fields.exact import decoded
from chalicelib.domain.fields.rules import HALF_A_CHARACTER, member_at, rule_of

T = TypeVar("T")
Path = tuple[str | int, ...]

_HALF = re.compile("[\ud800-\udfff]")
_AT = re.compile(r"^(?P<said>.*?)(?: - at `(?:key` in `)?\$(?P<path>.*)`)?$", re.DOTALL)
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+|\.\.\.)\]")
_NAMED = re.compile(r"^Object (?P<fault>missing required|contains unknown) field `(?P<name>.*)`$", re.DOTALL)


class FieldError(ValueError):
    """Raised by a `__post_init__` for a rule across fields: `field` is the one to blame."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")
        self.field = field
        self.problem = problem


def read(kind: type[T], value: object, field: str = "", decode: Callable[[Any, Any], object] = decoded) -> T:
    """`value` as one of `kind`; InvalidInput names the field, whose path begins with `field`.

    `decode` reads the types that msgspec does not know.
    """
    try:
        found: T = msgspec.convert(value, kind, dec_hook=decode)
    except ValidationError as error:
        raise _invalid(error, kind, value, field) from error
    except UnicodeError as error:
        # msgspec looks for an enum's value, or for a field, by its UTF-8, which half a character has not.
        raise InvalidInput(joined(field, _halved(value)) or "body", HALF_A_CHARACTER) from error
    return found


def joined(field: str, part: str) -> str:
    """The path of a part of a field: `goals[0]` and `name` are `goals[0].name`."""
    return field + part if part.startswith("[") else ".".join(each for each in (field, part) if each)


def _halved(value: object) -> str:
    """The path of the first text in which a lone surrogate stands."""
    if isinstance(value, Mapping):
        for key, part in value.items():
            found = _halved(part)
            if found or _is_halved(key) or _is_halved(part):
                return joined(str(key), found)
    if isinstance(value, list | tuple):
        for index, part in enumerate(value):
            found = _halved(part)
            if found or _is_halved(part):
                return joined(f"[{index}]", found)
    return ""


def _is_halved(value: object) -> bool:
    return isinstance(value, str) and _HALF.search(value) is not None


def _invalid(error: ValidationError, kind: Any, value: object, field: str) -> InvalidInput:
    parts = _AT.match(str(error))
    assert parts is not None
    said, path = parts["said"], _steps(parts["path"] or "")
    place = field + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    place = place.removeprefix(".")
    cause = error.__cause__
    if isinstance(cause, FieldError):
        return InvalidInput(joined(place, cause.field), cause.problem)
    info, at = member_at(_inspected(kind), value, path)
    if isinstance(cause, ValueError):
        return InvalidInput(place or "body", str(cause))
    if named := _NAMED.match(said):
        return _of_a_key(info, named, place)
    return InvalidInput(place or "body", rule_of(info, at, said))


def _of_a_key(info: Any, named: re.Match[str], place: str) -> InvalidInput:
    where = joined(place, named["name"])
    if named["fault"] == "missing required":
        return InvalidInput(where, "is missing")
    known = ", ".join(sorted(each.encode_name for each in info.fields))
    return InvalidInput(where, f"is not known; known are {known}")


def _steps(path: str) -> Path:
    """`.weights[1]` as `("weights", 1)`; a key of a mapping, which msgspec does not tell, is left out."""
    steps = [step.groups() for step in _STEP.finditer(path)]
    return tuple(name or int(index) for name, index in steps if index != "...")


@lru_cache(maxsize=256)
def _inspected(kind: Any) -> Any:
    return msgspec.inspect.type_info(kind)
