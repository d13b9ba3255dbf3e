"""List what was set aside, and replay it after mending: nothing looks at it again by itself."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from chalicelib.domain.errors import Conflict, InvalidInput, NotFound, NotStorable, Unavailable
from chalicelib.domain.instant import Instant
from chalicelib.domain.late import LATE_FROM_SERVERS
from chalicelib.domain.tracking.increment import Malformed, emit_from, message_key, messages_of
from chalicelib.domain.tracking.set_aside import NO_TRACKER, SetAside
from chalicelib.domain.tracking.tracker import Tracker
from chalicelib.services.retry import attempts
from chalicelib.services.tracking_store import AsideStore, TrackedStore, TrackerStore

MAX_LISTED = 1_000

REPLAYED = "replayed"
DISMISSED = "dismissed"
GONE = "gone"
"""Replayed or dismissed before, forgotten after its 30 days, or never there."""

TRY_AGAIN = "try again"
"""The store is busy; whether it was done is known by trying again."""

_ID = re.compile(r"[A-Za-z0-9_.-]{0,64}/[!-~]{1,512}", re.ASCII)


class Store(AsideStore, TrackedStore, TrackerStore, Protocol):
    """What a replay needs of a store."""


def listed(
    store: AsideStore, trackers: Mapping[str, Tracker], shelf: str | None, now: Instant
) -> list[SetAside]:
    """The newest MAX_LISTED of a tracker, of what names none (""), or of all (None)."""
    shelves = [*trackers, NO_TRACKER]
    found = [each for name in shelves if shelf in (None, name) for each in store.aside(name, now, MAX_LISTED)]
    return sorted(found, key=lambda each: (-each.received_at, each.key))[:MAX_LISTED]


def replay(
    store: Store,
    trackers: Mapping[str, Tracker],
    ids: Sequence[str],
    now: Instant,
    mended: Mapping[str, Any] | None = None,
    any_age: bool = False,
) -> dict[str, str]:
    """Append each again as of when it came, exactly once; what became of it by id.

    `mended` are fields that replace those of the event; `any_age` takes what was too old. An answer
    is REPLAYED, GONE, TRY_AGAIN, or for what stays where it is "still malformed" with its problem.
    """

    def replayed(aside: SetAside) -> str:
        event = aside.event if mended is None else {**_fields(aside), **mended}
        by_hand = replace(aside, event=event, server=aside.server or mended is not None)
        return _replay(store, trackers, by_hand, any_age or aside.server)

    return _answers(store, ids, now, replayed)


def dismiss(store: AsideStore, ids: Sequence[str], now: Instant) -> dict[str, str]:
    """Throw away what was set aside: DISMISSED, GONE or TRY_AGAIN by id."""

    def dismissed(aside: SetAside) -> str:
        store.take_aside(aside, None)
        return DISMISSED

    return _answers(store, ids, now, dismissed)


def _answers(
    store: AsideStore, ids: Sequence[str], now: Instant, act: Callable[[SetAside], str]
) -> dict[str, str]:
    """The answer of each id, whatever became of those before it."""
    return {each_id: _answer(store, each_id, now, act) for each_id in dict.fromkeys(ids)}


def _answer(store: AsideStore, each_id: str, now: Instant, act: Callable[[SetAside], str]) -> str:
    for _ in attempts():
        try:
            aside = _find(store, each_id, now)
            return GONE if aside is None else act(aside)
        except NotFound:
            return GONE
        except Unavailable:
            return TRY_AGAIN
        except NotStorable as problem:
            return f"still malformed: {problem}"
        except Conflict:
            continue
    return TRY_AGAIN


def _replay(store: Store, trackers: Mapping[str, Tracker], aside: SetAside, any_age: bool) -> str:
    came_at = aside.received_at
    try:
        emit = emit_from(aside.event, trackers, came_at, aside.server, any_age)
    except Malformed as error:
        return f"still malformed: {error}"
    tracker = trackers[emit.tracker]
    if tracker.declared_only and not store.tracked(tracker.name, [emit.entry.object]):
        return f"still malformed: object: {emit.entry.object!r} is not declared"
    if emit.entry.at < tracker.declared_at - LATE_FROM_SERVERS and tracker.imported_at is None:
        # Its counters may lie on any day from now on.
        store.save_tracker(replace(tracker, imported_at=came_at))
    key = message_key(came_at, f"replay-{aside.key.partition('#')[2]}")
    (message,) = messages_of([emit], trackers, key)
    store.take_aside(aside, message)
    return REPLAYED


def _find(store: AsideStore, each_id: str, now: Instant) -> SetAside | None:
    """None for text that no id looks like, too: the store refuses keys that are empty or too long."""
    shelf, _, key = each_id.partition("/")
    return store.aside_at(shelf, key, now) if _ID.fullmatch(each_id) else None


def _fields(aside: SetAside) -> Mapping[str, Any]:
    if not isinstance(aside.event, Mapping):
        raise InvalidInput("event", "was no object: nothing of it can be replaced")
    return aside.event
