"""The snippet, the server and GrowthBook's published cases agree on every bucket."""

import json
from pathlib import Path
from typing import Any

from chalicelib import wiring
from chalicelib.domain.visitors.assignment import assign
from tests.browser.pages import page
from tests.browser.server import Shop

CASES = json.loads((Path(__file__).parents[1] / "data" / "growthbook-cases.json").read_text())
VISITORS = 10_000
IDS = [f"visitor-{number}" for number in range(50)]
ASKED = """ids => ids.map(id => {
  const token = 'v1.' + id + '.x';
  document.cookie = 'leansplit=' + token;
  localStorage.removeItem('leansplit');
  leansplit.consent(true);
  return ANSWER;
})"""
VARIANTS = ASKED.replace("ANSWER", "leansplit.variant('colour')")


def quiet_page(shop: Shop, human: Any) -> Any:
    """A page whose snippet sends nothing, for the API would be asked 10,000 times."""
    shop.pages["/"] = page()
    human.add_init_script("Object.defineProperty(Document.prototype, 'hidden', {get: () => true})")
    tab = human.new_page()
    tab.goto(shop.url + "/")
    tab.wait_for_function("!!leansplit.test")
    return tab


def test_ten_thousand_visitors_see_the_same_from_snippet_and_server(shop: Shop, human: Any) -> None:
    shop.define(
        {
            "name": "colour",
            "state": "enabled",
            "coverage": 0.9,
            "variations": ["a", "b", "c"],
            "weights": [5, 3, 2],
        }
    )
    ids = [f"visitor-{number}" for number in range(VISITORS)]
    shown = quiet_page(shop, human).evaluate(VARIANTS, ids)
    experiment = shop.store.definitions().experiments["colour"]
    expected = [assign(experiment, each, wiring.now()) for each in ids]

    assert shown == [each.variation for each in expected]
    assert {each.reason for each in expected} == {"split", "coverage"}
    assert set(shown) == {"a", "b", "c"}


def test_test_and_control_are_opposites_in_the_browser(shop: Shop, human: Any) -> None:
    shop.define({"name": "colour", "state": "enabled"}, {"name": "off"})
    tab = quiet_page(shop, human)
    seen = {}
    for name in ("colour", "off", "unheard"):
        answer = f"[leansplit.control('{name}'), leansplit.test('{name}')]"
        seen[name] = {tuple(pair) for pair in tab.evaluate(ASKED.replace("ANSWER", answer), IDS)}

    assert seen["colour"] == {(True, False), (False, True)}
    assert seen["off"] == seen["unheard"] == {(True, False)}


def test_the_published_cases_of_hash_version_2(shop: Shop, human: Any) -> None:
    """A variation for each of the 10,000 buckets would be long: a hit is one in the case's own bucket."""
    shop.define({"name": "colour", "state": "enabled"})
    tab = quiet_page(shop, human)
    cases = [(seed, value, expected) for seed, value, version, expected in CASES["hash"] if version == 2]
    for seed, value, expected in cases:
        low, high = expected - 0.00001, expected + 0.00001
        tab.evaluate(
            "([seed, ranges]) => { window.leansplitConfig.colour ="
            " {seed, phase: 1, since: 1, keys: ['out', 'hit'], ranges} }",
            [seed, [[2, 3], [low, high]]],
        )

        assert tab.evaluate(VARIANTS, [value]) == ["hit"], (seed, value)
    assert len(cases) >= 5
