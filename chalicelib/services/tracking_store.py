"""What tracking needs of a store, each as small as its users need it.

Any method may raise Unavailable, and one that writes Conflict where others write the same at this moment.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from chalicelib.domain.definitions import Definitions
from chalicelib.domain.instant import Day, Instant
from chalicelib.domain.tracking.fold_plan import Batch
from chalicelib.domain.tracking.increment import Message
from chalicelib.domain.tracking.set_aside import SetAside
from chalicelib.domain.tracking.tracked_object import Tracked
from chalicelib.domain.tracking.tracker import Bucket, Tracker


@dataclass(frozen=True, slots=True)
class Count:
    """One counter, in ten-thousandths."""

    object: str
    field: str
    bucket: Bucket
    amount: int


class TrackerStore(Protocol):
    """Declared trackers."""

    def definitions(self) -> Definitions:
        """All of them, with the built-in ones, beside experiments and goals."""

    def save_tracker(self, tracker: Tracker) -> Tracker:
        """Write over the version that it carries (0: a new one); Conflict when it is another."""

    def remove_definition(self, kind: str, name: str, version: int) -> None:
        """Remove one of exactly that version; Conflict when it is another."""


class MessageStore(Protocol):
    """Where requests append."""

    def append(
        self, messages: Sequence[Message], aside: Sequence[SetAside], now: Instant, once: str | None = None
    ) -> bool:
        """Keep them, in one request to the store. With `once` all or none, and False (nothing is
        kept) when that id came before."""


class LaneStore(Protocol):
    """Where messages wait, and the leases of who folds them."""

    def pending(self, tracker: str, lane: int, before: Instant, limit: int) -> list[Message]:
        """The oldest that were appended before an instant."""

    def lease(self, tracker: str, lane: int, owner: str, now: Instant, until: Instant) -> bool:
        """Hold a lane, or hold it longer; False while it is another's."""

    def release(self, tracker: str, lane: int, owner: str) -> None:
        """Give it back, if it still is the owner's."""

    def apply(self, tracker: Tracker, batch: Batch) -> None:
        """All of a batch in one transaction; Conflict when a message is gone or others write the same."""


class CounterStore(Protocol):
    """What was counted."""

    def counts_between(
        self, tracker: Tracker, first: Day | None, last: Day | None, now: Instant
    ) -> Iterator[Count]:
        """All counters of these days, both included; None and None for a tracker of totals."""

    def counts_at(
        self, tracker: Tracker, object_: str, field: str, buckets: Sequence[Bucket], now: Instant
    ) -> dict[Bucket, int]:
        """One object's counters in ten-thousandths, those that are there."""


class TrackedStore(Protocol):
    """Declared objects."""

    def save_tracked(self, tracker: str, objects: Sequence[Tracked]) -> None:
        """Write over what is there."""

    def tracked(self, tracker: str, objects: Iterable[str] | None = None) -> dict[str, Tracked]:
        """Those of these that are declared; all without a list."""


class AsideStore(Protocol):
    """What was set aside."""

    def aside(self, shelf: str, now: Instant, limit: int) -> list[SetAside]:
        """The newest of a shelf."""

    def aside_at(self, shelf: str, key: str, now: Instant) -> SetAside | None:
        """One of them."""

    def take_aside(self, aside: SetAside, message: Message | None) -> None:
        """Remove it and append the message in one transaction; NotFound when it is gone."""


class TrackingStore(TrackerStore, MessageStore, LaneStore, CounterStore, TrackedStore, AsideStore, Protocol):
    """All of it."""
