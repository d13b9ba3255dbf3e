"""Several visitors in one transaction, each on condition that its version did not change."""

import random
import time
from collections.abc import Iterable
from typing import Any

from pynamodb.exceptions import TransactWriteError
from pynamodb.transactions import TransactWrite

_ATTEMPTS = 20

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


def write_counted(
    connection: Any,
    model: Any,
    counter: tuple[str, str],
    saved: tuple[Any, int] | None = None,
    removed: tuple[Any, int] | None = None,
) -> None:
    """Save or remove an item and add one to the version of another, both or neither.

    Two changes of different items meet at the counter. That is nobody's conflict, so it is tried again.
    """
    for attempt in range(_ATTEMPTS):
        try:
            with TransactWrite(connection=connection) as transaction:
                for act, chosen in ((transaction.save, saved), (transaction.delete, removed)):
                    if chosen is not None:
                        act(chosen[0], condition=at_version(model, chosen[1]))
                transaction.update(model(*counter), actions=[model.version.add(1)])
            return
        except TransactWriteError as error:
            reasons = {reason.code for reason in error.cancellation_reasons if reason is not None}
            if reasons - {"None"} != {"TransactionConflict"} or attempt == _ATTEMPTS - 1:
                raise
            time.sleep(random.uniform(0, 0.02 * (attempt + 1)))


def at_version(model: Any, version: int) -> Any:
    """The condition that an item still has that version, or is not there."""
    return model.version == version if version else model.version.does_not_exist()
