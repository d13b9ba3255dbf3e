"""Several visitors in one transaction, each on condition that its version did not change."""

from collections.abc import Iterable
from typing import Any

from pynamodb.transactions import TransactWrite

Versioned = Iterable[tuple[Any, int]]
"""Items, each with the version that it is expected to replace (0: there was none)."""


def write_all(
    connection: Any, model: Any, saved: Versioned, removed: Versioned, added: Iterable[Any]
) -> None:
    """All of it or nothing, on condition that each still has its version. What is `added` has none."""
    with TransactWrite(connection=connection) as transaction:
        for item, version in saved:
            transaction.save(item, condition=at_version(model, version))
        for item, version in removed:
            transaction.delete(item, condition=at_version(model, version))
        for item in added:
            transaction.save(item)


def at_version(model: Any, version: int) -> Any:
    """The condition that an item still has that version, or is not there."""
    return model.version == version if version else model.version.does_not_exist()
