"""Text: names, ids and words for people. All of it is Unicode without control characters and lone
surrogates, so that it can be stored, hashed, printed and written to any file."""

import re
from typing import Annotated

from msgspec import Meta

CLEAN = r"^[^\x00-\x1f\x7f-\x9f\ud800-\udfff]*$(?!\n)"
"""`(?!\\n)` because a `$` of Python also matches before a line break at the end."""

_RESERVED = (
    "constructor|hasOwnProperty|isPrototypeOf|propertyIsEnumerable|toLocaleString|toString|valueOf|"
    r"index\.json|[cC][oO][nN]|[pP][rR][nN]|[aA][uU][xX]|[nN][uU][lL]|[cC][oO][mM][0-9]|[lL][pP][tT][0-9]"
)
"""What every object of JavaScript has, the file that lies beside the experiments' folders, and the devices
of Windows."""

_WORD = "[A-Za-z0-9][A-Za-z0-9_.-]{0,63}"
NAME_PATTERN = rf"^(?!(?:{_RESERVED})$){_WORD}$(?!\n)"

ANY_GOAL = "any"
"""The row of a report that counts whoever reached at least one goal; no goal may have this name."""


def _name_rule(value: object) -> str:
    if isinstance(value, str) and re.fullmatch(_WORD, value, re.ASCII):
        return f"{value!r} is reserved: it means something else to browsers or files"
    return "must be 1 to 64 of the characters A-Z a-z 0-9 _ . - and start with a letter or digit"


def _goal_rule(value: object) -> str:
    return "'any' is the row of a report that counts every goal" if value == ANY_GOAL else _name_rule(value)


_NAME = {"rule": _name_rule}
_GOAL = {"rule": _goal_rule}

Name = Annotated[str, Meta(min_length=1, max_length=64, pattern=NAME_PATTERN, extra=_NAME)]
"""An experiment, variation, tracker or field."""

GoalName = Annotated[
    str,
    Meta(min_length=1, max_length=64, pattern=rf"^(?!(?:{_RESERVED}|any)$){_WORD}$(?!\n)", extra=_GOAL),
]

_LINES = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]*$"
Description = Annotated[str, Meta(max_length=10_000, pattern=_LINES)]
"""For people, in as many lines as they like."""

Seed = Annotated[str, Meta(min_length=1, max_length=256, pattern=CLEAN)]
Unit = Annotated[str, Meta(min_length=1, max_length=64, pattern=CLEAN)]
Label = Annotated[str, Meta(max_length=2_000, pattern=CLEAN)]
Key = Annotated[str, Meta(min_length=1, max_length=128, pattern=CLEAN)]
"""An event's id, an import's id, a tracker's public key."""

Token = Annotated[str, Meta(min_length=1, max_length=1_000, pattern=CLEAN)]
"""A visitor's token or id, as the cookie or an answer holds it."""

Origin = Annotated[
    str,
    Meta(
        max_length=300,
        pattern=r"^https?://[^\x00-\x20\x7f-\x9f\ud800-\udfff/?#\\]+$(?!\n)",
        extra={"rule": "must be an origin like https://example.com"},
    ),
]

VISITOR_ID = re.compile(r"[A-Za-z0-9_-]{8,64}", re.ASCII)


def is_visitor_id(value: object) -> bool:
    """Whether `value` has the form of the visitor ids that leansplit makes."""
    return isinstance(value, str) and VISITOR_ID.fullmatch(value) is not None


def is_name(value: object) -> bool:
    """Whether a name that was stored could be one, under the rules of any version."""
    return isinstance(value, str) and re.fullmatch(_WORD, value, re.ASCII) is not None
