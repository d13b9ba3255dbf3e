"""What experiments, variations and goals may be called."""

import re

from chalicelib.domain.errors import InvalidInput

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", re.ASCII)
_VISITOR_ID = re.compile(r"[A-Za-z0-9_-]{8,64}", re.ASCII)

ANY_GOAL = "any"
"""The row of a report that counts whoever reached at least one goal; no goal may bear it."""


_INHERITED = frozenset(
    {"constructor", "hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable"}
) | frozenset({"toLocaleString", "toString", "valueOf"})
"""What every object of a browser has: as a name it would be found where nothing is defined."""


def checked_name(value: object, field: str) -> str:
    """`value` if it is a name; InvalidInput with `field` otherwise."""
    if isinstance(value, str) and value in _INHERITED:
        raise InvalidInput(field, f"{value!r} means something else to browsers")
    if isinstance(value, str) and _NAME.fullmatch(value):
        return value
    raise InvalidInput(
        field, "must be 1 to 64 of the characters A-Z a-z 0-9 _ . - and start with a letter or digit"
    )


def is_name(value: object) -> bool:
    """Whether it could be the name of something."""
    return isinstance(value, str) and _NAME.fullmatch(value) is not None


def is_utf8(text: str) -> bool:
    """Whether it can be written in UTF-8: half of a character, as a cut emoji leaves it, cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def is_visitor_id(value: object) -> bool:
    """Whether `value` has the form of the visitor ids that we make."""
    return isinstance(value, str) and _VISITOR_ID.fullmatch(value) is not None
