"""What requests are sent to, and how it answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from bench.hostile.request import Request


@dataclass(frozen=True, slots=True)
class Answer:
    """`headers` by lower-case name. `logged`: exceptions of the log, as `KeyError in chalicelib/a.py f`."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    logged: tuple[str, ...] = ()
    seconds: float = 0.0


class Target(Protocol):
    """`keys` are secret keys by who calls: admin and server. `development`: with DEVELOPMENT=1."""

    keys: Mapping[str, str]
    development: bool

    def send(self, request: Request) -> Answer:
        """The answer, 502 when there was none."""

    def tables(self) -> Mapping[str, str]:
        """What lies in the tables, by its place; nothing where they cannot be read."""

    def reset(self, variant: int) -> None:
        """Begin again with the tables as they were and maybe other settings, where that is possible."""
