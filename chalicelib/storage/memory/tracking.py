"""Lanes, counters and what was set aside, in dictionaries: the same contract as DynamoDB's."""

from collections.abc import Iterable, Iterator, Sequence

from chalicelib.domain.errors import Conflict, NotFound
from chalicelib.domain.instant import DAY, Day, Instant
from chalicelib.domain.tracking.fold_plan import Batch
from chalicelib.domain.tracking.increment import Message, body_of, message_of
from chalicelib.domain.tracking.set_aside import SetAside
from chalicelib.domain.tracking.tracked_object import Tracked
from chalicelib.domain.tracking.tracker import Bucket, Tracker
from chalicelib.services.tracking_store import Count

_REMEMBERED = 8 * DAY
_Lane = tuple[str, int]


class MemoryTracking:
    """See TrackingStore. For one thread."""

    def __init__(self) -> None:
        self._lanes: dict[_Lane, dict[str, str]] = {}
        self._leases: dict[_Lane, tuple[str, Instant]] = {}
        self._counters: dict[tuple[str, Bucket], dict[tuple[str, str], tuple[int, Instant | None]]] = {}
        self._objects: dict[str, dict[str, Tracked]] = {}
        self._asides: dict[str, dict[str, SetAside]] = {}
        self._seen: dict[str, Instant] = {}

    def append(
        self, messages: Sequence[Message], aside: Sequence[SetAside], now: Instant, once: str | None = None
    ) -> bool:
        """See MessageStore."""
        if once is not None:
            if self._seen.get(once, now) > now:
                return False
            self._seen[once] = now + _REMEMBERED
        for message in messages:
            self._put(message)
        for each in aside:
            self._asides.setdefault(each.shelf, {})[each.key] = each
        return True

    def pending(self, tracker: str, lane: int, before: Instant, limit: int) -> list[Message]:
        """See LaneStore."""
        there = self._lanes.get((tracker, lane), {})
        keys = [key for key in sorted(there) if key < f"{before:013d}"][:limit]
        return [message_of(tracker, lane, key, there[key]) for key in keys]

    def lease(self, tracker: str, lane: int, owner: str, now: Instant, until: Instant) -> bool:
        """See LaneStore."""
        holder, end = self._leases.get((tracker, lane), (owner, until))
        if holder != owner and end > now:
            return False
        self._leases[tracker, lane] = owner, until
        return True

    def release(self, tracker: str, lane: int, owner: str) -> None:
        """See LaneStore."""
        if self._leases.get((tracker, lane), ("", 0))[0] == owner:
            del self._leases[tracker, lane]

    def apply(self, tracker: Tracker, batch: Batch) -> None:
        """See LaneStore."""
        for message in batch.messages:
            if message.key not in self._lanes.get((message.tracker, message.lane), {}):
                raise Conflict("others fold the same lane or counters")
        for message in batch.messages:
            del self._lanes[message.tracker, message.lane][message.key]
        for (object_, field, bucket), amount in batch.sums.items():
            counters = self._counters.setdefault((tracker.name, bucket), {})
            before = counters.get((object_, field), (0, None))[0]
            counters[object_, field] = before + amount, tracker.expires_at(bucket)
        for each in batch.aside:
            self._asides.setdefault(each.shelf, {})[each.key] = each

    def counts_between(
        self, tracker: Tracker, first: Day | None, last: Day | None, now: Instant
    ) -> Iterator[Count]:
        """See CounterStore."""
        days = {None} if first is None or last is None else set(range(first, last + 1))
        for (name, bucket), counters in self._counters.items():
            if name != tracker.name or bucket.day not in days:
                continue
            for (object_, field), (amount, expires_at) in counters.items():
                if expires_at is None or expires_at > now:
                    yield Count(object_, field, bucket, amount)

    def counts_at(
        self, tracker: Tracker, object_: str, field: str, buckets: Sequence[Bucket], now: Instant
    ) -> dict[Bucket, int]:
        """See CounterStore."""
        found = {}
        for bucket in buckets:
            amount, end = self._counters.get((tracker.name, bucket), {}).get((object_, field), (None, None))
            if amount is not None and (end is None or end > now):
                found[bucket] = amount
        return found

    def save_tracked(self, tracker: str, objects: Sequence[Tracked]) -> None:
        """See TrackedStore."""
        self._objects.setdefault(tracker, {}).update({each.object: each for each in objects})

    def tracked(self, tracker: str, objects: Iterable[str] | None = None) -> dict[str, Tracked]:
        """See TrackedStore."""
        there = self._objects.get(tracker, {})
        return dict(there) if objects is None else {each: there[each] for each in objects if each in there}

    def aside(self, shelf: str, now: Instant, limit: int) -> list[SetAside]:
        """See AsideStore."""
        newest = sorted(self._asides.get(shelf, {}).values(), key=lambda each: each.key, reverse=True)
        return [each for each in newest if each.expires_at > now][:limit]

    def aside_at(self, shelf: str, key: str, now: Instant) -> SetAside | None:
        """See AsideStore."""
        found = self._asides.get(shelf, {}).get(key)
        return found if found is not None and found.expires_at > now else None

    def take_aside(self, aside: SetAside, message: Message | None) -> None:
        """See AsideStore."""
        if aside.key not in self._asides.get(aside.shelf, {}):
            raise NotFound("set aside event", aside.id)
        del self._asides[aside.shelf][aside.key]
        if message is not None:
            self._put(message)

    def _put(self, message: Message) -> None:
        self._lanes.setdefault((message.tracker, message.lane), {})[message.key] = body_of(message.entries)
