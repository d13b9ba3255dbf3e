"""Valid requests of operators: trackers, their objects and counters, and what was set aside."""

from collections.abc import Iterator

from bench.hostile.request import Example

TRACKERS = (
    {"name": "shop", "kind": "product", "fields": ["views", "clicks"], "click_field": "clicks"},
    {"name": "strict", "kind": "product", "fields": ["views"], "strict": True, "declared_only": True},
    {
        "name": "keyed",
        "kind": "page",
        "fields": ["views"],
        "granularity": "hourly",
        "public_key": "pk-1",
        "origins": ["https://shop.example"],
        "retention_days": 30,
        "lanes": 2,
        "count_spiders": True,
    },
    {"name": "sums", "kind": "page", "fields": ["views"], "granularity": "total", "server_only": True},
)
OBJECTS = {
    "objects": ["product:2", {"object": "product:1", "label": "Teapot", "target": "https://shop.example/1"}]
}


def tracker_examples(set_aside: str) -> Iterator[Example]:
    """With the id of an event that was set aside."""
    yield from _trackers()
    for action in ("replay", "dismiss"):
        yield Example(f"POST /admin/set-aside/{action}", {}, {"ids": [set_aside, "shop/none"]}, {}, "admin")
    mended = {"ids": [set_aside], "event": {"object": "product:1", "field": "views"}, "any_age": True}
    yield Example("POST /admin/set-aside/replay", {}, mended, {}, "admin")
    query = {
        "tracker": "shop",
        "start": "0",
        "length": "10",
        "search": "object",
        "sort": "-received_at,reason",
    }
    yield Example("GET /admin/set-aside", {}, None, query, "admin")


def _trackers() -> Iterator[Example]:
    yield Example("GET /admin/trackers", key="admin")
    for tracker in TRACKERS:
        yield Example("POST /admin/trackers", {}, {**tracker, "name": f"new-{tracker['name']}"}, {}, "admin")
    one, path = "/admin/trackers/{tracker}", {"tracker": "shop"}
    yield Example(f"PATCH {one}", path, {"fields": ["views", "clicks", "buys"], "lanes": 8}, {}, "admin")
    yield Example(f"PATCH {one}", {"tracker": "keyed"}, {"strict": False, "origins": []}, {}, "admin")
    days = {"from": "2026-03-01", "to": "2026-03-10"}
    table = {"start": "0", "length": "5", "search": "tea", "sort": "-views,object", "draw": "3"}
    yield Example(f"GET {one}", path, None, {**days, **table}, "admin")
    yield Example(f"GET {one}/top", path, None, {**days, "field": "views", "n": "3"}, "admin")
    for name, thing in (("shop", "product:1"), ("keyed", "page:1"), ("sums", "page:1")):
        query = {**days, "object": thing, "field": "views"}
        yield Example(f"GET {one}/series", {"tracker": name}, None, query, "admin")
    for kind in ("csv", "json"):
        yield Example(f"GET {one}/export", path, None, {**days, "format": kind}, "admin")
    yield Example(f"POST {one}/objects", path, OBJECTS, {}, "admin")
    yield Example(f"GET {one}/objects", path, None, {"search": "tea", "sort": "-label"}, "admin")
    rows = [
        {"object": "product:1", "field": "views", "by": "1.5", "op": "decr", "at": "2026-03-02T10:00:00Z"}
    ]
    yield Example(f"POST {one}/import", path, {"id": "i-1", "rows": rows}, {}, "admin")
