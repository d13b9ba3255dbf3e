"""A goal's picture in a mail: asked for by a server, counted once, and it can do nothing else."""

from typing import Any

import pytest

from chalicelib import config
from chalicelib.domain.instant import DAY
from chalicelib.domain.tracking.tracker import MAIL_PROXIES
from chalicelib.domain.visitors.visitor import Visitor
from chalicelib.storage.document import visitor_of
from chalicelib.web.http.token import sign
from tests.web.browser.test_routes import counted, excluded
from tests.web.client import SERVER, TOKENS, Site

AGENT = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
)
EXPERIMENT = {"name": "headline", "state": "enabled", "goals": ["buy", "other"]}
VISITOR = "visitor-1"
TOKEN = sign(VISITOR, [TOKENS])


def path_of(site: Site, **fields: Any) -> str:
    answer = site.post("/v1/pixels", {"visitor": TOKEN, "goal": "buy", **fields}, SERVER)
    assert answer.status == 201
    return str(answer.body["path"])


def visitor(site: Site) -> Visitor:
    return visitor_of(VISITOR, site.store.visitors[VISITOR][0])


@pytest.fixture
def enrolled(site: Site) -> Site:
    site.load(EXPERIMENT)
    site.send(
        "POST",
        "/e/collect",
        {"visitor": TOKEN, "events": [{"type": "enroll", "id": "e", "experiment": "headline"}]},
        **{"User-Agent": AGENT},
    )
    return site


def test_the_picture_counts_its_goal_once_however_often_the_mail_is_read(enrolled: Site) -> None:
    path = path_of(enrolled)
    for _ in range(3):
        enrolled.now += 1000
        assert enrolled.send("GET", path, **{"User-Agent": AGENT}).status == 200

    assert [fact.goal for fact in visitor(enrolled).facts] == ["buy"]


def test_it_sets_no_cookie_and_confirms_no_human(enrolled: Site) -> None:
    answer = enrolled.send("GET", path_of(enrolled), **{"User-Agent": AGENT})

    assert "Set-Cookie" not in answer.headers
    assert "X-Leansplit-Visitor" not in answer.headers
    assert visitor(enrolled).human is None


def test_it_counts_no_other_goal_and_nothing_after_ninety_days(enrolled: Site) -> None:
    path = path_of(enrolled)
    assert enrolled.send("GET", path.replace("goal/buy", "goal/other"), **{"User-Agent": AGENT}).status == 200
    enrolled.now += 90 * DAY
    assert enrolled.send("GET", path, **{"User-Agent": AGENT}).status == 200

    assert visitor(enrolled).facts == ()


def test_the_picture_s_token_is_no_visitor_s_token(enrolled: Site) -> None:
    token = path_of(enrolled).split("visitor=")[1]
    enrolled.send(
        "POST",
        "/e/collect",
        {"visitor": token, "events": [{"type": "confirm", "id": "c"}]},
        **{"User-Agent": AGENT},
    )

    assert visitor(enrolled).human is None


PROXIES = [
    "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
    "YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html",
    "",
]


@pytest.mark.parametrize("agent", PROXIES)
def test_what_a_mail_provider_fetches_counts_once_and_is_told_apart(enrolled: Site, agent: str) -> None:
    path = path_of(enrolled)
    for _ in range(2):
        enrolled.send("GET", path, **{"User-Agent": agent})

    assert [fact.goal for fact in visitor(enrolled).facts] == ["buy"]
    assert counted(enrolled, MAIL_PROXIES) == {("goal:buy", "times"): 1}
    assert excluded(enrolled, "*") == {}


def test_a_site_may_leave_out_what_mail_providers_fetch(
    enrolled: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = path_of(enrolled)
    monkeypatch.setenv("COUNT_MAIL_PROXIES", "0")
    config.settings.cache_clear()
    enrolled.send("GET", path, **{"User-Agent": PROXIES[0]})
    assert (visitor(enrolled).facts, excluded(enrolled, "*")) == ((), {"mail_proxy": 1})

    enrolled.send("GET", path, **{"User-Agent": AGENT})
    assert [fact.goal for fact in visitor(enrolled).facts] == ["buy"]
    assert counted(enrolled, MAIL_PROXIES) == {}


def test_it_counts_the_value_that_was_signed_whatever_is_added_to_its_address(enrolled: Site) -> None:
    path = path_of(enrolled, value="29.9")
    for added in ("", "&id=1&value=1e9", "&id=2", "&value=5"):
        enrolled.send("GET", path + added, **{"User-Agent": AGENT})

    assert [(fact.goal, fact.value) for fact in visitor(enrolled).facts] == [("buy", 299_000)]


def test_without_a_signed_value_it_has_none(enrolled: Site) -> None:
    enrolled.send("GET", path_of(enrolled) + "&value=1e9", **{"User-Agent": AGENT})

    assert [fact.value for fact in visitor(enrolled).facts] == [None]


@pytest.mark.parametrize(
    ("field", "value"),
    [("visitor", VISITOR), ("visitor", None), ("visitor", "v1.x.y"), ("goal", "no spaces")],
)
def test_only_a_token_and_a_name_make_one(site: Site, field: str, value: Any) -> None:
    answer = site.post("/v1/pixels", {"visitor": TOKEN, "goal": "buy", field: value}, SERVER)

    assert (answer.status, answer.body["field"]) == (400, field)


def test_only_a_server_s_key_makes_one(site: Site) -> None:
    assert site.post("/v1/pixels", {"visitor": TOKEN, "goal": "buy"}, "not-a-key-of-a-server").status == 401
