"""The smallest requests that show a fault."""

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from operator import itemgetter
from typing import Any

from bench.hostile.json_tree import at, places, replaced, without
from bench.hostile.request import Request
from bench.hostile.run import Fault, happens
from bench.hostile.target import Target

SECONDS = 10.0
"""For each fault."""

_LONG = 200
_MOST_PLACES = 200


class _Shows:
    """Whether the last of some requests shows the fault; never, when the time is over."""

    def __init__(self, target: Target, words: str, fault: Fault) -> None:
        self._target, self._words, self._variant = target, words, fault.variant
        self._end = time.monotonic() + SECONDS

    @property
    def is_over(self) -> bool:
        """Whether the time is."""
        return time.monotonic() > self._end

    def __call__(self, history: Sequence[Request]) -> bool:
        return not self.is_over and happens(self._target, self._words, history, self._variant)


def smallest(target: Target, words: str, fault: Fault) -> list[Request]:
    """Fewer requests before it, then less of each; what cannot be shown again stays as it was."""
    shows = _Shows(target, words, fault)
    if not shows(fault.history):
        return fault.history[-1:]
    found = [*_needed(fault.history, shows), fault.history[-1]]
    for index in range(len(found)):
        found = _smaller(found, index, shows)
    return found


def _needed(history: list[Request], shows: _Shows) -> list[Request]:
    """The requests before the last one, without those that are not needed: halves, quarters, each."""
    before, last = history[:-1], history[-1]
    size = len(before)
    while size:
        first = 0
        while first < len(before):
            fewer = before[:first] + before[first + size :]
            if shows([*fewer, last]):
                before = fewer
            else:
                first += size
        size //= 2
    return before


def _smaller(history: list[Request], index: int, shows: _Shows) -> list[Request]:
    """The same requests, one of them with as little as possible."""
    found = True
    while found:
        found = False
        for each in _simpler(history[index]):
            fewer = [*history[:index], each, *history[index + 1 :]]
            if shows.is_over:
                return history
            if shows(fewer):
                history, found = fewer, True
                break
    return history


def _simpler(request: Request) -> Iterator[Request]:
    """The same with less: half of a long path, a header, a part of the query, a member of the body."""
    if len(request.path) > _LONG:
        yield replace(request, path=request.path[: len(request.path) // 2])
    for index in range(len(request.headers)):
        yield replace(request, headers=request.headers[:index] + request.headers[index + 1 :])
    if request.query:
        parts = request.query.split("&")
        yield from (replace(request, query="&".join(parts[:i] + parts[i + 1 :])) for i in range(len(parts)))
    if not request.as_sent:
        yield replace(request, as_sent=True)
    if request.body:
        yield replace(request, body=b"")
        yield from (replace(request, body=json.dumps(tree).encode()) for tree in _simpler_trees(request.body))


def _simpler_trees(body: bytes) -> Iterator[Any]:
    try:
        tree = json.loads(body)
    except (ValueError, RecursionError):
        return
    found = list(islice(places(tree), 1, _MOST_PLACES))
    for place in found:
        value = at(tree, place)
        if isinstance(value, str | list) and len(value) > 1:
            for half in (slice(len(value) // 2), slice(len(value) // 2, None)):
                yield replaced(tree, place, itemgetter(half))
    yield from (without(tree, place) for place in found)
