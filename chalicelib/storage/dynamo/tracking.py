"""Lanes, leases and counters on DynamoDB: a transaction is what makes an event count once."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

from chalicelib.domain.instant import DAY, SECOND, Day, Instant
from chalicelib.domain.tracking.fold_plan import Batch
from chalicelib.domain.tracking.increment import Message, body_of, message_of
from chalicelib.domain.tracking.set_aside import SetAside
from chalicelib.domain.tracking.tracker import Bucket, Tracker
from chalicelib.services.tracking_store import Count
from chalicelib.storage import keys
from chalicelib.storage.dynamo.errors import ConditionFailed, translating
from chalicelib.storage.dynamo.items import expiry
from chalicelib.storage.dynamo.set_aside import DynamoAsides, aside_item

_REMEMBERED = 8 * DAY


class DynamoTracking(DynamoAsides):
    """See TrackingStore; `_items` is the model of the leansplit table."""

    _items: Any

    def append(
        self, messages: Sequence[Message], aside: Sequence[SetAside], now: Instant, once: str | None = None
    ) -> bool:
        """See MessageStore."""
        items = [message_item(self._items, each) for each in messages]
        items += [aside_item(self._items, each) for each in aside]
        if once is not None:
            return self._append_once(items, now, once)
        if len(items) == 1:
            items[0].save()
        elif items:
            with self._items.batch_write() as batch:
                for item in items:
                    batch.save(item)
        return True

    def _append_once(self, items: list[Any], now: Instant, once: str) -> bool:
        seen = self._items(*keys.seen_key(once), expires_at=(now + _REMEMBERED) // SECOND)
        unseen = self._items.pk.does_not_exist() | (self._items.expires_at <= now // SECOND)
        try:
            with translating(), self._transaction() as transaction:
                transaction.save(seen, condition=unseen)
                for item in items:
                    transaction.save(item)
        except ConditionFailed:
            return False
        return True

    def pending(self, tracker: str, lane: int, before: Instant, limit: int) -> list[Message]:
        """See LaneStore."""
        pk, before_key = keys.message_key(tracker, lane, f"{before:013d}")
        found = self._items.query(pk, self._items.sk < before_key, limit=limit, consistent_read=True)
        return [message_of(tracker, lane, item.sk, item.body or "") for item in found]

    def lease(self, tracker: str, lane: int, owner: str, now: Instant, until: Instant) -> bool:
        """See LaneStore; in whole seconds, since its end is what DynamoDB expires items by."""
        lease = self._items(*keys.lease_key(tracker, lane), body=owner, expires_at=expiry(until))
        free = self._items.pk.does_not_exist() | (self._items.expires_at <= now // SECOND)
        try:
            with translating():
                lease.save(condition=free | (self._items.body == owner))
        except ConditionFailed:
            return False
        return True

    def release(self, tracker: str, lane: int, owner: str) -> None:
        """See LaneStore."""
        with suppress(ConditionFailed), translating():
            self._items(*keys.lease_key(tracker, lane)).delete(condition=self._items.body == owner)

    def apply(self, tracker: Tracker, batch: Batch) -> None:
        """See LaneStore."""
        with self._transaction() as transaction:
            for message in batch.messages:
                item = self._items(*keys.message_key(message.tracker, message.lane, message.key))
                transaction.delete(item, condition=self._items.pk.exists())
            for (object_, field, bucket), amount in batch.sums.items():
                counter = self._items(*keys.counter_key(tracker.name, object_, field, bucket))
                transaction.update(counter, self._adding(amount, tracker.expires_at(bucket)))
            for each in batch.aside:
                transaction.save(aside_item(self._items, each))

    def counts_between(
        self, tracker: Tracker, first: Day | None, last: Day | None, now: Instant
    ) -> Iterator[Count]:
        """See CounterStore."""
        days = [None] if first is None or last is None else range(first, last + 1)
        names = ["sk", "amount", "expires_at"]
        for day in days:
            pk = keys.counter_partition(tracker.name, Bucket(day))
            for item in self._items.query(pk, attributes_to_get=names, consistent_read=True):
                if _is_there(item, now):
                    yield count_of(item.sk, day, tracker, int(item.amount))

    def counts_at(
        self, tracker: Tracker, object_: str, field: str, buckets: Sequence[Bucket], now: Instant
    ) -> dict[Bucket, int]:
        """See CounterStore."""
        wanted = {keys.counter_key(tracker.name, object_, field, bucket): bucket for bucket in buckets}
        found = self._items.batch_get(list(wanted), consistent_read=True)
        return {wanted[item.pk, item.sk]: int(item.amount) for item in found if _is_there(item, now)}

    def _adding(self, amount: int, expires_at: Instant | None) -> list[Any]:
        actions = [self._items.amount.add(amount)]
        if expires_at is not None:
            actions.append(self._items.expires_at.set(expires_at // SECOND))
        return actions


def message_item(items: Any, message: Message) -> Any:
    """A message as it lies in its lane."""
    key = keys.message_key(message.tracker, message.lane, message.key)
    return items(*key, body=body_of(message.entries))


def count_of(sk: str, day: Day | None, tracker: Tracker, amount: int) -> Count:
    """The counter of a sort key."""
    hour = None
    if tracker.granularity == "hourly":
        sk, _, text = sk.rpartition("#")
        hour = int(text)
    object_, _, field = sk.rpartition("#")
    return Count(object_, field, Bucket(day, hour), amount)


def _is_there(item: Any, now: Instant) -> bool:
    return item.expires_at is None or item.expires_at * SECOND > now
