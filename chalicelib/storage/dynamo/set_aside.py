"""Declared objects and what was set aside, on DynamoDB."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from pynamodb.exceptions import DoesNotExist
from pynamodb.transactions import TransactWrite

from chalicelib.domain.errors import NotFound
from chalicelib.domain.instant import SECOND, Instant
from chalicelib.domain.tracking.increment import Message, body_of
from chalicelib.domain.tracking.set_aside import SetAside, aside_record
from chalicelib.domain.tracking.tracked_object import Tracked
from chalicelib.storage import keys
from chalicelib.storage.dynamo.errors import ConditionFailed, translating


class DynamoAsides:
    """See TrackedStore and AsideStore; `_items` is the model of the leansplit table."""

    _items: Any

    def save_tracked(self, tracker: str, objects: Sequence[Tracked]) -> None:
        """See TrackedStore."""
        with self._items.batch_write() as batch:
            for each in objects:
                batch.save(self._items(*keys.object_key(tracker, each.object), body=_json(each.record())))

    def tracked(self, tracker: str, objects: Iterable[str] | None = None) -> dict[str, Tracked]:
        """See TrackedStore."""
        if objects is None:
            items = self._items.query(keys.object_key(tracker, "")[0])
        else:
            items = self._items.batch_get([keys.object_key(tracker, each) for each in sorted(set(objects))])
        return {item.sk: Tracked(**json.loads(item.body)) for item in items}

    def aside(self, shelf: str, now: Instant, limit: int) -> list[SetAside]:
        """See AsideStore."""
        items = self._items.query(keys.aside_key(shelf, "")[0], scan_index_forward=False, limit=limit)
        return [_aside_of(shelf, item) for item in items if item.expires_at * SECOND > now]

    def aside_at(self, shelf: str, key: str, now: Instant) -> SetAside | None:
        """See AsideStore."""
        try:
            item = self._items.get(*keys.aside_key(shelf, key), consistent_read=True)
        except DoesNotExist:
            return None
        return _aside_of(shelf, item) if item.expires_at * SECOND > now else None

    def take_aside(self, aside: SetAside, message: Message | None) -> None:
        """See AsideStore."""
        try:
            with translating(), self._transaction() as transaction:
                item = self._items(*keys.aside_key(aside.shelf, aside.key))
                transaction.delete(item, condition=self._items.pk.exists())
                if message is not None:
                    key = keys.message_key(message.tracker, message.lane, message.key)
                    transaction.save(self._items(*key, body=body_of(message.entries)))
        except ConditionFailed as error:
            raise NotFound("set aside event", aside.id) from error

    def _transaction(self) -> TransactWrite:
        return TransactWrite(connection=self._items._get_connection().connection)


def aside_item(items: Any, aside: SetAside) -> Any:
    """What was set aside, as it is stored."""
    key = keys.aside_key(aside.shelf, aside.key)
    return items(*key, body=_json(aside_record(aside)), expires_at=aside.expires_at // SECOND)


def _aside_of(shelf: str, item: Any) -> SetAside:
    return SetAside(shelf, item.sk, **json.loads(item.body))


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))
