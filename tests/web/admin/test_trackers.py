"""Trackers for operators, over HTTP."""

import csv
import io

import pytest

from chalicelib.domain.instant import DAY
from chalicelib.web.jobs import fold
from tests.tracking import event
from tests.web.client import ADMIN, SERVER, Answer, Site
from tests.web.test_jobs import EVENT, Context

PRODUCTS = {"name": "products", "kind": "product", "fields": ["views", "buys"]}


@pytest.fixture
def shop(site: Site) -> Site:
    """Six products: n views of the n-th today, one buy of each yesterday."""
    assert admin(site, "POST", "/admin/trackers", PRODUCTS).status == 201
    objects = [
        {"object": f"product:{n}", "label": f"{colour} {thing}"} for n, (colour, thing) in enumerate(THINGS)
    ]
    admin(site, "POST", "/admin/trackers/products/objects", {"objects": objects})
    for n in range(6):
        views = event(object=f"product:{n}", by=n)
        buys = event(object=f"product:{n}", field="buys", age=DAY)
        site.post("/e/track", {"events": [views, buys]}, SERVER)
    site.now += 60_000
    fold(EVENT, Context())
    return site


THINGS = [
    ("Red", "shirt"),
    ("Blue", "shirt"),
    ("Red", "hat"),
    ("Blue", "hat"),
    ("=Green", "shirt"),
    ("Red", "shoe"),
]


def admin(site: Site, method: str, path: str, body: object = None) -> Answer:
    return site.send(method, path, body, ADMIN)


def objects_of(answer: Answer) -> list[str]:
    return [row["object"].removeprefix("product:") for row in answer.body["rows"]]


def test_every_route_wants_the_admin_key(shop):
    routes = [
        ("GET", "/admin/trackers"),
        ("POST", "/admin/trackers"),
        ("GET", "/admin/trackers/products"),
        ("PATCH", "/admin/trackers/products"),
        ("GET", "/admin/trackers/products/top"),
        ("GET", "/admin/trackers/products/series"),
        ("GET", "/admin/trackers/products/export"),
        ("GET", "/admin/trackers/products/objects"),
        ("POST", "/admin/trackers/products/objects"),
        ("POST", "/admin/trackers/products/import"),
        ("GET", "/admin/set-aside"),
        ("POST", "/admin/set-aside/replay"),
        ("POST", "/admin/set-aside/dismiss"),
    ]

    assert {shop.send(method, path, {}, SERVER).status for method, path in routes} == {401}


def test_trackers_are_listed_declared_and_changed(shop):
    assert next(each["name"] for each in admin(shop, "GET", "/admin/trackers").body["trackers"]) == "products"
    changed = admin(shop, "PATCH", "/admin/trackers/products", {"strict": True})

    assert (changed.status, changed.body["strict"]) == (200, True)
    assert admin(shop, "POST", "/admin/trackers", PRODUCTS).body["field"] == "name"
    assert admin(shop, "GET", "/admin/trackers/nothing").status == 404


def test_objects_are_sorted_by_any_field_and_paged(shop):
    answer = admin(shop, "GET", "/admin/trackers/products?sort=-views&start=1&length=2&draw=%3Cdraw%3E7")

    assert objects_of(answer) == ["4", "3"]
    assert (answer.body["total"], answer.body["filtered"], answer.body["draw"]) == (6, 6, "<draw>7")
    assert answer.body["rows"][0]["fields"]["views"] == {"sum": "4", "average": "4"}
    assert (answer.body["from"], answer.body["to"]) == ("2026-02-09", "2026-03-10")


def test_several_columns_sort_and_an_unknown_one_sorts_nothing(shop):
    assert objects_of(admin(shop, "GET", "/admin/trackers/products?sort=-buys,-views")) == list("543210")
    assert objects_of(admin(shop, "GET", "/admin/trackers/products?sort=label")) == list("431205")
    assert objects_of(admin(shop, "GET", "/admin/trackers/products?sort=nothing")) == list("012345")


def test_a_search_takes_all_words_in_any_column(shop):
    answer = admin(shop, "GET", "/admin/trackers/products?search=red%20product")

    assert objects_of(answer) == ["0", "2", "5"]
    assert (answer.body["total"], answer.body["filtered"]) == (6, 3)


def test_a_period_leaves_out_the_other_days(shop):
    answer = admin(shop, "GET", "/admin/trackers/products?from=2026-03-09&to=2026-03-09&sort=-buys&length=1")

    assert answer.body["rows"][0]["fields"] == {
        "views": {"sum": "0", "average": "0"},
        "buys": {"sum": "1", "average": "1"},
    }


def test_the_first_n(shop):
    assert objects_of(admin(shop, "GET", "/admin/trackers/products/top?field=views&n=2")) == ["5", "4"]
    assert admin(shop, "GET", "/admin/trackers/products/top?n=0").body["field"] == "n"


def test_a_series_has_a_value_for_every_day(shop):
    path = "/admin/trackers/products/series?object=product:5&field=views&from=2026-03-08"
    answer = admin(shop, "GET", path)

    assert answer.body["series"] == [
        {"at": "2026-03-08", "value": "0"},
        {"at": "2026-03-09", "value": "0"},
        {"at": "2026-03-10", "value": "5"},
    ]
    assert admin(shop, "GET", "/admin/trackers/products/series").body["field"] == "object"


def test_csv_is_a_file_without_formulas(shop):
    answer = shop._http.get(
        "/admin/trackers/products/export?format=csv", headers={"Authorization": f"Bearer {ADMIN}"}
    )
    lines = list(csv.reader(io.StringIO(answer.body.decode())))

    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert 'filename="products-2026-02-09-2026-03-10.csv"' in answer.headers["Content-Disposition"]
    assert lines[0] == ["object", "label", "views sum", "views average", "buys sum", "buys average"]
    assert lines[5] == ["product:4", "'=Green shirt", "4", "4", "1", "1"]


def test_json_has_the_same(shop):
    objects = admin(shop, "GET", "/admin/trackers/products/export").body["objects"]

    assert [each["fields"]["views"]["sum"] for each in objects] == list("012345")


def test_declared_objects_are_listed(shop):
    answer = admin(shop, "GET", "/admin/trackers/products/objects?search=hat&sort=-object")

    assert objects_of(answer) == ["3", "2"]


def test_existing_counters_come_in(shop):
    rows = [{"object": "product:0", "field": "views", "by": "1000.5", "at": "2026-03-01T00:00:00Z"}]
    for imported in (1, 0):
        answer = admin(shop, "POST", "/admin/trackers/products/import", {"id": "old", "rows": rows})
        assert (answer.status, answer.body) == (202, {"rows": 1, "imported": imported})
        shop.now += 60_000
        fold(EVENT, Context())

    first = admin(shop, "GET", "/admin/trackers/products/top?field=views&n=1").body["rows"][0]
    assert (first["object"], first["fields"]["views"]["sum"]) == ("product:0", "1000.5")


def test_what_the_site_refused_is_read_like_any_tracker(shop):
    shop.post("/e/collect", {"events": []}, key=None, **{"User-Agent": "Googlebot/2.1"})
    shop.now += 60_000
    fold(EVENT, Context())
    answer = admin(shop, "GET", "/admin/trackers/excluded")

    assert answer.body["rows"] == [
        {"object": "experiment:*", "label": "", "fields": {"bot": {"sum": "1", "average": "1"}}}
    ]


def test_the_job_says_how_many_it_applied_and_leaves_the_youngest(shop):
    shop.post("/e/track", {"events": [event()] * 3}, SERVER)
    assert fold(EVENT, Context())["events"] == 0

    shop.now += 31_000
    assert fold(EVENT, Context()) == {"messages": 1, "events": 3, "set_aside": 0, "transactions": 1}


def test_trackers_come_in_a_file_of_definitions(site):
    body = {"experiments": [{"name": "headline"}], "trackers": [PRODUCTS]}
    answer = admin(site, "POST", "/admin/definitions", body)

    assert (answer.status, answer.body["trackers"]) == (200, ["products"])
