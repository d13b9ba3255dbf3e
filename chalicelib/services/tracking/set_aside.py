"""List what was set aside, and replay it after mending: nothing looks at it again by itself."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from chalicelib.domain.errors import Conflict, InvalidInput, NotFound
from chalicelib.domain.instant import Instant
from chalicelib.domain.tracking.increment import Malformed, emit_from, message_key, messages_of
from chalicelib.domain.tracking.set_aside import NO_TRACKER, SetAside
from chalicelib.domain.tracking.tracker import Tracker
from chalicelib.services.tracking_store import AsideStore, TrackedStore

MAX_LISTED = 1_000


class Store(AsideStore, TrackedStore, Protocol):
    """What a replay needs of a store."""


def listed(
    store: AsideStore, trackers: Mapping[str, Tracker], shelf: str | None, now: Instant
) -> list[SetAside]:
    """The newest MAX_LISTED of a tracker, of what names none (""), or of all (None)."""
    shelves = [*trackers, NO_TRACKER] if shelf is None else [shelf]
    found = [each for name in shelves for each in store.aside(name, now, MAX_LISTED)]
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

    `mended` are fields that replace those of the event; `any_age` takes what was too old. What
    still is malformed stays where it is: its problem is the answer.
    """
    answers = {}
    for each_id in ids:
        aside = _find(store, each_id, now)
        event = aside.event if mended is None else {**_fields(aside), **mended}
        try:
            by_hand = replace(aside, event=event, server=aside.server or mended is not None)
            answers[each_id] = _replay(store, trackers, by_hand, any_age or aside.server)
        except Conflict:
            answers[each_id] = "gone"
    return answers


def dismiss(store: AsideStore, ids: Sequence[str], now: Instant) -> int:
    """Throw away what was set aside; how many there were."""
    found = [_find(store, each_id, now) for each_id in ids]
    for aside in found:
        store.take_aside(aside, None)
    return len(found)


def _replay(store: Store, trackers: Mapping[str, Tracker], aside: SetAside, any_age: bool) -> str:
    came_at = aside.received_at
    try:
        emit = emit_from(aside.event, trackers, came_at, aside.server, any_age)
    except Malformed as error:
        return f"still malformed: {error}"
    tracker = trackers[emit.tracker]
    if tracker.declared_only and not store.tracked(tracker.name, [emit.entry.object]):
        return f"still malformed: object: {emit.entry.object!r} is not declared"
    key = message_key(came_at, f"replay-{aside.key.partition('#')[2]}")
    (message,) = messages_of([emit], trackers, key)
    store.take_aside(aside, message)
    return "replayed"


def _find(store: AsideStore, each_id: str, now: Instant) -> SetAside:
    shelf, _, key = each_id.partition("/")
    aside = store.aside_at(shelf, key, now)
    if aside is None:
        raise NotFound("set aside event", each_id)
    return aside


def _fields(aside: SetAside) -> Mapping[str, Any]:
    if not isinstance(aside.event, Mapping):
        raise InvalidInput("event", "was no object: nothing of it can be replaced")
    return aside.event
