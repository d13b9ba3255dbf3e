"""The real stacks on the emulator, deployed once for all tests of this folder."""

import pytest

from infra.aws import stack
from infra.aws.cloud import emulated
from infra.aws.stack import Deployment, Keys
from infra.local.emulator import Emulator
from infra.packaging.target import LOCAL

KEYS = Keys(admin="admin-key-of-the-tests", server="server-key-of-the-tests", token="t" * 32)


@pytest.fixture(scope="session")
def deployed(emulator: Emulator) -> Deployment:
    """Both stacks, in development mode; the keys are `KEYS`."""
    return stack.deploy(emulated(emulator.url), "stacktest", LOCAL, KEYS, print, development=True)
