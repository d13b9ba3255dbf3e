"""The API's own address is not for visitors once the front door has a key."""

import pytest

from chalicelib import config
from tests.web.client import ENVIRONMENT

KEYS = ("a-new-origin-key-of-the-front", "the-one-before")


@pytest.fixture
def fronted(site, monkeypatch):
    made = config.settings_from({**ENVIRONMENT, "ORIGIN_KEYS": ",".join(KEYS)})
    monkeypatch.setattr("chalicelib.web.http.origin.settings", lambda: made)
    return site


@pytest.mark.parametrize("key", KEYS)
def test_who_came_through_the_front_door_is_served(fronted, key):
    assert fronted.send("GET", "/e/assign", **{"X-Leansplit-Origin": key}).status == 200


@pytest.mark.parametrize("key", ["", "wrong", KEYS[0][:-1], "ключ"])
def test_who_goes_round_it_is_refused(fronted, key):
    assert fronted.send("GET", "/e/assign", **{"X-Leansplit-Origin": key}).status == 403


def test_without_a_key_everybody_may_call(site):
    assert site.send("GET", "/e/assign").status == 200
