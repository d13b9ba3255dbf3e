"""`track`: counts in a tracker, for who counts and once."""

from typing import Any

from tests.browser.pages import page
from tests.browser.server import Shop

TRACK = '<script src="/leansplit.track.js"></script>'
EVENT = '{tracker: "views", object: "product:7", field: "views", by: 2}'
CALL = f"<script>leansplit(e => e.track({EVENT}))</script>"


def sent_by(shop: Shop, human: Any, path: str) -> list[tuple[str, str | None]]:
    sent: list[tuple[str, str | None]] = []
    tab = human.new_page()
    tab.on("request", lambda request: sent.append((request.url, request.post_data)))
    tab.goto(shop.url + path)
    tab.wait_for_timeout(700)
    return [(url, body) for url, body in sent if "/e/track" in url]


def test_a_count_leaves_at_once_by_beacon(shop: Shop, human: Any) -> None:
    shop.define({"name": "headline"})
    shop.pages["/"] = page(TRACK + CALL)

    assert sent_by(shop, human, "/") == [
        (
            shop.url + "/e/track",
            '{"events":[{"tracker":"views","object":"product:7","field":"views","by":2}]}',
        )
    ]


def test_a_visitor_who_does_not_count_sends_nothing(shop: Shop, human: Any) -> None:
    shop.define({"name": "headline", "state": "enabled"})
    shop.pages["/"] = page(TRACK + CALL)

    assert sent_by(shop, human, "/?leansplit.headline=test") == []
