"""What the tests of tracking share: trackers, senders, and a clock that is moved by hand."""

from typing import Any

from chalicelib.domain.definitions import Definitions
from chalicelib.domain.instant import Instant, parse_at
from chalicelib.domain.tracking.increment import Emit, Entry, Message, message_key, messages_of
from chalicelib.domain.tracking.tracker import BUILT_IN, Tracker
from chalicelib.domain.tracking.tracker_input import tracker_from
from chalicelib.services.tracking.fold import Folded, Folder, fold
from chalicelib.services.tracking.track import Result, Sender, track

NOW = parse_at("2026-03-10T12:00:00Z")
BROWSER = Sender()
SERVER = Sender(server=True)


def tracker(**fields: Any) -> Tracker:
    entry = {"name": "products", "kind": "product", "fields": ["views", "buys"], **fields}
    return tracker_from(entry, NOW)


def event(**fields: Any) -> dict[str, Any]:
    return {"tracker": "products", "object": "product:1", "field": "views", **fields}


def definitions(*trackers: Tracker) -> Definitions:
    return Definitions(trackers={**BUILT_IN, **{each.name: each for each in trackers}})


def message(message_id: str, *entries: Entry, of: Tracker | None = None, at: Instant = NOW) -> Message:
    known = of or tracker()
    emits = [Emit(known.name, entry) for entry in entries]
    (made,) = messages_of(emits, {known.name: known}, message_key(at, message_id))
    return made


def emit(
    store: Any,
    known: Definitions,
    *events: object,
    now: Instant = NOW,
    sender: Sender = BROWSER,
    spider: bool = False,
    once: str | None = None,
) -> list[Result]:
    """Through the service, under an id of its own."""
    emit.count = getattr(emit, "count", 0) + 1  # type: ignore[attr-defined]
    name = f"m{emit.count}"  # type: ignore[attr-defined]
    return track(store, known, events, now, sender, name, lambda event: spider, once)


def fold_all(
    store: Any, known: Definitions, now: Instant = NOW, owner: str = "test", **kwargs: Any
) -> Folded:
    """Everything there is, without ever sleeping."""
    folder = Folder(store, lambda: now, owner, sleep=lambda seconds: None)
    return fold(folder, known.trackers.values(), now + 1, **kwargs)


def total(store: Any, known: Tracker, now: Instant = NOW) -> dict[tuple[str, str, str], int]:
    """Every counter of the last and the next days, in ten-thousandths."""
    day = now // 86_400_000
    first, last = (None, None) if known.step is None else (day - 20, day + 1)
    return {
        (each.object, each.field, str(each.bucket)): each.amount
        for each in store.counts_between(known, first, last, now)
    }
