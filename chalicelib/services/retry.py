"""Try again what others' writes kept from being written."""

import random
import time
from collections.abc import Iterator

_ATTEMPTS = 60


def attempts() -> Iterator[int]:
    """As many as are worth it, with a growing random pause between them."""
    for attempt in range(_ATTEMPTS):
        if attempt:
            time.sleep(random.uniform(0, 0.002 * min(attempt, 20)))
        yield attempt
