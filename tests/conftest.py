"""What tests of several folders share."""

from collections.abc import Iterator

import pytest

from infra.local.emulator import Emulator


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    """A running AWS emulator without any resource; started when a test first asks for it."""
    with Emulator() as running:
        yield running
