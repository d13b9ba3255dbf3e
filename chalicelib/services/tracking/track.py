"""Emit to trackers: the request only appends, and what it appends is counted when it is folded."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from chalicelib.domain.definitions import Definitions
from chalicelib.domain.errors import InvalidInput
from chalicelib.domain.instant import Instant
from chalicelib.domain.tracking.increment import Emit, Malformed, emit_from, message_key, messages_of
from chalicelib.domain.tracking.set_aside import NO_TRACKER, SetAside, kept
from chalicelib.domain.tracking.tracker import Tracker
from chalicelib.services.tracking.append import append
from chalicelib.services.tracking_store import MessageStore, TrackedStore

MAX_TRACKERS = 90
"""Trackers that one request may name: what it appends once must fit in one transaction."""


class Store(MessageStore, TrackedStore, Protocol):
    """What emitting needs of a store."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Who emits. A `server` is trusted; a browser shows a public key and its origin where asked for."""

    server: bool = False
    key: str | None = None
    origin: str | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one event: accepted, spider, refused, set_aside or malformed."""

    status: str
    reason: str | None = None
    field: str | None = None
    problem: str | None = None

    def shown(self) -> dict[str, Any]:
        """As JSON, without what is empty."""
        parts = {"status": self.status, "reason": self.reason, "field": self.field, "error": self.problem}
        return {key: part for key, part in parts.items() if part is not None}


ACCEPTED = Result("accepted")
_SPIDER = Result("spider")


def track(
    store: Store,
    definitions: Definitions,
    events: Sequence[object],
    now: Instant,
    sender: Sender,
    message_id: str,
    is_spider: Callable[[object], bool],
    once: str | None = None,
) -> list[Result]:
    """Append the events; one result for each.

    A malformed event of a browser is set aside, one of a server is named in its result and not
    kept, and one of a strict tracker is InvalidInput and nothing is kept of the request. The same
    `once` a second time appends nothing and answers the same.
    """
    trackers = definitions.trackers
    named = [_tracker(event, trackers) for event in events]
    emits: dict[int, Emit] = {}
    results: dict[int, Result] = {}
    for index, event in enumerate(events):
        results[index], emit = _checked(event, named[index], trackers, now, sender, is_spider)
        if emit is not None:
            emits[index] = emit
    for index, problem in _undeclared(store, trackers, emits, sender).items():
        results[index] = _result(problem, sender)
        del emits[index]
    key = message_key(now, message_id)
    _raise_strict(named, results)
    messages = messages_of(emits.values(), trackers, key)
    if len({each.tracker for each in messages}) > MAX_TRACKERS:
        raise InvalidInput("events", f"must not name more than {MAX_TRACKERS} trackers")
    aside = [
        _aside(events[index], f"{key}-{index}", named[index], result, now)
        for index, result in results.items()
        if result.status == "set_aside"
    ]
    if messages or aside:
        append(store, messages, aside, now, once)
    return [results[index] for index in range(len(events))]


def allowed(tracker: Tracker, sender: Sender) -> str | None:
    """Why a sender may not emit to a tracker; None when it may."""
    if sender.server:
        return None
    if tracker.server_only:
        return "server_only"
    if tracker.public_key is not None and sender.key != tracker.public_key:
        return "wrong_key"
    if tracker.origins and (sender.origin or "").lower() not in tracker.origins:
        return "wrong_origin"
    return None


def _checked(
    event: object,
    tracker: Tracker | None,
    trackers: Mapping[str, Tracker],
    now: Instant,
    sender: Sender,
    is_spider: Callable[[object], bool],
) -> tuple[Result, Emit | None]:
    if is_spider(event) and not (tracker and tracker.count_spiders):
        return _SPIDER, None
    reason = None if tracker is None else allowed(tracker, sender)
    if reason is not None:
        return Result("refused", reason), None
    try:
        return ACCEPTED, emit_from(event, trackers, now, sender.server)
    except Malformed as error:
        return _result(error, sender), None


def _undeclared(
    store: TrackedStore, trackers: Mapping[str, Tracker], emits: Mapping[int, Emit], sender: Sender
) -> dict[int, Malformed]:
    """Objects are looked up only where the answer is wanted at once; the others while folding."""
    wanted: dict[str, dict[int, str]] = {}
    for index, emit in emits.items():
        tracker = trackers[emit.tracker]
        if tracker.declared_only and (sender.server or tracker.strict):
            wanted.setdefault(emit.tracker, {})[index] = emit.entry.object
    found = {}
    for name, objects in wanted.items():
        declared = store.tracked(name, objects.values())
        for index, object_ in objects.items():
            if object_ not in declared:
                found[index] = Malformed("unknown_object", "object", f"{object_[:64]!r} is not declared")
    return found


def _raise_strict(named: Sequence[Tracker | None], results: Mapping[int, Result]) -> None:
    for index, result in results.items():
        tracker = named[index]
        if tracker is not None and tracker.strict and result.status in ("malformed", "set_aside"):
            raise InvalidInput(f"events[{index}].{result.field}", result.problem or "")


def _tracker(event: object, trackers: Mapping[str, Tracker]) -> Tracker | None:
    name = event.get("tracker") if isinstance(event, Mapping) else None
    return trackers.get(name) if isinstance(name, str) else None


def _result(problem: Malformed, sender: Sender) -> Result:
    status = "malformed" if sender.server else "set_aside"
    return Result(status, problem.reason, problem.field, problem.problem)


def _aside(event: object, key: str, tracker: Tracker | None, result: Result, now: Instant) -> SetAside:
    shelf = NO_TRACKER if tracker is None else tracker.name
    problem = f"{result.field}: {result.problem}"
    return SetAside(shelf, key, str(result.reason), problem, kept(event), now)
