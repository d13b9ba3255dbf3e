"""What was set aside, over HTTP: listed, mended, replayed, dismissed."""

import pytest

from tests.tracking import event
from tests.web.client import ADMIN, Answer, Site
from tests.web.tracking.test_routes import PRODUCTS, beacon, counted, declare


@pytest.fixture
def shop(site: Site) -> Site:
    beacon(site, event(), event(tracker="other"))
    declare(site, PRODUCTS)
    beacon(site, event(by="many"))
    return site


def admin(site: Site, method: str, path: str, body: object = None) -> Answer:
    return site.send(method, path, body, ADMIN)


def rows(site: Site, query: str = "") -> list[dict]:
    return admin(site, "GET", f"/admin/set-aside{query}").body["rows"]


def test_it_is_listed_with_reason_problem_and_event(shop):
    assert sorted(row["reason"] for row in rows(shop)) == ["no_number", "unknown_tracker", "unknown_tracker"]
    (row,) = rows(shop, "?tracker=products")

    assert row["event"] == event(by="many")
    assert row["problem"] == "by: must be a number"
    assert len(rows(shop, "?tracker=")) == 2
    assert len(rows(shop, "?search=other")) == 1
    assert len(rows(shop, "?length=1")) == 1


def test_all_that_a_declaration_mended_is_replayed_and_the_rest_stays(shop):
    ids = [row["id"] for row in rows(shop)]
    answer = admin(shop, "POST", "/admin/set-aside/replay", {"ids": ids})

    assert (answer.status, answer.body["replayed"]) == (200, 1)
    assert counted(shop) == {("product:1", "views"): 10_000}
    assert len(rows(shop)) == 2


def test_one_is_mended_by_hand(shop):
    ids = [row["id"] for row in rows(shop, "?tracker=products")]
    answer = admin(shop, "POST", "/admin/set-aside/replay", {"ids": ids, "event": {"by": "3"}})

    assert answer.body == {"replayed": 1, "results": {ids[0]: "replayed"}}
    assert counted(shop) == {("product:1", "views"): 30_000}
    again = admin(shop, "POST", "/admin/set-aside/replay", {"ids": ids})
    assert (again.status, again.body) == (200, {"replayed": 0, "results": {ids[0]: "gone"}})


def test_what_is_dismissed_is_gone(shop):
    ids = [row["id"] for row in rows(shop)]

    answer = admin(shop, "POST", "/admin/set-aside/dismiss", {"ids": [*ids, "none", ids[0]]})
    assert answer.body == {"dismissed": 3, "results": {**dict.fromkeys(ids, "dismissed"), "none": "gone"}}
    assert rows(shop) == []


def test_an_unknown_tracker_has_nothing_set_aside(shop):
    assert rows(shop, f"?tracker={'x' * 3000}") == []


@pytest.mark.parametrize("body", [{}, {"ids": []}, {"ids": [5]}, {"ids": ["a", "b"], "event": {}}])
def test_a_bad_replay_names_its_field(shop, body):
    assert admin(shop, "POST", "/admin/set-aside/replay", body).status == 400
