"""A goal's picture in a mail: asked for by a server, counted once, and it can do nothing else."""

from typing import Any

import pytest

from chalicelib.domain.instant import DAY
from chalicelib.domain.visitors.visitor import Visitor
from chalicelib.storage.document import visitor_of
from chalicelib.web.http.token import sign
from tests.web.browser.test_routes import excluded
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


def test_a_bot_that_fetches_it_is_counted_by_reason(enrolled: Site) -> None:
    enrolled.send("GET", path_of(enrolled), **{"User-Agent": "Googlebot/2.1"})

    assert visitor(enrolled).facts == ()
    assert excluded(enrolled, "*") == {"bot": 1}


@pytest.mark.parametrize(
    ("field", "value"),
    [("visitor", VISITOR), ("visitor", None), ("visitor", "v1.x.y"), ("goal", "no spaces")],
)
def test_only_a_token_and_a_name_make_one(site: Site, field: str, value: Any) -> None:
    answer = site.post("/v1/pixels", {"visitor": TOKEN, "goal": "buy", field: value}, SERVER)

    assert (answer.status, answer.body["field"]) == (400, field)


def test_only_a_server_s_key_makes_one(site: Site) -> None:
    assert site.post("/v1/pixels", {"visitor": TOKEN, "goal": "buy"}, "not-a-key-of-a-server").status == 401
