"""Count by built-in trackers what is refused: bots, forced views, refused events, unknown goals."""

from collections.abc import Mapping

from chalicelib.domain.instant import Day, Instant
from chalicelib.domain.tracking.increment import Emit, Entry, message_key, messages_of
from chalicelib.domain.tracking.tracker import BUILT_IN, EXCLUDED, MAIL_PROXIES, REFUSED, UNKNOWN_GOALS
from chalicelib.domain.values import VALUE_SCALE
from chalicelib.services.tracking.append import append
from chalicelib.services.tracking_store import CounterStore, MessageStore

Exclusions = Mapping[tuple[str, str], int]
"""How many requests were refused, by (experiment, reason); the experiment is "" when none was named."""

_NONE = "*"


def exclude(
    store: MessageStore,
    at: Instant,
    message_id: str,
    excluded: Exclusions | None = None,
    refused: Mapping[str, int] | None = None,
    unknown_goals: Mapping[str, int] | None = None,
    mail_proxies: Mapping[str, int] | None = None,
) -> None:
    """Append all of it in one request to the store; it is counted when it is folded."""
    emits = [
        Emit(EXCLUDED.name, Entry(f"experiment:{experiment or _NONE}", reason, at, count * VALUE_SCALE))
        for (experiment, reason), count in (excluded or {}).items()
    ]
    emits += [
        Emit(REFUSED.name, Entry(f"event:{_NONE}", reason, at, count * VALUE_SCALE))
        for reason, count in (refused or {}).items()
    ]
    for tracker, goals in ((UNKNOWN_GOALS, unknown_goals), (MAIL_PROXIES, mail_proxies)):
        emits += [
            Emit(tracker.name, Entry(f"goal:{goal}", "times", at, count * VALUE_SCALE))
            for goal, count in (goals or {}).items()
        ]
    if emits:
        append(store, messages_of(emits, BUILT_IN, message_key(at, message_id)), [], at)


def exclusions(
    store: CounterStore, first: Day, last: Day, now: Instant
) -> dict[str, dict[Day, dict[str, int]]]:
    """What was folded: by experiment ("" where none was named), day and reason."""
    found: dict[str, dict[Day, dict[str, int]]] = {}
    for count in store.counts_between(EXCLUDED, first, last, now):
        assert count.bucket.day is not None
        name = count.object.partition(":")[2].replace(_NONE, "")
        reasons = found.setdefault(name, {}).setdefault(count.bucket.day, {})
        reasons[count.field] = count.amount // VALUE_SCALE
    return found
