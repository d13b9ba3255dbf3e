"""A table that is searched, sorted and paged by the server; the browser keeps its state."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.errors import InvalidInput

PAGE = 25
_MOST = 1_000


@dataclass(frozen=True, slots=True)
class View:
    """Which part of a table is wanted: `order` is (column, whether the largest comes first)."""

    start: int = 0
    length: int = PAGE
    words: tuple[str, ...] = ()
    order: tuple[tuple[str, bool], ...] = ()


def view_from(query: Mapping[str, str]) -> View:
    """The view of `start`, `length`, `search` and `sort=-views,object`; InvalidInput for no number."""
    order = [part.strip() for part in query.get("sort", "").split(",") if part.strip()]
    return View(
        _number(query, "start", 0),
        min(_number(query, "length", PAGE), _MOST),
        tuple(query.get("search", "").casefold().split()),
        tuple((part.lstrip("-"), part.startswith("-")) for part in order),
    )


def page(
    rows: Sequence[Mapping[str, Any]], view: View, searched: Sequence[str], sortable: Sequence[str]
) -> dict[str, Any]:
    """The rows in view, with how many there are before and after the search.

    Every word must occur in one of the columns `searched`; a column that is not `sortable` sorts
    nothing.
    """
    found = [row for row in rows if _matches(row, view.words, searched)]
    for column, descending in reversed(view.order):
        if column in sortable:
            found.sort(key=lambda row, column=column: row[column], reverse=descending)  # type: ignore[misc]
    return {
        "total": len(rows),
        "filtered": len(found),
        "start": view.start,
        "length": view.length,
        "rows": found[view.start : view.start + view.length],
    }


def _matches(row: Mapping[str, Any], words: Sequence[str], searched: Sequence[str]) -> bool:
    texts = [str(row[column]).casefold() for column in searched]
    return all(any(word in text for text in texts) for word in words)


def _number(query: Mapping[str, str], field: str, default: int) -> int:
    text = query.get(field, "") or str(default)
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise InvalidInput(field, "must be a whole number, not negative")
    return int(text)
