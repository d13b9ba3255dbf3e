"""Declared objects: their targets lead nowhere but where they were declared to."""

import pytest

from chalicelib.domain.errors import InvalidInput
from chalicelib.domain.tracking.tracked_object import Tracked, tracked_from
from tests.tracking import tracker


@pytest.mark.parametrize("target", ["https://shop.example/1?a=b#c", "http://shop.example", "/products/1"])
def test_an_address_or_a_path_of_the_same_host_is_a_target(target):
    made = tracked_from({"object": "product:1", "label": "One", "target": target}, tracker(), "objects[0]")

    assert made == Tracked("product:1", "One", target)


ELSEWHERE = [
    *("//evil.example", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)", "data:text/html,x"),
    *("https://", "https://user@evil.example", "https://a.example/\r\nSet-Cookie: x=1", " https://a.example"),
    *("https:evil.example", "ftp://a.example", "products/1", "", 5, "https://ü.example", "/\t/evil.example"),
]


@pytest.mark.parametrize("target", ELSEWHERE)
def test_what_a_browser_might_read_as_another_place_is_none(target):
    with pytest.raises(InvalidInput) as refused:
        tracked_from({"object": "product:1", "target": target}, tracker(), "objects[0]")

    assert refused.value.field == "objects[0].target"


def test_a_bare_name_is_an_object_without_label_and_target():
    assert tracked_from("product:1", tracker(), "objects[0]") == Tracked("product:1")


@pytest.mark.parametrize("entry", [5, {"object": "user:1"}, {"object": "product:1", "url": "/"}, {}])
def test_a_wrong_object_is_refused(entry):
    with pytest.raises(InvalidInput):
        tracked_from(entry, tracker(), "objects[0]")
