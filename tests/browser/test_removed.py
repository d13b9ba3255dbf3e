"""What the script shows of variations that were taken out, and of names that every object has."""

from typing import Any

import pytest

from tests.browser.pages import HEADLINE
from tests.browser.server import Shop

THREE = {"name": "headline", "state": "enabled", "variations": ["control", "a", "b"], "weights": [0, 1, 0]}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"weights": [1, 0, 0]}, "a"),
        ({"variations": ["control", "b"], "weights": [0, 1]}, "control"),
    ],
)
def test_who_had_it_sees_what_the_server_says(
    shop: Shop, human: Any, fields: dict[str, Any], expected: str
) -> None:
    shop.define(THREE)
    shop.pages["/"] = HEADLINE
    tab = human.new_page()
    tab.goto(shop.url + "/")
    tab.wait_for_function("JSON.parse(localStorage.leansplit).c")
    assert tab.inner_text("h1") == "a"
    shop.change("headline", fields)
    tab.goto(shop.url + "/")
    tab.wait_for_function("document.querySelector('h1').textContent != '-'")
    asked = "{headers: {'Content-Type': 'application/json'}}"
    told = f"fetch('/e/assign?experiments=headline', {asked}).then(each => each.json())"
    answer = tab.evaluate(told)["assignments"]["headline"]

    assert (tab.inner_text("h1"), answer["variation"]) == (expected, expected)


@pytest.mark.parametrize("name", ["constructor", "toString", "__proto__", "hasOwnProperty"])
def test_no_experiment_is_found_under_a_name_that_every_object_has(shop: Shop, human: Any, name: str) -> None:
    shop.define(THREE)
    shop.pages["/"] = HEADLINE
    tab = human.new_page()
    tab.goto(shop.url + "/?leansplit." + name + "=a")
    tab.wait_for_function("document.querySelector('h1').textContent != '-'")

    assert tab.inner_text("h1") == "a"
    assert tab.evaluate(f"leansplit.variant('{name}')") == "control"
