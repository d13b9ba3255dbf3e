"""Numbers that no float holds, JSON nested a thousand deep, halves of characters: 400, never 500."""

import io
import json
from typing import Any

import pytest

from chalicelib.domain.tracking.set_aside import SetAside
from chalicelib.domain.tracking.tracked_object import Tracked
from chalicelib.web.http import telemetry
from tests.tracking import event
from tests.web.client import ADMIN, Site
from tests.web.test_busy_store import CHROME
from tests.web.tracking.test_routes import PRODUCTS, counted, declare

HUGE = "1" + "0" * 400
NUMBERS = [HUGE, f"-{HUGE}", "1e400", "-1e400", "NaN", '"1e999999999"', "true", "[[]]", "{}", '"²"']
EXPERIMENT_NUMBERS = ["coverage", "alpha", "planned_visitors", "planned_days"]
GOAL_NUMBERS = ["window_days", "max_value", "cap", "winsorize", "covariate_days"]


def nested(depth: int, leaf: str = "1") -> str:
    return '{"a":' * depth + leaf + "}" * depth


def lists(depth: int) -> str:
    return "[" * depth + "]" * depth


def test_the_right_numbers_are_taken(site):
    fields = {"coverage": 0.5, "alpha": 0.01, "planned_visitors": 100, "planned_days": 100, "weights": [1, 3]}
    assert site.post("/admin/experiments", {"name": "other", **fields}, ADMIN).status == 201


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("field", EXPERIMENT_NUMBERS)
def test_an_odd_number_of_an_experiment_is_400_with_its_field(site, field, number):
    body = f'{{"name": "other", "{field}": {number}}}'.encode()
    answer = site.post("/admin/experiments", body, ADMIN)

    assert (answer.status, answer.body["field"]) == (400, field)


@pytest.mark.parametrize("number", NUMBERS)
def test_an_odd_weight_is_400_with_its_place(site, number):
    answer = site.post("/admin/experiments", f'{{"name": "other", "weights": [1, {number}]}}'.encode(), ADMIN)
    assert (answer.status, answer.body["field"]) == (400, "weights[1]")

    site.load({"name": "headline"})
    answer = site.send("PATCH", "/admin/experiments/headline", f'{{"coverage": {number}}}'.encode(), ADMIN)
    assert (answer.status, answer.body["field"]) == (400, "coverage")


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("field", GOAL_NUMBERS)
def test_an_odd_number_of_a_goal_is_400_with_its_field(site, field, number):
    body = f'{{"name": "spend", "type": "engagement", "{field}": {number}}}'.encode()
    answer = site.post("/admin/goals", body, ADMIN)

    assert (answer.status, answer.body["field"]) == (400, field)


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("field", ["lanes", "retention_days"])
def test_an_odd_number_of_a_tracker_is_400_with_its_field(site, field, number):
    body = f'{{"name": "pages", "kind": "page", "fields": ["views"], "{field}": {number}}}'.encode()
    answer = site.post("/admin/trackers", body, ADMIN)

    assert (answer.status, answer.body["field"]) == (400, field)


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("path", ["/v1/goals", "/v1/engagement"])
def test_an_odd_value_is_a_400_of_its_item(site, path, number):
    site.load({"name": "headline", "goals": ["buy"]})
    good = '{"user_id": "ann", "goal": "buy", "value": 1}'
    answer = site.post(path, f'[{good}, {{"user_id": "bob", "goal": "buy", "value": {number}}}]'.encode())

    assert [each["status"] for each in answer.body["results"]] == [200, 400]
    assert answer.body["results"][1]["field"] == "[1].value"


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("field", ["age", "value", "phase"])
def test_an_odd_number_of_a_browser_s_event_loses_no_other(site, field, number):
    site.load({"name": "headline", "state": "enabled", "goals": ["buy"]})
    kind = (
        '"type": "enroll", "experiment": "headline"' if field == "phase" else '"type": "goal", "goal": "buy"'
    )
    bad = f'{{{kind}, "id": "a", "{field}": {number}}}'
    body = f'{{"visitor": "visitor-1", "events": [{bad}, {{"type": "goal", "id": "b", "goal": "buy"}}]}}'
    answer = site.send("POST", "/e/collect", body.encode(), **CHROME)

    assert answer.status == 204
    assert len(site.store.load_visitor("visitor-1", site.now)[0].facts) == 1


@pytest.mark.parametrize("n", ["²", "٣", "0", "-1", "1.5", "", "1e3", "9" * 5_000, "１０", "true"])
def test_an_odd_number_of_a_query_is_400_with_its_field(site, n):
    declare(site, PRODUCTS)
    answer = site.send("GET", f"/admin/trackers/products/top?n={n}", None, ADMIN)
    assert (answer.status, answer.body["field"]) == (400, "n")

    if n not in ("0", ""):
        page = site.send("GET", f"/admin/trackers/products?start={n}", None, ADMIN)
        assert (page.status, page.body["field"]) == (400, "start")


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "1999-12-31", "2026-02-30", "٢٠٢٦-٠١-٠١"])
@pytest.mark.parametrize("field", ["from", "to"])
def test_an_odd_day_of_a_query_is_400_with_its_field(site, field, day):
    declare(site, PRODUCTS)
    answer = site.send("GET", f"/admin/trackers/products?{field}={day}", None, ADMIN)

    assert (answer.status, answer.body["field"]) == (400, field)


@pytest.mark.parametrize(
    "at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "1970-01-01T00:00Z"]
)
def test_an_odd_instant_is_400_with_its_field_and_nothing_of_it_is_kept(site, at):
    declare(site, PRODUCTS)
    rows = [event(at="2026-03-01T00:00:00Z"), event(at=at)]
    rows = [{key: each[key] for key in ("object", "field", "at")} for each in rows]
    answer = site.post("/admin/trackers/products/import", {"id": "old", "rows": rows}, ADMIN)
    assert (answer.status, answer.body["field"]) == (400, "rows[1].at")
    assert counted(site) == {}

    (result,) = site.post("/e/track", {"events": [event(at=at)]}).body["results"]
    assert (result["status"], result["field"]) == ("malformed", "at")
    for field in ("started_at", "ended_at"):
        answer = site.post("/admin/experiments", {"name": "other", field: at}, ADMIN)
        assert (answer.status, answer.body["field"]) == (400, field)


DEPTHS = [33, 500, 900, 956, 980, 990, 1_500]


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("deep", [nested, lists])
def test_a_deep_event_to_a_tracker_is_refused_by_itself(site, deep, depth):
    declare(site, PRODUCTS)
    good = json.dumps(event())
    for bad in (
        deep(depth),
        f'{{"tracker": {deep(depth)}}}',
        json.dumps(event())[:-1] + f', "x": {deep(depth)}}}',
    ):
        body = f'{{"events": [{bad}, {good}]}}'.encode()
        assert site.send("POST", "/e/track", body, **CHROME).status == 204
        answer = site.post("/e/track", body)
        assert [each["status"] for each in answer.body["results"]] == ["malformed", "accepted"]

    assert counted(site) == {("product:1", "views"): 60_000}
    rows = site.send("GET", "/admin/set-aside", None, ADMIN)
    assert (rows.status, rows.body["total"]) == (200, 3)
    ids = [row["id"] for row in rows.body["rows"]]
    assert site.post("/admin/set-aside/replay", {"ids": ids}, ADMIN).body["replayed"] == 0


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("deep", [nested, lists])
def test_a_deep_event_of_a_browser_or_a_server_is_refused_by_itself(site, deep, depth):
    site.load({"name": "headline", "goals": ["buy"]})
    for place in ("id", "goal", "type", "value", "age", "x"):
        good = {"type": "goal", "id": f"good {place}", "goal": "buy"}
        bad = json.dumps({key: each for key, each in good.items() if key != place})[:-1]
        body = (
            f'{{"visitor": "visitor-1", "events": [{bad}, "{place}": {deep(depth)}}}, {json.dumps(good)}]}}'
        )
        assert site.send("POST", "/e/collect", body.encode(), **CHROME).status == 204
        item = json.dumps({"user_id": "ann", **good})
        answer = site.post(
            "/v1/goals", f'[{bad}, "user_id": "ann", "{place}": {deep(depth)}}}, {item}]'.encode()
        )
        assert [each["status"] for each in answer.body["results"]] == [400, 200]

    assert len(site.store.load_visitor("visitor-1", site.now)[0].facts) == 6


@pytest.mark.parametrize("depth", [*DEPTHS, 5_000])
@pytest.mark.parametrize("field", ["name", "state", "coverage", "goals", "variations", "weights", "promoted"])
def test_a_deep_definition_is_400(site, field, depth):
    body = f'{{"name": "other", "{field}": {lists(depth)}}}'.encode()

    assert site.post("/admin/experiments", body, ADMIN).status == 400
    assert site.post("/admin/goals", body, ADMIN).status == 400
    assert site.post("/admin/trackers", body, ADMIN).status == 400
    assert site.post("/admin/definitions", b"[" + body + b"]", ADMIN).status == 400


def test_a_deep_event_that_was_kept_before_hides_no_other(site):
    deep = json.loads(lists(900))
    site.store.append(
        [], [SetAside("", "1#a", "no_object", "event: must be an object", deep, site.now)], site.now
    )
    answer = site.send("GET", "/admin/set-aside", None, ADMIN)

    assert (answer.status, answer.body["total"]) == (200, 1)


HALF = "Tea \ud83d"


def test_half_a_character_is_refused_as_a_label_and_as_a_request_s_id(site):
    declare(site, PRODUCTS)
    objects: list[Any] = [{"object": "product:1", "label": HALF}]
    answer = site.post("/admin/trackers/products/objects", {"objects": objects}, ADMIN)
    assert (answer.status, answer.body["field"]) == (400, "objects[0].label")

    answer = site.post("/e/track", {"id": HALF, "events": [event()]})
    assert (answer.status, answer.body["field"]) == (400, "id")


def test_half_a_character_that_an_older_label_holds_is_a_question_mark_in_a_file(site: Site):
    declare(site, PRODUCTS)
    site.store.save_tracked("products", [Tracked("product:1", HALF)])
    answer = site.send("GET", "/admin/trackers/products/export?format=csv", None, ADMIN)
    assert (answer.status, "Tea ?" in answer.raw.decode()) == (200, True)

    for path in ("products", "products/objects", "products/export", "products/top?field=views"):
        assert site.send("GET", f"/admin/trackers/{path}", None, ADMIN).status == 200


def test_half_a_character_loses_no_line_of_the_log(monkeypatch):
    stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    monkeypatch.setattr(telemetry._logger._logger.handlers[0], "stream", stream)
    telemetry.warn("odd", problem=HALF, value={1, 2})
    stream.flush()

    assert json.loads(stream.buffer.getvalue())["problem"] == HALF
