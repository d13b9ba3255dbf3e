"""The answers to a fixed list of requests, one JSON line each: `python -m bench.answers URL > before.jsonl`.

Run it before and after a change that must not be seen from outside, each time on a fresh
`make serve` with the same keys, and compare the two files. Instants, days, ids and signatures are
masked; everything else must be equal.

    ADMIN_KEY=an-admin-key-for-answers SERVER_KEY=a-server-key-for-answers PORT=8123 make serve
    python -m bench.answers http://127.0.0.1:8123 > before.jsonl
"""

import argparse
import http.client
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

ADMIN, SERVER = "an-admin-key-for-answers", "a-server-key-for-answers"
AGENT = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
)
_KEPT = ("content-type", "cache-control", "set-cookie", "location", "x-leansplit-visitor", "vary")
_MASKS = (
    (re.compile(r"v1\.[\w~.%-]+?\.[\w-]{20,}"), "TOKEN"),
    (re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|\+00:00)"), "INSTANT"),
    (re.compile(r"\d{4}-\d{2}-\d{2}"), "DAY"),
    (re.compile(r"manual-[\w-]+"), "JOB"),
    (re.compile(r"[\w-]{8,}\.buy\.\d+\.[\w-]+"), "PIXEL"),
    (re.compile(r'"(visitor|id)": "[\w-]{22}"'), '"ID"'),
    (re.compile(r"\d{13}#[\w-]+"), "MESSAGE"),
)

Request = tuple[str, str, Any, str | None]
"""Method, path, body, key."""


def requests() -> Iterator[Request]:
    """Every route with good and bad input; later ones see what earlier ones did."""
    yield from _definitions()
    yield from _browsers()
    yield from _servers()
    yield from _trackers()
    yield from _changes()


def _definitions() -> Iterator[Request]:
    experiment = {
        "name": "colour",
        "state": "enabled",
        "goals": ["buy", {"name": "spend", "type": "engagement"}],
    }
    for body in (
        experiment,
        experiment,
        {"name": "three", "variations": ["control", "b", "c"], "weights": [60, 30, 10], "coverage": 0.5},
        {"name": "bad name"},
        {"name": "x", "weights": [1, -1]},
        {"name": "x", "alpha": 2},
        {"name": "x", "unknown": 1},
        {"name": "constructor"},
        [],
        b"{",
        b"\xff",
    ):
        yield "POST", "/admin/experiments", body, ADMIN
    for path in (
        "/admin/experiments",
        "/admin/experiments/colour",
        "/admin/experiments/none",
        "/admin/goals",
    ):
        yield "GET", path, None, ADMIN
    for key in (None, SERVER, "wrong"):
        yield "GET", "/admin/experiments", None, key
    for goal in (
        {"name": "tea", "unit": "EUR", "type": "engagement", "max_value": 100},
        {"name": "tea"},
        {"name": "any"},
        {
            "name": "q",
            "type": "ratio",
            "numerator": {"goal": "tea"},
            "denominator": {"goal": "buy", "metric": "count"},
        },
        {"name": "q2", "type": "ratio"},
        {"name": "w", "type": "engagement", "winsorize": 0.99},
    ):
        yield "POST", "/admin/goals", goal, ADMIN
    loaded: list[Any] = [{"name": "filed"}, {"name": "!"}, "text"]
    for body in (
        loaded,
        {"experiments": loaded, "trackers": [{"name": "t0", "kind": "x", "fields": ["a"]}]},
        {},
        5,
    ):
        yield "POST", "/admin/definitions", body, ADMIN


def _browsers() -> Iterator[Request]:
    visitor = "answers-visitor-0001"
    for query in (
        f"?visitor={visitor}",
        f"?experiments=colour&visitor={visitor}",
        f"?experiments=colour,none&visitor={visitor}",
        "?experiments=" + "a," * 101,
    ):
        yield "GET", "/e/assign" + query, None, None
    confirm = {"type": "confirm", "id": "c1", "age": 5}
    enroll = {"type": "enroll", "id": "e1", "age": 4, "experiment": "colour"}
    for events in (
        [confirm, enroll, {"type": "goal", "id": "g1", "age": 1, "goal": "buy", "value": 29.9}],
        [confirm, enroll],
        [{"type": "goal", "id": "g2", "goal": "nothing"}],
        [{"type": "goal", "id": "g3", "goal": "buy", "value": "x"}],
        [{"type": "dance"}, 5, None],
        [{**enroll, "id": "e2", "variation": "purple"}],
        [confirm] * 51,
    ):
        yield "POST", "/e/collect", {"visitor": visitor, "events": events}, None
    for body in (
        b"",
        b"nonsense",
        b"[]",
        {"events": 7},
        {"visitor": visitor, "webdriver": True, "events": [confirm]},
    ):
        yield "POST", "/e/collect", body, None
    for path in (
        "/e/goal",
        "/e/goal/buy",
        "/e/goal/buy?value=3",
        "/e/goal/none",
        "/e/goal/buy?value=1,5",
        "/e/goal/%20",
    ):
        yield "GET", path, None, None


def _servers() -> Iterator[Request]:
    for body in (
        {"user_id": "42", "experiments": ["colour"]},
        {"user_id": "42", "experiments": ["colour"], "enroll": False},
        {"user_id": "", "experiments": ["colour"]},
        [{"user_id": "43"}, {"user_id": 5}, "x"],
        {"experiments": ["colour"]},
    ):
        yield "POST", "/v1/assign", body, SERVER
    for body in (
        {"user_id": "42", "goal": "buy", "value": 12.5, "id": "o1"},
        {"user_id": "42", "goal": "buy", "value": 12.5, "id": "o1"},
        {"user_id": "42", "goal": "nothing"},
        {"user_id": "42", "goal": "buy", "value": 1e12},
        {"user_id": "42", "goal": "buy", "at": "yesterday"},
        [{"user_id": "44", "goal": "buy"}] * 3,
        [],
    ):
        yield "POST", "/v1/goals", body, SERVER
    yield "POST", "/v1/engagement", {"user_id": "42", "goal": "spend", "value": 7}, SERVER
    yield "POST", "/v1/engagement", {"user_id": "42", "goal": "spend"}, SERVER
    for body in ({"user_id": "42", "goal": "buy"}, {"user_id": "42", "goal": "none"}, {"goal": "buy"}):
        yield "POST", "/v1/pixels", body, SERVER
    for body in ({"user_id": "42", "visitor": "v1.nobody.bad"}, {"user_id": "42"}, {}):
        yield "POST", "/v1/identify", body, SERVER
    yield "POST", "/v1/erase", {"user_id": "44"}, SERVER
    yield "POST", "/v1/erase", {"user_id": "44"}, SERVER
    yield "DELETE", "/v1/visitors/answers-visitor-0009", None, SERVER
    yield "POST", "/v1/goals", {"user_id": "42", "goal": "buy"}, ADMIN
    yield "POST", "/v1/goals", {"user_id": "42", "goal": "buy"}, None


def _trackers() -> Iterator[Request]:
    tracker = {"name": "shop", "kind": "product", "fields": ["views", "clicks"], "click_field": "clicks"}
    for body in (
        tracker,
        tracker,
        {"name": "bad", "kind": ""},
        {"name": "t", "kind": "k", "granularity": "weekly"},
    ):
        yield "POST", "/admin/trackers", body, ADMIN
    objects = [{"object": "product:1", "label": "Teapot", "target": "https://shop.example/1"}]
    yield "POST", "/admin/trackers/shop/objects", objects, ADMIN
    yield "POST", "/admin/trackers/shop/objects", {"objects": objects}, ADMIN
    yield "GET", "/admin/trackers/shop/objects", None, ADMIN
    event = {"tracker": "shop", "object": "product:1", "field": "views"}
    for body in (
        {"events": [event]},
        [event, {**event, "field": "none"}, {**event, "by": "x"}, {"tracker": "none"}],
        {"events": []},
        b"?",
    ):
        yield "POST", "/e/track", body, None
        yield "POST", "/e/track", body, SERVER
    for path in ("/e/track/shop/product:1/views", "/e/track/none/product:1/views", "/e/go/shop/product:1"):
        yield "GET", path, None, None
    yield "GET", "/e/go/shop/product:1?script=1", None, None
    yield "GET", "/e/go/shop/product:9", None, None
    for path in (
        "",
        "/shop",
        "/shop?sort=-views&length=5",
        "/shop?sort=none",
        "/shop?from=x",
        "/none",
        "/excluded",
    ):
        yield "GET", "/admin/trackers" + path, None, ADMIN
    for path in ("series?object=product:1&field=views", "series", "top?field=views&n=3", "top?n=x", "export"):
        yield "GET", "/admin/trackers/shop/" + path, None, ADMIN
    yield "GET", "/admin/trackers/shop/export?format=csv", None, ADMIN
    yield "PATCH", "/admin/trackers/shop", {"strict": True}, ADMIN
    yield "PATCH", "/admin/trackers/shop", {"granularity": "hourly"}, ADMIN
    yield "POST", "/admin/trackers/shop/import", {"id": "i1", "rows": [{"object": "product:1"}]}, ADMIN
    for body in ({"ids": ["none"]}, {}, {"ids": []}):
        yield "POST", "/admin/set-aside/replay", body, ADMIN
        yield "POST", "/admin/set-aside/dismiss", body, ADMIN


def _changes() -> Iterator[Request]:
    for body in (
        {"weights": [90, 10]},
        {"weights": [1]},
        {"coverage": 0.5},
        {"coverage": 7},
        {"description": "Blue or green"},
        {"description": 7},
        {"state": "enabled"},
        {"variations": ["control", "test", "third"]},
    ):
        yield "PATCH", "/admin/experiments/colour", body, ADMIN
    yield "PATCH", "/admin/goals/tea", {"unit": "USD"}, ADMIN
    yield "PATCH", "/admin/goals/none", {"unit": "USD"}, ADMIN
    yield "PATCH", "/admin/goals/buy", {"window_days": 3}, ADMIN
    yield "POST", "/admin/experiments/colour/promote", {"variation": "none"}, ADMIN
    yield "POST", "/admin/experiments/colour/promote", {"variation": "test"}, ADMIN
    yield "POST", "/admin/experiments/colour/promote", {}, ADMIN
    for name in ("colour", "none"):
        yield "POST", f"/admin/experiments/{name}/enable", {}, ADMIN
        yield "POST", f"/admin/experiments/{name}/disable", {}, ADMIN
    yield "GET", "/e/assign?experiments=colour&visitor=answers-visitor-0001", None, None
    yield "POST", "/admin/publish", {}, ADMIN
    for path in (
        "/admin/reports/colour",
        "/admin/reports/none",
        "/admin/reports/colour/latest",
        "/admin/reports/colour/x",
    ):
        yield "GET", path, None, ADMIN
    yield "GET", "/admin/jobs/none", None, ADMIN
    yield "GET", "/admin/none", None, ADMIN
    yield "GET", "/leansplit.config.js", None, None


def masked(text: str) -> str:
    """`text` without what differs between two runs of the same code."""
    for pattern, word in _MASKS:
        text = pattern.sub(word, text)
    return text


def answer(connection: http.client.HTTPConnection, request: Request) -> dict[str, Any]:
    """Status, some headers and the body of one answer, masked."""
    method, path, body, key = request
    headers = {"User-Agent": AGENT, "Accept": "*/*", "Sec-Fetch-Site": "same-origin"}
    data = None
    if body is not None:
        headers["Content-Type"] = "application/json"
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
    if key is not None:
        headers["Authorization"] = f"Bearer {key}"
    connection.request(method, path, data, headers)
    got = connection.getresponse()
    told = got.read()
    return {
        "request": [method, path[:80], key],
        "status": got.status,
        "headers": {name: masked(value) for name in _KEPT if (value := got.headers.get(name)) is not None},
        "body": masked(told.decode("utf-8", "backslashreplace")),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("url", help="where `make serve` answers, as in http://127.0.0.1:8000")
    parts = urlsplit(parser.parse_args().url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
    for request in requests():
        print(json.dumps(answer(connection, request), sort_keys=True))


if __name__ == "__main__":
    main()
