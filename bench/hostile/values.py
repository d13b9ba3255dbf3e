"""Values that break programs, of `attacks.json` and those that are too long to be written there."""

import json
import random
from pathlib import Path
from typing import Any

ATTACKS: dict[str, list[Any]] = json.loads(Path(__file__).with_name("attacks.json").read_text())
"""`repeated_texts` and `long_texts` are a text and how often it is repeated; `bodies` are Latin-1."""

_TEXTS: tuple[str, ...] = (*ATTACKS["texts"], *(text * times for text, times in ATTACKS["repeated_texts"]))
_LONG_TEXTS: tuple[str, ...] = tuple(text * times for text, times in ATTACKS["long_texts"])
_LITERALS: tuple[str, ...] = (
    *ATTACKS["literals"],
    "1" + "0" * 400,
    "-1" + "0" * 400,
    "1" * 5_000,
    "0." + "1" * 5_000,
    "1e" + "9" * 300,
    "[" * 40 + "]" * 40,
    "[" * 956 + "]" * 956,
    '{"a":' * 33 + "1" + "}" * 33,
    '{"a":' * 956 + "1" + "}" * 956,
)
_DEEP = ("[" * 100_000 + "]" * 100_000, '{"a":' * 100_000 + "1" + "}" * 100_000, "[" * 100_000)
_RARE = 0.01


def hostile_text(chance: random.Random) -> str:
    """Text, now and then a very long one."""
    return chance.choice(_LONG_TEXTS if chance.random() < 2 * _RARE else _TEXTS)


def similar_text(text: str, chance: random.Random) -> str:
    """Hostile text of the same kind: an address for an address, an instant for an instant."""
    alike = [each for each in _TEXTS if _kind(each) == _kind(text)]
    return chance.choice(alike or _TEXTS)


def hostile_value(chance: random.Random) -> tuple[Any, bool]:
    """A value, and whether it is JSON text that is to be sent as it stands."""
    kind = chance.random()
    if kind < _RARE:
        return chance.choice(_DEEP), True
    if kind < 0.2:
        return chance.choice(_LITERALS), True
    if kind < 0.6:
        return chance.choice(ATTACKS["values"]), False
    return hostile_text(chance), False


def _kind(text: str) -> tuple[bool, bool, bool]:
    return text[:1].isdigit(), "//" in text, "-" in text
