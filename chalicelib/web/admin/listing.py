"""Lists of definitions: those in use or those that were archived, and what cannot be read beside them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.definitions import Definitions, kind_of
from chalicelib.domain.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Listed:
    """The definitions of a list, and `{"unreadable": …}` where some cannot be read."""

    definitions: list[Any]
    rest: dict[str, Any]


def listed(known: Definitions, kind: str, query: Mapping[str, str] | None) -> Listed:
    """All of a kind; with `?archived=true` the archived ones."""
    if is_set(query, "archived"):
        return Listed([each for each in known.archived.values() if kind_of(each) == kind], {})
    unreadable = [
        {"name": name, "error": {"field": None, "message": reason}}
        for (its_kind, name), reason in sorted(known.unreadable.items())
        if its_kind == kind
    ]
    return Listed(list(known.in_use(kind).values()), {"unreadable": unreadable} if unreadable else {})


def is_set(query: Mapping[str, str] | None, name: str) -> bool:
    """A switch of a query, off unless it is there; InvalidInput for anything but true and false."""
    value = (query or {}).get(name, "false")
    if value not in ("true", "false"):
        raise InvalidInput(name, "must be true or false")
    return value == "true"
