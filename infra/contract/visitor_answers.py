"""What browsers and servers are answered about visitors."""

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from infra.contract.alternatives import either
from infra.contract.text_formats import Count, Instant, Name, Token, TokenOrId

Reason = Literal[
    "unknown",
    "promoted",
    "disabled",
    "scheduled",
    "ended",
    "removed",
    "enrolled",
    "coverage",
    "split",
]


class Assigned(Struct, forbid_unknown_fields=True):
    """What a visitor sees. `in_experiment`: seeing it may enroll. `phase`: null where nobody is bucketed."""

    variation: Name
    in_experiment: bool
    reason: Literal[
        "unknown", "removed", "promoted", "disabled", "scheduled", "ended", "enrolled", "coverage", "split"
    ]
    phase: Annotated[int, Meta(ge=1)] | None


class Assignments(Struct, forbid_unknown_fields=True):
    """The variation of each experiment, and the token of the visitor that it holds for."""

    visitor: Token
    assignments: dict[str, Assigned]


class BrowserAssignments(Struct, forbid_unknown_fields=True):
    """The variation of each experiment. `visitor` is the token of the visitor that it holds for."""

    visitor: TokenOrId
    assignments: dict[str, Assigned]


class Recorded(Struct, forbid_unknown_fields=True):
    """The event was recorded, or had been before; `id` is yours, or a new one if you sent none."""

    id: str


class Identified(Struct, forbid_unknown_fields=True):
    """`visitor` is the token that stands for the user on every device."""

    visitor: Token
    outcome: Literal["linked", "joined", "known", "other_user"]


class Erased(Struct, forbid_unknown_fields=True):
    """How many documents there were."""

    erased_documents: Count


class PixelAddress(Struct, forbid_unknown_fields=True):
    """The path of a picture that counts the goal for the visitor, and when it stops doing so."""

    path: str
    expires_at: Instant


class ItemProblem(Struct, forbid_unknown_fields=True):
    """What is wrong with one item; `reason` is the word that a refused event is counted under."""

    error: str
    field: str | UnsetType = UNSET
    reason: str | UnsetType = UNSET


class FailedItem(ItemProblem, forbid_unknown_fields=True, kw_only=True):
    """The same in a batch, with the status that a request of this item alone would get."""

    status: Literal[400, 404, 409, 422, 500, 503]


class AssignedItem(Assignments, forbid_unknown_fields=True, kw_only=True):
    """The result of one item of a batch."""

    status: Literal[200]


class RecordedItem(Recorded, forbid_unknown_fields=True, kw_only=True):
    """The result of one item of a batch."""

    status: Literal[200]


class IdentifiedItem(Identified, forbid_unknown_fields=True, kw_only=True):
    """The result of one item of a batch."""

    status: Literal[200]


class ErasedItem(Erased, forbid_unknown_fields=True, kw_only=True):
    """The result of one item of a batch."""

    status: Literal[200]


class AssignedBatch(Struct, forbid_unknown_fields=True):
    """A result for each item, in their order."""

    results: list[Annotated[Any, either(AssignedItem, FailedItem)]]


class RecordedBatch(Struct, forbid_unknown_fields=True):
    """A result for each item, in their order."""

    results: list[Annotated[Any, either(RecordedItem, FailedItem)]]


class IdentifiedBatch(Struct, forbid_unknown_fields=True):
    """A result for each item, in their order."""

    results: list[Annotated[Any, either(IdentifiedItem, FailedItem)]]


class ErasedBatch(Struct, forbid_unknown_fields=True):
    """A result for each item, in their order."""

    results: list[Annotated[Any, either(ErasedItem, FailedItem)]]
