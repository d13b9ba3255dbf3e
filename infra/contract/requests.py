"""What is sent with each request: the types that the routes read, and those that they read piece by piece."""

from collections.abc import Collection
from typing import Annotated, Any, Literal, get_type_hints

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from chalicelib.domain.experiments.experiment_change import ALWAYS, BEFORE_IT_BEGINS
from chalicelib.domain.experiments.experiment_input import ExperimentInput
from chalicelib.domain.experiments.goal_input import GoalInput
from chalicelib.domain.fields.text import GoalName, Key
from chalicelib.domain.tracking.increment import EmitInput
from chalicelib.domain.tracking.tracked_object import TrackedInput
from chalicelib.domain.tracking.tracker_input import TrackerInput
from chalicelib.domain.visitors.event_input import EventInput
from chalicelib.services.experiments.load_definitions import MOST_ENTRIES
from chalicelib.services.experiments.load_definitions import DefinitionsFile as File
from chalicelib.services.tracking.manage_trackers import MAX_ROWS
from chalicelib.web.admin.requests import (
    DismissInput,
    ImportInput,
    ObjectsInput,
    PromoteInput,
    ReplayInput,
    RunInput,
)
from chalicelib.web.browser.batch import MAX_EVENTS, BatchInput
from chalicelib.web.server.batch import MAX_ITEMS
from chalicelib.web.server.events import FactInput, ValueInput
from chalicelib.web.server.pixel_addresses import PixelInput
from chalicelib.web.server.routes import AssignInput, LoginInput
from chalicelib.web.server.subject import ErasedInput
from infra.contract.text_formats import Day, ObjectId

NewExperiment = ExperimentInput
NewGoal = GoalInput
NewTracker = TrackerInput
NewPixel = PixelInput
NewRecount = RunInput
Promotion = PromoteInput
Dismissal = DismissInput
Replay = ReplayInput

DayOrLatest = Day | Literal["latest"]

_ENTRIES = Meta(max_length=MOST_ENTRIES)
_ITEMS = Meta(max_length=MAX_ITEMS)
_ROWS = Meta(min_length=1, max_length=MAX_ROWS)


def _part_of(kind: type[Struct], name: str, about: str, fields: Collection[str], **more: Any) -> type[Struct]:
    """The same fields, and more by name and type, each of which may be missing."""
    hints = get_type_hints(kind, include_extras=True)
    kinds = {each: hints[each] for each in kind.__struct_fields__ if each in fields} | more
    made = [(each, kind | UnsetType, UNSET) for each, kind in kinds.items()]
    return msgspec.defstruct(name, made, kw_only=True, namespace={"__doc__": about})


_SHOWN = "What is missing stays. A field that is sent as it is shown changes nothing, whatever it is."
ExperimentChange = _part_of(
    ExperimentInput,
    "ExperimentChange",
    f"{_SHOWN} Other weights or variations begin the next phase.",
    ALWAYS | BEFORE_IT_BEGINS,
)
GoalChange = _part_of(
    GoalInput,
    "GoalChange",
    _SHOWN,
    {*GoalInput.__struct_fields__} - {"name"},
    auto_created=bool,
)
TrackerChange = _part_of(
    TrackerInput,
    "TrackerChange",
    _SHOWN,
    {*TrackerInput.__struct_fields__} - {"name", "kind", "granularity"},
)
ImportRow = _part_of(
    EmitInput,
    "ImportRow",
    "A counter; `at` is needed but for a tracker of totals.",
    {*EmitInput.__struct_fields__} - {"tracker"},
)


class Definitions(File, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Definitions to add, where they are missing."""

    experiments: Annotated[tuple[ExperimentInput, ...], _ENTRIES] = ()
    goals: Annotated[tuple[GoalName | GoalInput, ...], _ENTRIES] = ()
    trackers: Annotated[tuple[TrackerInput, ...], _ENTRIES] = ()


DefinitionsFile = Annotated[list[ExperimentInput], _ENTRIES] | Definitions


class Objects(ObjectsInput, frozen=True, kw_only=True):
    """Objects of a tracker, each over what it was before."""

    objects: Annotated[tuple[ObjectId | TrackedInput, ...], _ROWS]


class Import(ImportInput, frozen=True, kw_only=True):
    """Existing counters; under the same id they count once."""

    rows: Annotated[tuple[ImportRow, ...], _ROWS]  # type: ignore[valid-type]


class EventBatch(BatchInput, frozen=True, kw_only=True):
    """What happened on a page. `visitor` is a token or an id, where there is no cookie; what is no text
    is ignored. `webdriver` true: a program drives the browser, and nothing is counted."""

    events: Annotated[tuple[EventInput, ...], Meta(max_length=MAX_EVENTS)] = ()


class TrackBatch(Struct, kw_only=True):
    """Events for trackers: 50 of a browser, 500 of a server. Under the same `id` they count once.

    `key` is the tracker's public key. `at` and 500 events are for servers; browsers give an `age`.
    """

    id: Key | None = None
    key: Any = None
    events: Annotated[list[EmitInput], Meta(max_length=500)]
    webdriver: Any = None


AssignRequest = AssignInput | Annotated[list[AssignInput], _ITEMS]
GoalsRequest = FactInput | Annotated[list[FactInput], _ITEMS]
EngagementRequest = ValueInput | Annotated[list[ValueInput], _ITEMS]
EraseRequest = ErasedInput | Annotated[list[ErasedInput], _ITEMS]
IdentifyRequest = LoginInput | Annotated[list[LoginInput], _ITEMS]
