"""How many bots are caught, how many people are refused, and what a check costs: `python -m bench.bots`.

Over the user agents of tests/data: cold is the first check of each, warm one that is still in the cache.
"""

import json
import time
from pathlib import Path

from chalicelib.web.http import bots

DATA = Path(__file__).parents[1] / "tests" / "data"


def main() -> None:
    """Print the shares, and microseconds per check."""
    bots.agent_reason("Mozilla/5.0")
    for name in ("bots", "humans"):
        agents = json.loads((DATA / f"{name}.json").read_text())["user_agents"]
        bots._is_bot.cache_clear()
        cold, refused = timed(agents)
        warm, _ = timed(agents)
        share = f"{refused} of {len(agents)} refused ({100 * refused / len(agents):.2f} %)"
        print(f"{name:7} {share:34} {cold:6.1f} µs cold {warm:6.2f} µs warm")


def timed(agents: list[str]) -> tuple[float, int]:
    """Microseconds per check, and how many were refused."""
    begun = time.perf_counter()
    refused = sum(bots.agent_reason(each) is not None for each in agents)
    return (time.perf_counter() - begun) / len(agents) * 1e6, refused


if __name__ == "__main__":
    main()
