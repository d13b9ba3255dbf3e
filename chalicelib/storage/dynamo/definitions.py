"""Experiments, goals and trackers on DynamoDB, with the number that counts their changes."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from chalicelib.domain.definitions import Definitions
from chalicelib.domain.errors import LeansplitError
from chalicelib.domain.experiments.experiment import Experiment
from chalicelib.domain.experiments.goal import Goal
from chalicelib.domain.experiments.records import experiment_of, experiment_record, goal_of, goal_record
from chalicelib.domain.tracking.tracker import BUILT_IN, Tracker
from chalicelib.domain.tracking.tracker_input import tracker_of, tracker_record
from chalicelib.storage import keys
from chalicelib.storage.dynamo.transaction import write_counted

_READ: dict[str, Callable[[Mapping[str, Any], int], Any]] = {
    "experiment": experiment_of,
    "goal": goal_of,
    "tracker": tracker_of,
}
_BAD_RECORD = (LeansplitError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError)
"""What reading a record raises whose content is not what it should be."""


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
        found: dict[str, dict[str, Any]] = {"experiment": {}, "goal": {}, "tracker": dict(BUILT_IN)}
        number, unreadable = 0, {}
        for item in self._items.query(keys.DEFINITIONS, consistent_read=True):
            if item.sk == keys.number_key()[1]:
                number = int(item.version)
                continue
            kind, _, name = item.sk.partition("#")
            try:
                found[kind][name] = _READ[kind](json.loads(item.body), int(item.version))
            except _BAD_RECORD as error:
                unreadable[kind, name] = f"{type(error).__name__}: {error}"
        return Definitions(found["experiment"], found["goal"], found["tracker"], number, unreadable)

    def save_experiment(self, experiment: Experiment) -> Experiment:
        """See DefinitionStore."""
        record = experiment_record(experiment)
        version = self._save_definition(keys.experiment_key(experiment.name), record, experiment.version)
        return experiment_of(record, version)

    def save_goal(self, goal: Goal) -> Goal:
        """See DefinitionStore."""
        record = goal_record(goal)
        return goal_of(record, self._save_definition(keys.goal_key(goal.name), record, goal.version))

    def save_tracker(self, tracker: Tracker) -> Tracker:
        """See TrackerStore."""
        record = tracker_record(tracker)
        version = self._save_definition(keys.tracker_key(tracker.name), record, tracker.version)
        return tracker_of(record, version)

    def _save_definition(self, key: keys.Key, value: Mapping[str, Any], version: int) -> int:
        body = json.dumps(value, separators=(",", ":"))
        item = self._items(*key, body=body, version=version + 1)
        connection = self._items._get_connection().connection
        write_counted(connection, self._items, (item, version), keys.number_key())
        return version + 1
