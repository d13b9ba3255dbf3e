"""Pages of other origins: listed ones may read the answer, and the others count for nobody."""

from typing import Any

import pytest

from chalicelib import config
from tests.web.browser.test_routes import excluded
from tests.web.client import Site

PAGE = "https://shop.example"
OTHER = "https://thief.example"
AGENT = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
)
CONFIRM = {"visitor": "visitor-1", "events": [{"type": "confirm", "id": "c"}]}
EXPERIMENT = {"name": "headline", "state": "enabled"}
ENROLL = {"visitor": "visitor-1", "events": [{"type": "enroll", "id": "e", "experiment": "headline"}]}


def post(
    site: Site, origin: str | None, path: str = "/e/collect", body: Any = CONFIRM, **headers: str
) -> Any:
    given = {"User-Agent": AGENT, "Content-Type": "text/plain", **headers}
    given |= {} if origin is None else {"Origin": origin}
    return site.send("POST", path, body, **given)


@pytest.fixture
def listed(site: Site, monkeypatch: pytest.MonkeyPatch) -> Site:
    monkeypatch.setenv("ALLOWED_ORIGINS", f"{PAGE}, pk_blog=https://blog.example")
    config.settings.cache_clear()
    return site


def test_a_listed_origin_may_read_the_answer_with_its_cookies(listed: Site) -> None:
    headers = post(listed, PAGE).headers

    assert headers["Access-Control-Allow-Origin"] == PAGE
    assert headers["Access-Control-Allow-Credentials"] == "true"
    assert "X-Leansplit-Visitor" in headers["Access-Control-Expose-Headers"]
    assert headers["Vary"] == "Origin"


@pytest.mark.parametrize(
    "origin", [None, OTHER, "null", "https://shop.example.thief.example", "http://shop.example"]
)
def test_no_other_origin_is_echoed_and_none_is_a_wildcard(listed: Site, origin: str | None) -> None:
    for answer in (post(listed, origin), listed.send("GET", "/e/assign", Origin=origin or "")):
        assert "Access-Control-Allow-Origin" not in answer.headers
        assert answer.headers["Vary"] == "Origin"


def test_an_origin_belongs_to_its_public_key(listed: Site) -> None:
    assert "Access-Control-Allow-Origin" not in post(listed, "https://blog.example").headers
    assert (
        "Access-Control-Allow-Origin"
        in post(listed, "https://blog.example", "/e/collect?key=pk_blog").headers
    )
    assert "Access-Control-Allow-Origin" not in post(listed, PAGE, "/e/collect?key=pk_blog").headers


def test_a_strange_page_counts_for_nobody_and_is_told_nothing(listed: Site) -> None:
    listed.load(EXPERIMENT)
    assert post(listed, OTHER, body=ENROLL).status == 204

    assert listed.store.visitors == {}
    assert excluded(listed) == {"origin": 1}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": PAGE},
        {"Origin": OTHER, "Sec-Fetch-Site": "same-origin"},
        {"Origin": OTHER, "Host": "thief.example"},
    ],
)
def test_a_page_of_ours_counts(listed: Site, headers: dict[str, str]) -> None:
    post(listed, None, **headers)

    assert set(listed.store.visitors) == {"visitor-1"}


def test_without_a_list_every_origin_counts_and_none_is_echoed(site: Site) -> None:
    answer = post(site, OTHER)

    assert set(site.store.visitors) == {"visitor-1"}
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_pages_under_the_cookie_s_domain_need_no_list(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COOKIE_DOMAIN", "shop.example")
    config.settings.cache_clear()

    assert (
        post(site, "https://www.shop.example").headers["Access-Control-Allow-Origin"]
        == "https://www.shop.example"
    )
    assert "Access-Control-Allow-Origin" not in post(site, "https://myshop.example").headers
