"""Builds wait for each other: two of them in one folder would take each other's files away."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from infra.paths import BUILD


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Hold the lock of build/; whoever dies lets go of it."""
    BUILD.mkdir(exist_ok=True)
    with (BUILD / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
