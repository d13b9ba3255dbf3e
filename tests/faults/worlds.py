"""Shops in memory with faults drawn from a seed, beside the same shop without one."""

import random
from dataclasses import dataclass
from functools import lru_cache

from chalicelib.domain.instant import DAY, HOUR
from chalicelib.storage.files.objects import MemoryObjects
from chalicelib.storage.memory.store import MemoryStore
from tests.faults.faulty import KINDS, Faults
from tests.faults.shop import Reports, Shop

SEEDS_A_WORLD = 10
_JUMPS = (0, 0, HOUR, -HOUR, 13 * HOUR, -13 * HOUR, DAY, -DAY)


@dataclass(frozen=True)
class Outcome:
    """What came of one seed: the faults that happened, how many reports were compared, what differs."""

    happened: list[tuple[int, str, str]]
    compared: int
    differences: list[str]


def in_memory(world: int, faults: Faults | None = None) -> Shop:
    """A shop that has not begun."""
    return Shop(world, MemoryStore(), MemoryObjects(), MemoryObjects(), faults)


@lru_cache(maxsize=4)
def without_faults(world: int) -> tuple[Reports, tuple[str, ...]]:
    """The reports of a world in which nothing fails, and the calls that it makes."""
    shop = in_memory(world)
    shop.live()
    return shop.reports(), tuple(shop.faults.names)


def tried(seed: int) -> Outcome:
    """A world with a handful of faults, a night that meets itself, and a clock that steps."""
    world, chance = seed // SEEDS_A_WORLD, random.Random(seed)
    _, names = without_faults(world)
    faults = Faults(
        {chance.randrange(len(names)): chance.choice(KINDS) for _ in range(chance.choice([1, 3, 9]))}
    )
    shop = in_memory(world, faults)
    for _ in range(2):
        faults.meanwhile[chance.randrange(len(names))] = lambda: meanwhile(shop, chance)
    shop.live()
    return outcome(shop, world)


def tried_once(world: int, name: str, kind: str) -> Outcome:
    """A world in which one call of that name fails: the one in the middle of all of them."""
    _, names = without_faults(world)
    places = [place for place, each in enumerate(names) if each == name]
    shop = in_memory(world, Faults({places[len(places) // 2]: kind}))
    shop.live()
    return outcome(shop, world)


def outcome(shop: Shop, world: int) -> Outcome:
    """Held against the world without faults."""
    expected, found = without_faults(world)[0], shop.reports()
    differences = [
        key for key in sorted(expected.keys() | found.keys()) if expected.get(key) != found.get(key)
    ]
    return Outcome(shop.faults.happened, len(found), [*differences, *shop.unanswered])


def meanwhile(shop: Shop, chance: random.Random) -> None:
    """Something else that happens before a call: the same night again, or the clock steps."""
    if chance.random() < 0.5 and not shop.calculates:
        shop.jump = chance.choice(_JUMPS)
    elif shop.jobs or chance.random() < 0.5:
        shop.again(chance.choice([*shop.jobs, "another"]))
