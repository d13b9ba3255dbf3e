"""An object that a tracker counts for, declared with its label and with where it leads."""

from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlsplit

from msgspec import Meta, Struct

from chalicelib.domain.errors import InvalidInput
from chalicelib.domain.fields.exact import ObjectId
from chalicelib.domain.fields.reading import FieldError, joined, read
from chalicelib.domain.fields.text import Label
from chalicelib.domain.tracking.tracker import Tracker, checked_object

Target = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=2_000,
        pattern=r"^[!-\[\]-~]+$(?!\n)",
        extra={"rule": "must be an address of printable ASCII, without blanks and backslashes"},
    ),
]


@dataclass(frozen=True, slots=True)
class Tracked:
    """`target` is the only address that a redirect for it may go to."""

    object: str
    label: str = ""
    target: str | None = None

    def record(self) -> dict[str, Any]:
        """As JSON."""
        return {"object": self.object, "label": self.label, "target": self.target}


class TrackedInput(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """An object as people write it."""

    object: ObjectId
    label: Label = ""
    target: Target | None = None

    def __post_init__(self) -> None:
        """The target is an http(s) address, or a path of the same host."""
        if self.target is None or (self.target.startswith("/") and not self.target.startswith("//")):
            return
        if not _is_web_address(self.target):
            raise FieldError("target", "must begin with https://, http:// or a single /")


def tracked_from(entry: object, tracker: Tracker, field: str) -> Tracked:
    """An object written as `kind:id`, or with its label and target; InvalidInput names the field."""
    if isinstance(entry, str):
        return Tracked(checked_object(entry, field, tracker.kind))
    if not isinstance(entry, dict):
        raise InvalidInput(field, "must be kind:id or an object")
    written = read(TrackedInput, entry, field)
    name = checked_object(written.object, joined(field, "object"), tracker.kind)
    return Tracked(name, written.label, written.target)


def _is_web_address(target: str) -> bool:
    try:
        parts = urlsplit(target)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.username is None
