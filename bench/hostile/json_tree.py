"""JSON as a tree that can hold what `json.dumps` would not write, and its mutations."""

import json
import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from bench.hostile.values import hostile_text, hostile_value, similar_text


class Raw(str):
    """JSON text that goes into a body as it stands."""

    __slots__ = ()


class Pairs(list[tuple[str, Any]]):
    """The members of an object, of which several may have the same key."""


Place = tuple[Any, ...]
"""The keys and indexes that lead to a value."""


def encoded(tree: Any) -> str:
    """JSON text; in ASCII, so that halves of characters can be sent."""
    if isinstance(tree, Raw):
        return str(tree)
    if isinstance(tree, dict):
        tree = Pairs(tree.items())
    if isinstance(tree, Pairs):
        return "{" + ", ".join(f"{json.dumps(key)}: {encoded(value)}" for key, value in tree) + "}"
    if isinstance(tree, list):
        return "[" + ", ".join(encoded(each) for each in tree) + "]"
    return json.dumps(tree)


def places(tree: Any, here: Place = ()) -> Iterator[Place]:
    """All places of a tree, the root first."""
    yield here
    if isinstance(tree, dict | list) and not isinstance(tree, Pairs):
        members = tree.items() if isinstance(tree, dict) else enumerate(tree)
        for key, value in members:
            yield from places(value, (*here, key))


def at(tree: Any, place: Sequence[Any]) -> Any:
    """The value at a place."""
    for key in place:
        tree = tree[key]
    return tree


def replaced(tree: Any, place: Sequence[Any], change: Callable[[Any], Any]) -> Any:
    """A copy of the tree, in which a value is another."""
    if not place:
        return change(tree)
    copy = dict(tree) if isinstance(tree, dict) else list(tree)
    copy[place[0]] = replaced(copy[place[0]], place[1:], change)
    return copy


def without(tree: Any, place: Place) -> Any:
    """A copy of the tree that lacks a member or an element."""

    def dropped(holder: Any) -> Any:
        if isinstance(holder, dict):
            return {key: value for key, value in holder.items() if key != place[-1]}
        return [value for index, value in enumerate(holder) if index != place[-1]]

    return replaced(tree, place[:-1], dropped)


def mutated(tree: Any, chance: random.Random) -> Any:
    """The tree with one thing wrong."""
    found = list(places(tree))
    place = chance.choice(found[1:] or found)
    holder = at(tree, place[:-1]) if place else None
    if isinstance(holder, dict) and chance.random() < 0.3:
        return replaced(tree, place[:-1], lambda fields: _other_keys(fields, place[-1], chance))
    if place and chance.random() < 0.1:
        return without(tree, place)
    return replaced(tree, place, lambda value: _other_value(value, chance))


def _other_keys(fields: dict[str, Any], key: str, chance: random.Random) -> Any:
    """Dropped, renamed, twice, or an unknown one beside it."""
    value = fields[key]
    rest = {name: each for name, each in fields.items() if name != key}
    others: list[Any] = [
        rest,
        {**rest, hostile_text(chance): value},
        Pairs([*fields.items(), (key, _hostile(chance))]),
        Pairs([(key, _hostile(chance)), *fields.items()]),
        {**fields, hostile_text(chance): _hostile(chance)},
        {**rest, key.upper(): value},
    ]
    return chance.choice(others)


def _other_value(value: Any, chance: random.Random) -> Any:
    """A hostile one, or the same in another type or number."""
    choice = chance.random()
    if isinstance(value, str) and choice < 0.25:
        return similar_text(value, chance)
    if choice < 0.75:
        return _hostile(chance)
    others: list[Any] = [[value], {"value": value}, {"name": value}, [value] * 60]
    if isinstance(value, str):
        others += [value + hostile_text(chance), hostile_text(chance) + value, value.upper(), f" {value} "]
    if isinstance(value, int | float):
        others += [str(value), -value, value * 1e9, value + 0.00001, Raw(f"{value}e400")]
    if isinstance(value, list):
        others += [
            value * 2,
            value * 600,
            [*value, _hostile(chance)],
            {str(index): each for index, each in enumerate(value)},
        ]
    return chance.choice(others)


def _hostile(chance: random.Random) -> Any:
    value, is_raw = hostile_value(chance)
    return Raw(value) if is_raw else value
