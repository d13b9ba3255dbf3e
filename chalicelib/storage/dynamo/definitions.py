"""Experiments, goals and trackers on DynamoDB, with the number that counts their changes."""

from typing import Any, TypeVar

from chalicelib.domain.definitions import Definitions, kind_of
from chalicelib.domain.experiments.experiment import Experiment
from chalicelib.domain.experiments.goal import Goal
from chalicelib.domain.instant import Instant
from chalicelib.domain.tracking.tracker import Tracker
from chalicelib.storage import keys
from chalicelib.storage.definition_record import archived_text, definition_body, definition_of, snapshot
from chalicelib.storage.dynamo.transaction import write_counted

_D = TypeVar("_D", Experiment, Goal, Tracker)


class DynamoDefinitions:
    """See DefinitionStore and TrackerStore; `_items` is the model of the leansplit table."""

    _items: Any

    def definitions(self) -> Definitions:
        """See DefinitionStore.

        A query is no snapshot: it reads one item after the other, while others may be written. So the
        number sorts first and is read first. Whatever is read after it holds all changes that it
        counts and maybe later ones: who publishes under this number publishes no less. DynamoDB shows a
        transaction item by item, so for an instant the number may be ahead of its change; what is
        published in that instant the job of every minute corrects.
        """
        stored, number = [], 0
        for item in self._items.query(keys.DEFINITIONS, consistent_read=True):
            if item.sk == keys.number_key()[1]:
                number = int(item.version)
                continue
            kind, _, name = item.sk.partition("#")
            stored.append((kind, name, str(item.body), int(item.version or 0)))
        return snapshot(stored, number)

    def save_experiment(self, experiment: Experiment) -> Experiment:
        """See DefinitionStore."""
        return self._save(experiment)

    def save_goal(self, goal: Goal) -> Goal:
        """See DefinitionStore."""
        return self._save(goal)

    def save_tracker(self, tracker: Tracker) -> Tracker:
        """See TrackerStore."""
        return self._save(tracker)

    def remove_definition(self, kind: str, name: str, version: int) -> None:
        """See DefinitionStore."""
        item = self._items(*keys.definition_key(kind, name))
        write_counted(self._connection, self._items, keys.number_key(), removed=(item, version))

    def archive_unreadable(self, kind: str, name: str, now: Instant) -> None:
        """See DefinitionStore."""
        key = keys.definition_key(kind, name)
        for item in self._items.query(key[0], self._items.sk == key[1], consistent_read=True):
            self._write(key, archived_text(kind, str(item.body), now), int(item.version or 0))

    def _save(self, definition: _D) -> _D:
        kind, body = kind_of(definition), definition_body(definition)
        self._write(keys.definition_key(kind, definition.name), body, definition.version)
        saved = definition_of(kind, body, definition.version + 1)
        assert isinstance(saved, type(definition))
        return saved

    def _write(self, key: keys.Key, body: str, version: int) -> None:
        item = self._items(*key, body=body, version=version + 1)
        write_counted(self._connection, self._items, keys.number_key(), saved=(item, version))

    @property
    def _connection(self) -> Any:
        return self._items._get_connection().connection
