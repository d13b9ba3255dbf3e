"""Rotation: a new key first, the older ones until they are retired."""

import pytest

from infra.aws import keyring
from infra.aws.stack import Keys

KEYS = Keys("admin-one", "server-one,server-zero", "token-one", "origin-one")


@pytest.mark.parametrize("kind", keyring.KINDS)
def test_a_rotated_key_comes_first_and_the_others_stay(kind: str) -> None:
    rotated = keyring.rotated(KEYS, kind)
    first, *others = getattr(rotated, kind).split(",")

    assert len(first) >= 32
    assert others == getattr(KEYS, kind).split(",")
    assert [each for each in keyring.KINDS if getattr(rotated, each) != getattr(KEYS, each)] == [kind]


def test_retiring_keeps_the_first_alone() -> None:
    assert keyring.retired(KEYS, "server") == Keys("admin-one", "server-one", "token-one", "origin-one")
    assert keyring.retired(KEYS, "admin") == KEYS
