"""A file of definitions: a list of experiments, or an object with experiments and trackers."""

from typing import Any, Protocol

from chalicelib.domain.errors import InvalidInput
from chalicelib.domain.instant import Instant
from chalicelib.services.experiments import lifecycle
from chalicelib.services.store import DefinitionStore
from chalicelib.services.tracking import manage_trackers
from chalicelib.services.tracking_store import TrackerStore

_KEYS = ("experiments", "trackers")


class Store(DefinitionStore, TrackerStore, Protocol):
    """What loading needs of a store."""


def load(store: Store, body: object, now: Instant) -> dict[str, Any]:
    """Add what is missing and say what was done; InvalidInput for a file that is neither."""
    if not isinstance(body, dict):
        return vars(lifecycle.load(store, body, now))
    if not body:
        raise InvalidInput("body", f"must be a list of experiments, or hold {' or '.join(_KEYS)}")
    for key in body:
        if key not in _KEYS:
            raise InvalidInput(str(key), f"is not known; known are {', '.join(_KEYS)}")
        if not isinstance(body[key], list):
            raise InvalidInput(str(key), "must be a list")
    # From here on a bad entry is a warning: part of the file may be written already.
    loaded = lifecycle.load(store, body.get("experiments", []), now)
    added, warnings = manage_trackers.load(store, body.get("trackers", []), now)
    return {**vars(loaded), "trackers": added, "warnings": [*loaded.warnings, *warnings]}
