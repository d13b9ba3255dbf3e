"""Emitting over HTTP: the batch, the picture, the redirect, and what a page never notices."""

import base64
import json
from dataclasses import replace
from urllib.parse import quote

import pytest

from chalicelib import config
from chalicelib.services.tracking.fold import fold_until
from tests.tracking import event, total
from tests.web.client import ADMIN, SERVER, Answer, Site

HUMAN = "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0"
BOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
PIXEL = base64.b64decode("R0lGODlhAQABAIAAAAAAAAAAACH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==")
PRODUCTS = {"name": "products", "kind": "product", "fields": ["views", "clicks"], "click_field": "clicks"}
TARGET = "https://shop.example/1?a=b"


@pytest.fixture
def shop(site: Site) -> Site:
    declare(site, PRODUCTS)
    objects = [{"object": "product:1", "target": TARGET}, {"object": "product:2"}]
    assert site.post("/admin/trackers/products/objects", {"objects": objects}, ADMIN).status == 201
    return site


def declare(site: Site, entry: dict) -> None:
    assert site.post("/admin/trackers", entry, ADMIN).status == 201


def beacon(
    site: Site, *events: object, agent: str = HUMAN, body: dict | None = None, **headers: str
) -> Answer:
    data = json.dumps({"events": events, **(body or {})}).encode()
    sent = {"Content-Type": "text/plain;charset=UTF-8", "User-Agent": agent, **headers}
    return site.send("POST", "/e/track", data, **sent)


def get(site: Site, path: str, agent: str = HUMAN, **headers: str) -> Answer:
    return site.send("GET", path, **{"User-Agent": agent, **headers})


def counted(site: Site, name: str = "products") -> dict[tuple[str, str], int]:
    """By object and field, folded, in ten-thousandths."""
    trackers = site.store.definitions().trackers
    fold_until(site.store, trackers.values(), lambda: site.now, "test", site.now)
    return {key[:2]: amount for key, amount in total(site.store, trackers[name], site.now).items()}


@pytest.fixture
def development(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = replace(config.settings(), development=True)
    monkeypatch.setattr("chalicelib.web.tracking.routes.settings", lambda: settings)


def test_a_beacon_is_answered_with_nothing_and_counts_when_it_is_folded(shop):
    answer = beacon(shop, event(), event(op="decr", by="0.25"))

    assert (answer.status, answer.body) == (204, None)
    assert total(shop.store, shop.store.definitions().trackers["products"], shop.now) == {}
    assert counted(shop) == {("product:1", "views"): 7_500}


def test_a_server_is_told_what_became_of_each_event(shop):
    answer = shop.post("/e/track", {"events": [event(), event(field="sales"), {"tracker": "products"}]})

    assert answer.status == 200
    assert answer.body["accepted"] == 1
    assert [each["status"] for each in answer.body["results"]] == ["accepted", "malformed", "malformed"]
    assert answer.body["results"][2]["field"] == "object"


def test_a_server_s_request_repeated_with_its_id_counts_once(shop):
    for _ in range(3):
        assert shop.post("/e/track", {"id": "order-7", "events": [event()]}).body["accepted"] == 1
        counted(shop)

    assert counted(shop) == {("product:1", "views"): 10_000}


def test_a_browser_s_malformed_event_is_set_aside_without_a_word(shop):
    assert beacon(shop, event(by="x"), event()).status == 204
    assert counted(shop) == {("product:1", "views"): 10_000}

    listed = shop.send("GET", "/admin/set-aside", key=ADMIN).body
    assert [row["reason"] for row in listed["rows"]] == ["no_number"]


def test_in_development_a_browser_is_told(shop, development):
    answer = beacon(shop, event(by="x"))
    assert (answer.status, answer.body["field"]) == (400, "by")

    assert beacon(shop, body={"events": 5}).status == 400
    assert beacon(shop, event()).status == 204


def test_a_strict_tracker_answers_400_and_counts_nothing(site):
    declare(site, {**PRODUCTS, "strict": True})
    answer = beacon(site, event(), event(by="x"))

    assert (answer.status, answer.body["field"]) == (400, "events[1].by")
    assert counted(site) == {}


@pytest.mark.parametrize("agent", ["", BOT])
def test_spiders_are_not_counted(shop, agent):
    assert beacon(shop, event(), agent=agent).status == 204
    assert get(shop, "/e/track/products/product:1/views", agent).status == 200
    assert get(shop, "/e/go/products/product:1", agent).status == 302

    assert counted(shop) == {}


def test_a_page_that_allowed_origins_does_not_name_counts_nothing(shop, monkeypatch):
    listed = replace(config.settings(), allowed_origins=(("", "https://shop.example"),))
    monkeypatch.setattr("chalicelib.web.tracking.routes.settings", lambda: listed)

    assert beacon(shop, event(), Origin="https://evil.example").status == 204
    assert counted(shop) == {}
    beacon(shop, event(), Origin="https://shop.example")
    assert counted(shop) == {("product:1", "views"): 10_000}


def test_a_browser_that_a_program_drives_is_a_spider(shop):
    beacon(shop, event(), body={"webdriver": True})

    assert counted(shop) == {}


def test_a_server_passes_on_its_visitor_s_user_agent(shop):
    answer = shop.post("/e/track", {"events": [event(user_agent=BOT), event(user_agent=""), event()]})

    assert [each["status"] for each in answer.body["results"]] == ["spider", "spider", "accepted"]


def test_who_may_emit_is_checked_by_key_and_origin(site):
    declare(site, {**PRODUCTS, "public_key": "pk-1", "origins": ["https://shop.example"]})
    beacon(site, event(), Origin="https://shop.example")
    beacon(site, event(), body={"key": "pk-1"}, Origin="https://evil.example")
    assert counted(site) == {}

    beacon(site, event(), body={"key": "pk-1"}, Origin="https://shop.example")
    get(site, "/e/track/products/product:1/views?key=pk-1", Referer="https://shop.example/page?a=b")
    get(
        site,
        "/e/track/products/product:1/views?key=pk-1",
        Referer="https://evil.example/https://shop.example",
    )
    assert counted(site) == {("product:1", "views"): 20_000}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'{"events": 5}',
        json.dumps({"events": [{}] * 51}).encode(),
        b'{"events": []}' + b" " * 16_384,
    ],
)
def test_a_beacon_that_is_none_is_answered_all_the_same(shop, body):
    assert shop.send("POST", "/e/track", body, **{"User-Agent": HUMAN}).status == 204


@pytest.mark.parametrize("body", [b"{", b'{"events": 5}', json.dumps({"events": [{}] * 501}).encode()])
def test_a_server_s_bad_batch_is_an_error(shop, body):
    assert shop.send("POST", "/e/track", body, SERVER).status == 400


def test_a_tracker_that_is_down_breaks_no_page_and_is_said_to_servers(shop, monkeypatch):
    def down(*args):
        raise OSError("the table is away")

    monkeypatch.setattr(shop.store, "append", down)

    assert beacon(shop, event()).status == 204
    assert get(shop, "/e/track/products/product:1/views").status == 200
    assert get(shop, "/e/go/products/product:1").headers["Location"] == TARGET
    assert shop.post("/e/track", {"events": [event()]}).status == 500


def test_the_picture_counts_by_a_value(shop):
    answer = shop._http.get("/e/track/products/product:1/views?by=2.5", headers={"User-Agent": HUMAN})
    assert (answer.status_code, answer.body, answer.headers["Cache-Control"]) == (200, PIXEL, "no-store")

    get(shop, "/e/track/products/product:1/views?op=decr")
    assert counted(shop) == {("product:1", "views"): 15_000}


@pytest.mark.parametrize(
    "path",
    ["/e/track/nothing/product:1/views", "/e/track/products/user:1/views", "/e/track/products/x/y?by=z"],
)
def test_the_picture_comes_whatever_is_wrong(shop, path):
    answer = shop._http.get(path, headers={"User-Agent": HUMAN})

    assert (answer.status_code, answer.body) == (200, PIXEL)
    assert counted(shop) == {}


def test_an_object_in_a_path_is_the_same_encoded_or_not(shop):
    name = "product:ü 2/3"
    get(shop, f"/e/track/products/{quote(name, safe='')}/views")

    assert counted(shop) == {(name, "views"): 10_000}


def test_a_click_counts_and_leads_to_the_declared_target(shop):
    answer = get(shop, "/e/go/products/product:1")

    assert (answer.status, answer.headers["Location"]) == (302, TARGET)
    assert answer.headers["Cache-Control"] == "no-store"
    assert counted(shop) == {("product:1", "clicks"): 10_000}


def test_a_script_gets_the_target_in_place_of_a_redirect(shop):
    answer = get(shop, "/e/go/products/product:1?script=1")

    assert (answer.status, answer.body) == (200, {"target": TARGET})
    assert counted(shop) == {("product:1", "clicks"): 10_000}


@pytest.mark.parametrize(
    "path",
    [
        "/e/go/products/product:2",
        "/e/go/products/product:3",
        "/e/go/products/product:3?url=https://evil.example&target=https://evil.example",
        "/e/go/nothing/product:1",
        "/e/go/products/" + quote("https://evil.example", safe=""),
        "/e/go/products/" + quote("//evil.example", safe=""),
    ],
)
def test_nothing_but_a_declared_target_is_ever_led_to(shop, path):
    answer = get(shop, path)

    assert answer.status in (400, 404)
    assert "Location" not in answer.headers
    assert counted(shop) == {}
