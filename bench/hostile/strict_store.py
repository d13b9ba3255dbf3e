"""The store in memory with DynamoDB's limits: what a table would not take, it does not take either."""

from collections.abc import Callable
from functools import wraps
from inspect import getattr_static, isfunction
from typing import Any

from chalicelib.domain.errors import NotStorable
from chalicelib.storage.memory.store import MemoryStore

LONGEST_KEY = 2048
LONGEST_SORT_KEY = 1024
SORTED_BY = frozenset({"load_job", "save_job", "forget_running"})
"""Methods whose text is a sort key; that of the others is a part of a partition key."""

LARGEST_ITEM = 400 * 1024


class StrictStore(MemoryStore):
    """NotStorable where DynamoDB answers with a ValidationException."""

    def put_definition(self, kind: str, name: str, body: str, version: int = 0) -> None:
        """See MemoryStore."""
        if len(body) > LARGEST_ITEM:
            raise NotStorable("Item size has exceeded the maximum allowed size")
        super().put_definition(kind, name, body, version)


def _checked(method: Callable[..., Any]) -> Callable[..., Any]:
    longest = LONGEST_SORT_KEY if method.__name__ in SORTED_BY else LONGEST_KEY

    @wraps(method)
    def called(self: Any, *args: Any, **kwargs: Any) -> Any:
        for each in (*args, *kwargs.values()):
            if isinstance(each, str):
                _check_key(each, longest)
        return method(self, *args, **kwargs)

    return called


def _check_key(text: str, longest: int) -> None:
    try:
        size = len(text.encode())
    except UnicodeEncodeError as error:
        raise NotStorable("a key is no UTF-8") from error
    if size > longest:
        raise NotStorable(f"a key has {size} bytes")


for _name in dir(StrictStore):
    _method = getattr_static(StrictStore, _name)
    if isfunction(_method) and not _name.startswith("_") and _name != "put_definition":
        setattr(StrictStore, _name, _checked(_method))
