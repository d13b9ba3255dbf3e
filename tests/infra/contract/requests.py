"""A good request of every operation, and the bad ones that its documented answers need."""

from typing import Any, NamedTuple

from chalicelib.domain.instant import iso_at, iso_day
from chalicelib.web.http.token import sign
from tests.web.client import ADMIN, NOW, SERVER, TOKENS

VISITOR = "a-visitor-of-the-contract"
ERASED = "a-visitor-who-is-erased"
TOKEN = sign(VISITOR, [TOKENS])
DAY = iso_day(NOW // 86_400_000)
ENROLL = {"type": "enroll", "id": "e1", "experiment": "headline"}
EVENTS = [{"type": "confirm", "id": "c1"}, ENROLL, {"type": "goal", "id": "g1", "goal": "buy", "value": 2.5}]
EVENT = {"tracker": "products", "object": "product:42", "field": "views"}
TRACKER = {"name": "products", "kind": "product", "fields": ["views", "clicks"], "click_field": "clicks"}


class Request(NamedTuple):
    """What is sent; `place` is the path of the document."""

    method: str
    path: str
    body: Any = None
    key: str | None = ADMIN


def good() -> dict[tuple[str, str], list[Request]]:
    """By method and path of the document, in an order in which each finds what it needs."""
    return {
        ("GET", "/admin/experiments"): [Request("GET", "/admin/experiments")],
        ("POST", "/admin/experiments"): [
            Request("POST", "/admin/experiments", {"name": "colour", "goals": ["sold"], "weights": [9, 1]})
        ],
        ("GET", "/admin/experiments/{name}"): [Request("GET", "/admin/experiments/headline")],
        ("PATCH", "/admin/experiments/{name}"): [
            Request("PATCH", "/admin/experiments/headline", {"description": "Which headline?"})
        ],
        ("POST", "/admin/experiments/{name}/enable"): [
            Request("POST", "/admin/experiments/colour/enable", {})
        ],
        ("POST", "/admin/experiments/{name}/disable"): [
            Request("POST", "/admin/experiments/colour/disable", {})
        ],
        ("POST", "/admin/experiments/{name}/promote"): [
            Request("POST", "/admin/experiments/colour/promote", {"variation": "test"})
        ],
        ("POST", "/admin/definitions"): [
            Request("POST", "/admin/definitions", [{"name": "filed"}, {"name": "!"}]),
            Request("POST", "/admin/definitions", {"experiments": [{"name": "filed"}], "trackers": []}),
        ],
        ("POST", "/admin/publish"): [Request("POST", "/admin/publish", {})],
        ("GET", "/admin/goals"): [Request("GET", "/admin/goals")],
        ("POST", "/admin/goals"): [
            Request("POST", "/admin/goals", {"name": "tea", "type": "engagement", "cap": "100"}),
            Request("POST", "/admin/goals", _ratio()),
        ],
        ("PATCH", "/admin/goals/{name}"): [Request("PATCH", "/admin/goals/tea", {"unit": "EUR"})],
        ("GET", "/admin/goals/{name}"): [Request("GET", "/admin/goals/tea")],
        **_lives(),
        ("GET", "/admin/reports/{experiment}"): [Request("GET", "/admin/reports/headline")],
        ("GET", "/admin/reports/{experiment}/{day}"): [Request("GET", "/admin/reports/headline/latest")],
        ("GET", "/admin/reports/{experiment}/{day}/file"): [
            Request("GET", f"/admin/reports/headline/{DAY}/file")
        ],
        ("POST", "/admin/reports"): [
            Request("POST", "/admin/reports"),
            Request("POST", "/admin/reports", {"limit_seconds": 60}),
        ],
        ("GET", "/admin/jobs/{job_id}"): [Request("GET", "/admin/jobs/nightly-job")],
        ("POST", "/admin/jobs/{job_id}/cancel"): [Request("POST", "/admin/jobs/nightly-job/cancel", {})],
        **_trackers(),
        **_servers(),
        **_browsers(),
    }


def bad() -> list[Request]:
    """Requests whose answers are errors that no other operation's trouble brings."""
    admin = [
        Request("POST", "/admin/experiments", {"name": "headline"}),
        Request("PATCH", "/admin/experiments/headline", {"state": "promoted"}),
        Request("POST", "/admin/definitions", 5),
        Request("POST", "/admin/goals", {"name": "any"}),
        Request("PATCH", "/admin/goals/buy", {"window_days": 3}),
        Request("PATCH", "/admin/goals/none", {"unit": "EUR"}),
        Request("GET", "/admin/reports/none"),
        Request("GET", "/admin/reports/headline/yesterday"),
        Request("GET", "/admin/reports/headline/2026-01-01"),
        Request("GET", "/admin/reports/headline/yesterday/file"),
        Request("GET", "/admin/reports/headline/2026-01-01/file"),
        Request("POST", "/admin/reports", {"limit_seconds": 1}),
        Request("GET", "/admin/jobs/none"),
        Request("POST", "/admin/jobs/none/cancel", {}),
        Request("GET", "/admin/experiments/none"),
        Request("PATCH", "/admin/experiments/none", {"description": ""}),
        *(
            Request("POST", f"/admin/experiments/none/{each}", {"variation": "test"})
            for each in ("enable", "disable", "promote")
        ),
        Request("POST", "/admin/experiments/headline/promote", {}),
    ]
    for kind in ("experiments", "goals", "trackers"):
        none = f"/admin/{kind}/none"
        admin.append(Request("GET", f"/admin/{kind}?archived=perhaps"))
        admin += [Request("POST", f"{none}/archive"), Request("POST", f"{none}/restore")]
        admin += [Request("GET", none), Request("DELETE", none)]
    return [*admin, *_bad_trackers(), *_bad_servers(), *_bad_browsers()]


def _lives() -> dict[tuple[str, str], list[Request]]:
    """Each is archived, restored and deleted, and one that cannot be read is archived."""
    found: dict[tuple[str, str], list[Request]] = {}
    for kind, name, place in (
        ("experiments", "colour", "{name}"),
        ("goals", "per-view", "{name}"),
        ("trackers", "spare", "{tracker}"),
    ):
        one = f"/admin/{kind}/{place}"
        mine = f"/admin/{kind}/{name}"
        found["POST", f"{one}/archive"] = [
            Request("POST", f"{mine}/archive", {}),
            Request("POST", f"/admin/{kind}/unreadable/archive", {}),
        ]
        found["POST", f"{one}/restore"] = [Request("POST", f"{mine}/restore", {})]
        found["DELETE", one] = [Request("DELETE", mine)]
    return found


def _ratio() -> dict[str, Any]:
    return {"name": "per-view", "type": "ratio", "numerator": "tea", "denominator": "buy"}


def _trackers() -> dict[tuple[str, str], list[Request]]:
    one = "/admin/trackers/products"
    objects = [{"object": "product:42", "label": "Teapot", "target": "https://shop.example/42"}, "product:43"]
    rows = [{"object": "product:42", "field": "views", "by": 3, "at": iso_at(NOW)}]
    place = "/admin/trackers/{tracker}"
    return {
        ("POST", "/admin/trackers"): [Request("POST", "/admin/trackers", {**TRACKER, "name": "pages"})],
        ("GET", "/admin/trackers"): [Request("GET", "/admin/trackers")],
        ("PATCH", place): [Request("PATCH", "/admin/trackers/pages", {"strict": True})],
        ("POST", f"{place}/objects"): [Request("POST", f"{one}/objects", {"objects": objects})],
        ("GET", f"{place}/objects"): [Request("GET", f"{one}/objects?search=tea&sort=-label")],
        ("POST", f"{place}/import"): [Request("POST", f"{one}/import", {"id": "i1", "rows": rows})],
        ("GET", place): [Request("GET", f"{one}?sort=-views&length=5&draw=7"), Request("GET", one)],
        ("GET", f"{place}/top"): [Request("GET", f"{one}/top?field=views&n=3")],
        ("GET", f"{place}/series"): [Request("GET", f"{one}/series?object=product:42&field=views")],
        ("GET", f"{place}/export"): [
            Request("GET", f"{one}/export"),
            Request("GET", f"{one}/export?format=csv"),
        ],
        ("GET", "/admin/set-aside"): [Request("GET", "/admin/set-aside?search=dance")],
        ("POST", "/admin/set-aside/replay"): [
            Request("POST", "/admin/set-aside/replay", {"ids": ["products/none", "a"], "any_age": True})
        ],
        ("POST", "/admin/set-aside/dismiss"): [
            Request("POST", "/admin/set-aside/dismiss", {"ids": ["products/none"]})
        ],
    }


def _servers() -> dict[tuple[str, str], list[Request]]:
    assign: dict[str, Any] = {"user_id": "42", "experiments": ["headline", "unknown"]}
    told = {"user_id": "42", "goal": "buy", "value": "2.5", "id": "order-1"}
    login = {"visitor": TOKEN, "user_id": "42"}
    nobody = {"user_id": "nobody"}

    def both(path: str, one: Any, *more: Any) -> list[Request]:
        return [Request("POST", path, one, SERVER), Request("POST", path, [one, *more, {}, 5], SERVER)]

    return {
        ("POST", "/v1/assign"): both("/v1/assign", assign, {**assign, "enroll": False}),
        ("POST", "/v1/goals"): both("/v1/goals", told, {**told, "goal": "none"}),
        ("POST", "/v1/engagement"): both("/v1/engagement", told, {**told, "at": "2020-01-01T00:00:00Z"}),
        ("POST", "/v1/identify"): both("/v1/identify", login, {**login, "user_id": "43"}),
        ("POST", "/v1/pixels"): [Request("POST", "/v1/pixels", {"visitor": TOKEN, "goal": "buy"}, SERVER)],
        ("POST", "/v1/erase"): both("/v1/erase", {"user_id": "42"}, nobody),
        ("DELETE", "/v1/visitors/{visitor}"): [Request("DELETE", f"/v1/visitors/{ERASED}", None, SERVER)],
    }


def _browsers() -> dict[tuple[str, str], list[Request]]:
    batch = {"visitor": f"{VISITOR}-2", "events": EVENTS}
    go = "/e/go/products/product:42"
    return {
        ("GET", "/e/assign"): [
            Request("GET", "/e/assign?experiments=headline,none", None, None),
            Request("GET", f"/e/assign?visitor={VISITOR}", None, None),
        ],
        ("POST", "/e/collect"): [Request("POST", "/e/collect", batch, None)],
        ("GET", "/e/goal"): [Request("GET", "/e/goal", None, None)],
        ("GET", "/e/goal/{goal}"): [Request("GET", f"/e/goal/buy?visitor={VISITOR}&value=1", None, None)],
        ("POST", "/e/track"): [
            Request("POST", "/e/track", {"events": [EVENT, {**EVENT, "field": "dance"}]}, None),
            Request("POST", "/e/track", {"events": [EVENT, {**EVENT, "field": "dance"}, 5]}, SERVER),
        ],
        ("GET", "/e/track/{tracker}/{object}/{field}"): [
            Request("GET", "/e/track/products/product:42/views?by=2", None, None)
        ],
        ("GET", "/e/go/{tracker}/{object}"): [
            Request("GET", go, None, None),
            Request("GET", f"{go}?script=1", None, None),
        ],
    }


def _bad_trackers() -> list[Request]:
    one, none = "/admin/trackers/products", "/admin/trackers/none"
    built_in = "/admin/trackers/excluded"
    return [
        Request("POST", f"{built_in}/archive"),
        Request("POST", f"{built_in}/restore"),
        Request("DELETE", built_in),
        Request("POST", "/admin/trackers", TRACKER),
        Request("PATCH", one, {"kind": "other"}),
        Request("PATCH", none, {"strict": True}),
        Request("GET", f"{one}?from=yesterday"),
        Request("GET", none),
        Request("GET", f"{one}/top?n=0"),
        Request("GET", f"{none}/top"),
        Request("GET", f"{one}/series"),
        Request("GET", f"{none}/series?object=product:42&field=views"),
        Request("GET", f"{one}/export?to=tomorrow"),
        Request("GET", f"{none}/export"),
        Request("GET", f"{one}/objects?start=-1"),
        Request("GET", f"{none}/objects"),
        Request("POST", f"{one}/objects", {"objects": []}),
        Request("POST", f"{none}/objects", {"objects": ["product:42"]}),
        Request("POST", f"{one}/import", {"id": "i2"}),
        Request("POST", f"{none}/import", {"id": "i2", "rows": [EVENT]}),
        Request("GET", "/admin/set-aside?length=many"),
        Request("POST", "/admin/set-aside/replay", {}),
        Request("POST", "/admin/set-aside/dismiss", {"ids": []}),
    ]


def _bad_servers() -> list[Request]:
    old = {"user_id": "42", "visitor": TOKEN, "goal": "buy", "value": 1, "at": iso_at(NOW - 30 * 86_400_000)}
    told = {key: value for key, value in old.items() if key != "visitor"}
    login = {key: value for key, value in old.items() if key in ("user_id", "visitor", "at")}
    paths = ("/v1/assign", "/v1/goals", "/v1/engagement", "/v1/identify", "/v1/erase")
    return [
        *(Request("POST", path, b"{", SERVER) for path in (*paths, "/v1/pixels")),
        *(Request("POST", path, [{}] * 501, SERVER) for path in paths),
        Request("POST", "/v1/assign", {"visitor": ERASED, "experiments": ["headline"]}, SERVER),
        Request("POST", "/v1/goals", told, SERVER),
        Request("POST", "/v1/engagement", told, SERVER),
        Request("POST", "/v1/identify", login, SERVER),
        Request("POST", "/v1/erase", {"user_id": "nobody"}, SERVER),
        Request("DELETE", "/v1/visitors/a-visitor-that-nobody-saw", None, SERVER),
        Request("DELETE", "/v1/visitors/x", None, SERVER),
    ]


def _bad_browsers() -> list[Request]:
    return [
        Request("GET", "/e/assign?experiments=" + "a," * 101, None, None),
        Request("POST", "/e/track", {"events": 5}, SERVER),
        Request("GET", "/e/go/none/product:42", None, None),
        Request("GET", "/e/go/products/page:42", None, None),
    ]
