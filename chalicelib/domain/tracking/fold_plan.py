"""Which messages one transaction takes, and what they come to.

The transaction deletes each message on condition that it is still there and adds the sums: so a
message counts exactly once, whoever folds it and however often.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from chalicelib.domain.instant import Instant
from chalicelib.domain.tracking.increment import Message, event_of, takes
from chalicelib.domain.tracking.set_aside import SetAside
from chalicelib.domain.tracking.tracker import Bucket, Tracker

MAX_ACTIONS = 100
"""What a DynamoDB transaction holds."""

Counter = tuple[str, str, Bucket]
"""Object, field, bucket."""


@dataclass(slots=True)
class Batch:
    """One transaction: delete `messages`, add `sums` in ten-thousandths, keep what was set aside."""

    messages: list[Message] = field(default_factory=list)
    sums: dict[Counter, int] = field(default_factory=dict)
    aside: list[SetAside] = field(default_factory=list)

    @property
    def actions(self) -> int:
        """How many of MAX_ACTIONS it takes."""
        return len(self.messages) + len(self.sums) + len(self.aside)

    @property
    def events(self) -> int:
        """How many events are counted by it."""
        return sum([len(each.entries) for each in self.messages]) - len(self.aside_entries)

    @property
    def aside_entries(self) -> list[SetAside]:
        """What was set aside of readable messages."""
        return [each for each in self.aside if each.reason != UNREADABLE]


UNREADABLE = "unreadable"


def plan(tracker: Tracker, messages: Sequence[Message], declared: frozenset[str], now: Instant) -> Batch:
    """The longest beginning of the messages that fits, at least one of them if there is any."""
    batch = Batch()
    for message in messages:
        sums, aside = _sums_of(tracker, message, declared, now)
        more = 1 + len(aside) + sum([counter not in batch.sums for counter in sums])
        if batch.messages and batch.actions + more > MAX_ACTIONS:
            break
        batch.messages.append(message)
        batch.aside += aside
        for counter, amount in sums.items():
            batch.sums[counter] = batch.sums.get(counter, 0) + amount
    return batch


def _sums_of(
    tracker: Tracker, message: Message, declared: frozenset[str], now: Instant
) -> tuple[dict[Counter, int], list[SetAside]]:
    sums: dict[Counter, int] = {}
    aside = []
    if message.unreadable is not None:
        problem = "a message that cannot be read"
        aside.append(SetAside(tracker.name, message.key, UNREADABLE, problem, message.unreadable, now))
    for index, entry in enumerate(message.entries):
        reason = takes(tracker, entry, declared)
        if reason is None:
            counter = entry.object, entry.field, tracker.bucket_of(entry.at)
            sums[counter] = sums.get(counter, 0) + entry.amount
        else:
            event = event_of(tracker.name, entry)
            problem = f"{reason.replace('_', ' ')} when it was folded"
            aside.append(
                SetAside(tracker.name, f"{message.key}-{index}", reason, problem, event, now, server=True)
            )
    return sums, aside
