"""What tests of several folders share."""

from collections.abc import Iterator

import pytest
from hypothesis import settings

from infra.local.emulator import Emulator
from tests import laws

settings.register_profile(laws.FAST, max_examples=20, deadline=None)


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    """A running AWS emulator without any resource; started when a test first asks for it."""
    with Emulator() as running:
        yield running


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever asks for the emulator is a test of the stack."""
    for item in items:
        if "emulator" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.stack)
