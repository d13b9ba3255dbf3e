"""The panel that a site's developers see."""

from typing import Any

from tests.browser.pages import HEADLINE
from tests.browser.server import Shop

PANEL = "document.querySelector('leansplit-debug')?.shadowRoot"


def test_the_panel_says_why_and_shows_another_variation_on_request(shop: Shop, human: Any) -> None:
    shop.define({"name": "headline", "state": "enabled", "weights": [0, 1]})
    shop.pages["/"] = HEADLINE
    shop.page_headers["Content-Security-Policy"] = (
        "script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self'; connect-src 'self'"
    )
    tab = human.new_page()
    tab.goto(shop.url + "/?leansplit.debug=1")
    tab.wait_for_function(f"{PANEL}?.textContent.includes('0 events wait')")
    assert "counts as a visitor" in tab.evaluate(f"{PANEL}.textContent")
    assert "signed" in tab.evaluate(f"{PANEL}.textContent")
    tab.get_by_role("button", name="control").click()
    tab.wait_for_function("document.querySelector('h1').textContent == 'control'")
    tab.wait_for_function(f"{PANEL}?.textContent.includes('does not count')")
    tab.get_by_role("button", name="forget forced variations").click()
    tab.wait_for_function("document.querySelector('h1').textContent == 'test'")
    tab.wait_for_function(f"{PANEL}?.textContent.includes('counts as a visitor')")

    assert [post.kinds for post in shop.posts] == [["confirm", "enroll"]]


def test_without_being_asked_for_it_is_not_loaded(shop: Shop, human: Any) -> None:
    shop.define({"name": "headline", "state": "enabled"})
    shop.pages["/"] = HEADLINE
    human.new_page().goto(shop.url + "/")
    shop.wait_for(lambda: shop.visitors)

    assert "/leansplit.debug.js" not in [each.path for each in shop.requests]
