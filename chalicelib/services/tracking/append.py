"""Append to the lanes, trying again what others' writes keep from being written."""

from collections.abc import Sequence

from chalicelib.domain.errors import Conflict
from chalicelib.domain.instant import Instant
from chalicelib.domain.tracking.increment import Message
from chalicelib.domain.tracking.set_aside import SetAside
from chalicelib.services.retry import attempts
from chalicelib.services.tracking_store import MessageStore


def append(
    store: MessageStore,
    messages: Sequence[Message],
    aside: Sequence[SetAside],
    now: Instant,
    once: str | None = None,
) -> bool:
    """See MessageStore; two requests of one `once` may meet, and then only the first is kept."""
    for _ in attempts():
        try:
            return store.append(messages, aside, now, once)
        except Conflict:
            continue
    raise Conflict("appended by too many at once")
