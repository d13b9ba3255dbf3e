"""What lies in the tables of a store in memory, as text by place, and the hash of all of it."""

import hashlib
from collections.abc import Mapping
from typing import Any

from chalicelib.domain.tracking.tracker import BUILT_IN
from chalicelib.storage.memory.store import MemoryStore

COUNTED = tuple(f"{table} ('{name}', " for table in ("_lanes", "_leases", "_counters") for name in BUILT_IN)
"""Where refusals are counted: the lanes and counters of the built-in trackers.

They may change with a 4xx. So may the last use of a key, once the tables hold one: name its place here.
"""

KEPT_IN_DEVELOPMENT = (
    "visitors ",
    "_aliases ",
    "_lanes ",
    "_asides ",
    "_seen ",
    "_definitions ('goal', ",
    "_number ",
)
"""With DEVELOPMENT=1 the answer to a batch of a browser is the problem of its first bad event; the good
ones are taken as ever (README, `DEVELOPMENT`)."""


COUNTED_WITHOUT_VALUE = ("visitors ",)
"""With the 422 of `over_max_value` the goal counts without its value (docs/people.md)."""

_DERIVED = "_snapshot"
"""What the store makes of its own items."""


class Texts:
    """What is frozen is turned into text once."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[object, str]] = {}

    def of(self, store: MemoryStore) -> dict[str, str]:
        """The text of every item by its place, `<table> <key>`."""
        return {
            f"{table} {key!r}": self._text(value)
            for table, items in vars(store).items()
            for key, value in (items.items() if isinstance(items, dict) else [("", items)])
            if table != _DERIVED and value not in ({}, set())
        }

    def _text(self, value: Any) -> str:
        """Equal values have the same text, in whatever order they were written."""
        if isinstance(value, dict):
            return str(sorted((repr(key), self._text(each)) for key, each in value.items()))
        if isinstance(value, set):
            return str(sorted(map(repr, value)))
        if not hasattr(value, "__dataclass_fields__"):
            return repr(value)
        if id(value) not in self._known:
            self._known[id(value)] = value, repr(value)
        return self._known[id(value)][1]


def digest(tables: Mapping[str, str], but: tuple[str, ...] = ()) -> str:
    """The hash over all items, but those in these places."""
    kept = sorted((place, text) for place, text in tables.items() if not place.startswith(but or ("\0",)))
    return hashlib.blake2b(str(kept).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def changed(before: Mapping[str, str], after: Mapping[str, str], but: tuple[str, ...]) -> list[str]:
    """The places that differ."""
    places = before.keys() | after.keys()
    return sorted(p for p in places if before.get(p) != after.get(p) and not p.startswith(but or ("\0",)))
