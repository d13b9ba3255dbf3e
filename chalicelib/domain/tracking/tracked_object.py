"""An object that a tracker counts for, declared with its label and with where it leads."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from chalicelib.domain.errors import InvalidInput
from chalicelib.domain.name import is_utf8
from chalicelib.domain.tracking.tracker import Tracker, checked_object

_KEYS = frozenset({"object", "label", "target"})
_LONGEST = 2_000


@dataclass(frozen=True, slots=True)
class Tracked:
    """`target` is the only address that a redirect for it may go to."""

    object: str
    label: str = ""
    target: str | None = None

    def record(self) -> dict[str, Any]:
        """As JSON."""
        return {"object": self.object, "label": self.label, "target": self.target}


def tracked_from(entry: object, tracker: Tracker, field: str) -> Tracked:
    """An object written as `kind:id`, or with its label and target; InvalidInput names the field."""
    if isinstance(entry, str):
        return Tracked(checked_object(entry, field, tracker.kind))
    if not isinstance(entry, Mapping):
        raise InvalidInput(field, "must be kind:id or an object")
    for key in entry:
        if key not in _KEYS:
            raise InvalidInput(f"{field}.{key}", f"is not known; known are {', '.join(sorted(_KEYS))}")
    label = entry.get("label", "")
    if not isinstance(label, str) or len(label) > _LONGEST or not is_utf8(label):
        raise InvalidInput(f"{field}.label", f"must be text of {_LONGEST} whole characters at the most")
    name = checked_object(entry.get("object"), f"{field}.object", tracker.kind)
    return Tracked(name, label, _target(entry.get("target"), f"{field}.target"))


def _target(value: object, field: str) -> str | None:
    """An http(s) address, or a path of the same host: what a browser cannot read as another host."""
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > _LONGEST or not value.isascii() or not value.isprintable():
        raise InvalidInput(field, "must be a printable ASCII address")
    if " " in value or "\\" in value:
        raise InvalidInput(field, "must be an address without blanks and backslashes")
    if value.startswith("/") and not value.startswith("//"):
        return value
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
        raise InvalidInput(field, "must begin with https://, http:// or a single /")
    return value
