"""What operators send beside definitions."""

from typing import Annotated, Any

from msgspec import Meta, Struct

from chalicelib.domain.fields.number import JobSeconds
from chalicelib.domain.fields.reading import FieldError
from chalicelib.domain.fields.text import Name
from chalicelib.services.tracking.manage_trackers import MAX_ROWS

MOST_IDS = 100
Ids = Annotated[tuple[str, ...], Meta(min_length=1, max_length=MOST_IDS)]
Rows = Annotated[tuple[Any, ...], Meta(min_length=1, max_length=MAX_ROWS)]
"""Each is read by the rules of its tracker."""


class PromoteInput(Struct, frozen=True, kw_only=True):
    """The variation that everybody shall see."""

    variation: Name


class RunInput(Struct, frozen=True, kw_only=True):
    """How long a recount may take."""

    limit_seconds: JobSeconds | None = None


class ObjectsInput(Struct, frozen=True, kw_only=True):
    """Objects to declare, each `kind:id` or an object."""

    objects: Rows


class ImportInput(Struct, frozen=True, kw_only=True):
    """Existing counters, once for each id."""

    id: Name
    rows: Rows


class DismissInput(Struct, frozen=True, kw_only=True):
    """What to throw away."""

    ids: Ids


class ReplayInput(Struct, frozen=True, kw_only=True):
    """What to count again; `event` are the fields that replace those of one, `any_age` takes old ones."""

    ids: Ids
    event: dict[str, Any] | None = None
    any_age: bool = False

    def __post_init__(self) -> None:
        """Two events are not mended by the same fields."""
        if self.event is not None and len(self.ids) != 1:
            raise FieldError("event", "must be an object, for one id")
