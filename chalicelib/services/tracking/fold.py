"""Fold what waits in the lanes into the counters.

Kill it between any two calls, or run many at once: a transaction takes each message away and adds
it up, all or nothing, so the counters are right whatever happens. The lease of a lane only keeps
folders from getting into each other's way.

Nothing stops a run. A message that cannot be added up is set aside. A lane that fails for any other
reason (a store that is busy, a lease that is not given back, a mistake of ours) is left where it is,
is named in `Folded.failed`, and is tried again by the next run; all other lanes are folded.
"""

import random
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol

from chalicelib.domain.errors import Conflict, LeansplitError, NotStorable
from chalicelib.domain.instant import SECOND, Instant
from chalicelib.domain.tracking.fold_plan import BAD_DATA, Batch, plan, problem_of, without
from chalicelib.domain.tracking.increment import Message
from chalicelib.domain.tracking.tracker import Tracker, is_object
from chalicelib.services.isolation import attempt
from chalicelib.services.tracking_store import LaneStore, TrackedStore

GRACE = 30 * SECOND
"""The scheduled job leaves younger messages: a request may still be repeating its append."""

LEASE = 60 * SECOND
_PAGE = 99
_ATTEMPTS = 30
_MARGIN = 5 * SECOND


class Store(LaneStore, TrackedStore, Protocol):
    """What folding needs of a store."""


@dataclass(frozen=True, slots=True)
class FailedLane:
    """A lane that was left where it is; `message` is the key of the first that was tried, if any was."""

    tracker: str
    lane: int
    message: str | None
    problem: str

    def __str__(self) -> str:
        place = f" at message {self.message}" if self.message else ""
        return f"lane {self.lane} of {self.tracker} failed{place}: {self.problem}"


@dataclass(frozen=True, slots=True)
class Folded:
    """How many events of how many messages were counted, how many were set aside, and what failed."""

    messages: int = 0
    events: int = 0
    set_aside: int = 0
    transactions: int = 0
    failed: tuple[FailedLane, ...] = ()

    def __add__(self, other: "Folded") -> "Folded":
        return Folded(
            self.messages + other.messages,
            self.events + other.events,
            self.set_aside + other.set_aside,
            self.transactions + other.transactions,
            self.failed + other.failed,
        )


@dataclass(frozen=True, slots=True)
class Folder:
    """One run: `owner` is unique to it, `remaining` gives the milliseconds that are left to it.

    With `wait` it waits for lanes that others hold, 2 * LEASE for all of them together; those that
    are not given back until then have failed.
    """

    store: Store
    clock: Callable[[], Instant]
    owner: str
    remaining: Callable[[], int] = lambda: 1 << 62
    sleep: Callable[[float], None] = time.sleep
    wait: bool = False


def fold(folder: Folder, trackers: Iterable[Tracker], before: Instant, most: int | None = None) -> Folded:
    """Fold messages that were appended before an instant, of all lanes, `most` at the most.

    It raises nothing: see `Folded.failed`.
    """
    total, patience = Folded(), folder.clock() + 2 * LEASE
    lanes = [(tracker, lane) for tracker in trackers for lane in range(tracker.lanes)]
    # In another order every time: a lane that takes all of a run's time keeps no other waiting for good.
    random.shuffle(lanes)
    for tracker, lane in lanes:
        left = None if most is None else most - total.messages
        total += _Lane(folder, tracker, lane, before, left, patience).fold()
    return total


def fold_until(
    store: Store,
    trackers: Iterable[Tracker],
    clock: Callable[[], Instant],
    owner: str,
    cut: Instant,
    sleep: Callable[[float], None] = time.sleep,
) -> Folded:
    """Everything that was appended up to and with an instant, waiting for lanes that others hold.

    It raises nothing: what it could not fold is in `Folded.failed`.
    """
    return fold(Folder(store, clock, owner, sleep=sleep, wait=True), trackers, cut + 1)


def waiting(store: LaneStore, trackers: Iterable[Tracker], before: Instant) -> int:
    """How many lanes hold a message that was appended before an instant."""
    lanes = [(tracker.name, lane) for tracker in trackers for lane in range(tracker.lanes)]
    return sum(bool(store.pending(name, lane, before, 1)) for name, lane in lanes)


@dataclass(slots=True)
class _Lane:
    """One lane on its way: `taken` is what is tried now, `at_once` how many messages may be tried.

    A batch that the store does not take is halved until the message to blame is alone; then that one
    is set aside and the lane goes on with full batches.
    """

    folder: Folder
    tracker: Tracker
    number: int
    before: Instant
    most: int | None
    patience: Instant
    total: Folded = field(default_factory=Folded)
    taken: Sequence[Message] = ()
    at_once: int = _PAGE
    conflicts: int = 0
    held: bool = False

    def fold(self) -> Folded:
        """All that there is, as far as the time allows."""
        attempt(self._run, self._failed)
        self._release()
        return self.total

    def _run(self) -> None:
        while self.folder.remaining() > _MARGIN and self._take():
            self._apply()

    def _failed(self, error: Exception) -> None:
        message = self.taken[0].key if self.taken else None
        failure = FailedLane(self.tracker.name, self.number, message, problem_of(error))
        self.total += Folded(failed=(failure,))

    def _take(self) -> bool:
        """Whether there is anything, and the lane is ours."""
        limit = self.at_once if self.most is None else min(self.at_once, self.most - self.total.messages)
        self.taken = ()
        if limit > 0:
            self.taken = self.folder.store.pending(self.tracker.name, self.number, self.before, limit)
        return bool(self.taken) and self._hold()

    def _apply(self) -> None:
        declared = _declared(self.folder.store, self.tracker, self.taken)
        try:
            batch = plan(self.tracker, self.taken, declared, self.folder.clock())
            self.folder.store.apply(self.tracker, batch)
        except Conflict:
            self._wait_for_others()
        except (NotStorable, *BAD_DATA) as error:
            self._narrow(error)
        else:
            self._applied(batch)

    def _applied(self, batch: Batch) -> None:
        self.total += Folded(len(batch.messages), batch.events, len(batch.aside), 1)
        self.at_once = min(_PAGE, 2 * self.at_once)
        self.conflicts = 0

    def _wait_for_others(self) -> None:
        self.conflicts += 1
        if self.conflicts >= _ATTEMPTS:
            raise Conflict(f"others fold the same lane or counters, {_ATTEMPTS} times in a row")
        self.folder.sleep(random.uniform(0, 0.01 * self.conflicts))

    def _narrow(self, error: Exception) -> None:
        if len(self.taken) > 1:
            self.at_once = len(self.taken) // 2
            return
        batch = without(self.tracker, self.taken[0], problem_of(error), self.folder.clock())
        self.folder.store.apply(self.tracker, batch)
        self._applied(batch)

    def _hold(self) -> bool:
        folder, name = self.folder, self.tracker.name
        while not folder.store.lease(name, self.number, folder.owner, folder.clock(), folder.clock() + LEASE):
            if not folder.wait:
                return False
            if folder.clock() > self.patience:
                raise Conflict("another folder holds it and does not give it back")
            folder.sleep(0.5)
        self.held = True
        return True

    def _release(self) -> None:
        """At once, so that the next run finds the lane free; what cannot be given back ends by itself."""
        if self.held:
            with suppress(LeansplitError):
                self.folder.store.release(self.tracker.name, self.number, self.folder.owner)


def _declared(store: TrackedStore, tracker: Tracker, messages: Iterable[Message]) -> frozenset[str]:
    if not tracker.declared_only:
        return frozenset()
    named = {entry.object for message in messages for entry in message.entries}
    return frozenset(store.tracked(tracker.name, [each for each in named if is_object(each, tracker.kind)]))
