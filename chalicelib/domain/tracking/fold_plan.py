"""Which messages one transaction takes, and what they come to.

The transaction deletes each message on condition that it is still there and adds the sums: so a
message counts exactly once, whoever folds it and however often.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from chalicelib.domain.instant import LAST, Instant
from chalicelib.domain.tracking.increment import Message, event_of, takes
from chalicelib.domain.tracking.set_aside import SetAside, kept
from chalicelib.domain.tracking.tracker import Bucket, Tracker

MAX_ACTIONS = 100
"""What a DynamoDB transaction holds."""

_LONGEST_PROBLEM = 300

Counter = tuple[str, str, Bucket]
"""Object, field, bucket."""


@dataclass(slots=True)
class Batch:
    """One transaction: delete `messages`, add `sums` in ten-thousandths, keep what was set aside.

    `events` are those that it counts.
    """

    messages: list[Message] = field(default_factory=list)
    sums: dict[Counter, int] = field(default_factory=dict)
    aside: list[SetAside] = field(default_factory=list)
    events: int = 0

    @property
    def actions(self) -> int:
        """How many of MAX_ACTIONS it takes."""
        return len(self.messages) + len(self.sums) + len(self.aside)


UNREADABLE = "unreadable"

BAD_DATA = (ArithmeticError, LookupError, TypeError, ValueError, RecursionError)
"""What reading and adding up raises for data that we never wrote."""


def plan(tracker: Tracker, messages: Sequence[Message], declared: frozenset[str], now: Instant) -> Batch:
    """The longest beginning of the messages that fits, at least one of them if there is any.

    A message that cannot be planned is set aside and hinders no other.
    """
    batch = Batch()
    for message in messages:
        try:
            sums, aside = _sums_of(tracker, message, declared, now)
            _check_size(sums, aside)
            events = max(0, len(message.entries) - len(aside))
        except BAD_DATA as error:
            sums, aside, events = {}, without(tracker, message, problem_of(error), now).aside, 0
        more = 1 + len(aside) + sum([counter not in batch.sums for counter in sums])
        if batch.messages and batch.actions + more > MAX_ACTIONS:
            break
        batch.messages.append(message)
        batch.aside += aside
        batch.events += events
        for counter, amount in sums.items():
            batch.sums[counter] = batch.sums.get(counter, 0) + amount
    return batch


def without(tracker: Tracker, message: Message, problem: str, now: Instant) -> Batch:
    """A transaction that counts nothing of a message and sets all of it aside."""
    if message.unreadable is not None:
        return Batch([message], {}, [_unread(tracker, message, now)])
    problem = f"unreadable: {problem}"
    if len(message.entries) >= MAX_ACTIONS:
        events = kept([event_of(tracker.name, entry) for entry in message.entries])
        return Batch([message], {}, [SetAside(tracker.name, message.key, UNREADABLE, problem, events, now)])
    aside = [
        _aside(tracker, message, index, UNREADABLE, problem, now) for index in range(len(message.entries))
    ]
    return Batch([message], {}, aside)


def problem_of(error: BaseException) -> str:
    """What went wrong, for people who do not see the code."""
    return f"{type(error).__name__}: {error}"[:_LONGEST_PROBLEM]


def _check_size(sums: Mapping[Counter, int], aside: Sequence[SetAside]) -> None:
    if 1 + len(sums) + len(aside) > MAX_ACTIONS:
        raise ValueError(f"more than a transaction of {MAX_ACTIONS} actions holds")


def _sums_of(
    tracker: Tracker, message: Message, declared: frozenset[str], now: Instant
) -> tuple[dict[Counter, int], list[SetAside]]:
    sums: dict[Counter, int] = {}
    aside = []
    if message.unreadable is not None:
        aside.append(_unread(tracker, message, now))
    for index, entry in enumerate(message.entries):
        reason = takes(tracker, entry, declared)
        if reason is None:
            counter = entry.object, entry.field, tracker.bucket_of(entry.at)
            sums[counter] = sums.get(counter, 0) + entry.amount
        else:
            problem = f"{reason.replace('_', ' ')} when it was folded"
            aside.append(_aside(tracker, message, index, reason, problem, now))
    return sums, aside


def _unread(tracker: Tracker, message: Message, now: Instant) -> SetAside:
    problem = "a message that cannot be read"
    return SetAside(tracker.name, message.key, UNREADABLE, problem, message.unreadable, now)


def _aside(
    tracker: Tracker, message: Message, index: int, reason: str, problem: str, now: Instant
) -> SetAside:
    entry = message.entries[index]
    # Not before it happened, whatever this clock says: a replay would take it for one of the future.
    seen_at = max(now, entry.at) if entry.at < LAST else now
    event = kept(event_of(tracker.name, entry))
    return SetAside(tracker.name, f"{message.key}-{index}", reason, problem, event, seen_at, server=True)
