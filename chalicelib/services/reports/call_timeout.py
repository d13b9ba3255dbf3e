"""An end for a call of somebody else's code."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class TimedOut(BaseException):
    """Not an Exception: a call that catches those must not swallow it."""


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """TimedOut inside when it takes longer; a call into C that never returns is not interrupted.

    Outside of the main thread, which alone receives signals, there is no limit.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(*_: Any) -> None:
        raise TimedOut(f"no answer within {seconds:g} s")

    before = signal.signal(signal.SIGALRM, ring)
    # Again every second, since a bare except may swallow the first.
    signal.setitimer(signal.ITIMER_REAL, seconds, 1.0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
