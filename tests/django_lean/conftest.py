"""A site with experiments in each state."""

from collections.abc import Iterator

import pytest

from chalicelib import wiring
from tests.web.client import Site, site

__all__ = ["site"]
ON = {
    "name": "on",
    "state": "enabled",
    "started_at": "2026-03-01T00:00:00Z",
    "goals": ["signup", "purchase", {"name": "spend", "type": "engagement", "server_only": True}],
}
OTHER = {"name": "other", "state": "enabled", "started_at": "2026-03-01T00:00:00Z"}
WON = {"name": "won", "state": "promoted", "started_at": "2026-03-01T00:00:00Z"}


@pytest.fixture
def lean(site: Site) -> Iterator[Site]:
    site.load(ON, OTHER, WON, {"name": "off"})
    yield site
    wiring.calculator.cache_clear()
