"""Valid requests of browsers and of servers."""

from collections.abc import Iterator

from bench.hostile.request import Example

CONFIRM = {"type": "confirm", "id": "c1", "age": 5}
ENROLL = {"type": "enroll", "id": "e1", "age": 4, "experiment": "running", "phase": 1}
REACHED = {"type": "goal", "id": "g1", "age": 1, "goal": "spend", "value": 29.9}
EVENT = {"tracker": "shop", "object": "product:1", "field": "views", "op": "incr", "by": "2.5", "age": 10}


def visitor_examples(token: str, pixel: str) -> Iterator[Example]:
    """With the token of a visitor, and that of a picture of the goal `buy`."""
    yield from _collecting(token, pixel)
    yield from _tracking()
    yield from _servers(token)


def _collecting(token: str, pixel: str) -> Iterator[Example]:
    for query in ({"experiments": "running,won", "visitor": token}, {"visitor": "visitor-0001"}, {}):
        yield Example("GET /e/assign", query=query)
    for visitor in ("visitor-0001", token):
        body = {"visitor": visitor, "webdriver": False, "events": [CONFIRM, ENROLL, REACHED]}
        yield Example("POST /e/collect", {}, body)
    yield Example("POST /e/collect", {}, {"visitor": "visitor-0002", "events": [REACHED]}, {}, "server")
    yield Example("GET /e/goal")
    for query in (
        {"visitor": pixel},
        {"visitor": token, "value": "3", "id": "p1"},
        {"visitor": "visitor-0003"},
    ):
        yield Example("GET /e/goal/{goal}", {"goal": "buy"}, None, query)


def _tracking() -> Iterator[Example]:
    hourly = {"tracker": "keyed", "object": "page:1", "field": "views"}
    for body in (
        {"events": [EVENT, hourly], "key": "pk-1", "webdriver": False},
        {"id": "t1", "events": [EVENT]},
    ):
        yield Example("POST /e/track", {}, body)
    sums = {**hourly, "tracker": "sums", "at": "2026-03-09T10:00:00Z", "user_agent": "Firefox"}
    strict = {**EVENT, "tracker": "strict"}
    yield Example("POST /e/track", {}, {"id": "t2", "events": [EVENT, sums, strict]}, {}, "server")
    path = {"tracker": "shop", "object": "product:1", "field": "views"}
    yield Example(
        "GET /e/track/{tracker}/{object}/{field}", path, None, {"op": "decr", "by": "1", "key": "k"}
    )
    for query in ({}, {"script": "1", "key": "k"}):
        yield Example("GET /e/go/{tracker}/{object}", {"tracker": "shop", "object": "product:1"}, None, query)


def _servers(token: str) -> Iterator[Example]:
    users = [{"user_id": "42"}, {"user_id": "é 43"}, {"visitor": token}, {"visitor": "visitor-0004"}]
    for user in users:
        asked = {**user, "experiments": ["running"], "enroll": True}
        yield Example("POST /v1/assign", {}, asked, {}, "server")
        told = {**user, "goal": "buy", "value": 2, "id": "o1", "at": "2026-03-10T11:59:00Z"}
        yield Example("POST /v1/goals", {}, told, {}, "server")
    every = [{**user, "experiments": ["running"]} for user in users]
    yield Example("POST /v1/assign", {}, every, {}, "server")
    spent = [{**user, "goal": "spend", "value": "12.5"} for user in users]
    yield Example("POST /v1/goals", {}, spent, {}, "server")
    yield Example("POST /v1/engagement", {}, spent[0], {}, "server")
    yield Example("POST /v1/engagement", {}, spent, {}, "server")
    login = {"user_id": "77", "visitor": token, "at": "2026-03-10T11:00:00Z"}
    yield Example("POST /v1/identify", {}, login, {}, "server")
    yield Example("POST /v1/identify", {}, [login, {**login, "user_id": "78"}], {}, "server")
    yield Example("POST /v1/pixels", {}, {"visitor": token, "goal": "buy", "value": 2.5}, {}, "server")
    yield Example("DELETE /v1/visitors/{visitor}", {"visitor": "visitor-0005"}, None, {}, "server")
    yield Example("DELETE /v1/visitors/{visitor}", {"visitor": token}, None, {}, "server")
    yield Example("POST /v1/erase", {}, {"user_id": "44"}, {}, "server")
    yield Example("POST /v1/erase", {}, [{"user_id": "45"}, {"visitor": "visitor-0008"}], {}, "server")
