"""A store that is busy: nothing is lost, nothing is doubled, and everybody learns what to send again."""

from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.domain.errors import Conflict, LeansplitError, NotStorable, Unavailable
from chalicelib.storage.memory.store import MemoryStore
from tests.web.client import ADMIN, Answer, Site
from tests.web.tracking.test_routes import PRODUCTS, declare

CHROME = {
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36",
    "Accept-Language": "en",
}


class Busy(MemoryStore):
    """It raises `problem` for a method while `wanted` says so of its arguments."""

    def __init__(self) -> None:
        super().__init__()
        self.problem: type[LeansplitError] = Unavailable
        self.wanted: Callable[[str, Any], bool] = lambda name, first: False

    def __getattribute__(self, name: str) -> Any:
        method = super().__getattribute__(name)
        if name.startswith("_") or not callable(method) or name in ("wanted", "problem"):
            return method

        def called(*args: Any, **kwargs: Any) -> Any:
            if self.wanted(name, args[0] if args else None):
                raise self.problem("no")
            return method(*args, **kwargs)

        return called


@pytest.fixture
def busy(site: Site, monkeypatch: pytest.MonkeyPatch) -> Site:
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    site.store = Busy()
    site.load({"name": "headline", "state": "enabled", "goals": ["buy"]})
    return site


def collect(site: Site, *events: dict[str, Any]) -> Answer:
    body = {"visitor": "visitor-1", "events": list(events)}
    return site.send("POST", "/e/collect", body, **CHROME)


BATCH = [{"type": "confirm", "id": "c"}, {"type": "goal", "id": "g", "goal": "buy"}]


def facts(site: Site, visitor_id: str) -> int:
    return len(site.store.load_visitor(visitor_id, site.now)[0].facts)


FAILURES = [("save_visitor", Conflict)]
FAILURES += [(method, Unavailable) for method in ("save_visitor", "load_visitor")]


@pytest.mark.parametrize(("method", "problem"), FAILURES)
def test_a_browser_s_batch_that_cannot_be_written_is_503_so_that_it_comes_again(busy, method, problem):
    busy.store.problem = problem
    busy.store.wanted = lambda name, _: name == method
    assert collect(busy, *BATCH).status == 503

    busy.store.wanted = lambda name, _: False
    assert (collect(busy, *BATCH).status, facts(busy, "visitor-1")) == (204, 1)


def test_while_definitions_cannot_be_read_those_that_are_held_serve_what_they_know(busy):
    busy.store.problem = Unavailable
    busy.store.wanted = lambda name, _: name == "definitions"
    unknown = {"type": "goal", "id": "h", "goal": "new"}

    assert (collect(busy, *BATCH).status, facts(busy, "visitor-1")) == (204, 1)
    assert collect(busy, unknown).status == 503
    assert busy.send("GET", "/admin/experiments", None, ADMIN).status == 503


def test_in_a_flood_of_unknown_names_none_is_refused_for_good_while_definitions_cannot_be_read(busy):
    """After ten renewals at once the definitions that are held would answer."""
    busy.store.problem = Unavailable
    busy.store.wanted = lambda name, _: name == "definitions"
    answers = [collect(busy, {"type": "goal", "id": str(n), "goal": f"new-{n}"}).status for n in range(30)]

    assert set(answers) == {503}


def test_a_conflict_that_passes_is_seen_by_nobody(busy):
    busy.store.problem = Conflict
    left = iter([True] * 5)
    busy.store.wanted = lambda name, _: name == "save_visitor" and next(left, False)

    assert (collect(busy, *BATCH).status, facts(busy, "visitor-1")) == (204, 1)


@pytest.mark.parametrize("problem", [Unavailable, Conflict, NotStorable])
def test_the_picture_comes_whatever_the_store_says(busy, problem):
    busy.store.problem = problem
    busy.store.wanted = lambda name, _: name == "save_visitor"

    assert busy.send("GET", "/e/goal/buy?visitor=visitor-1", **CHROME).status == 200


ROUTES = {
    "/v1/goals": {"goal": "buy"},
    "/v1/engagement": {"goal": "buy", "value": 1},
    "/v1/assign": {"experiments": ["headline"]},
}
STATUS = {Unavailable: 503, Conflict: 409, NotStorable: 500}


@pytest.mark.parametrize("problem", STATUS)
@pytest.mark.parametrize("path", ROUTES)
def test_each_item_of_a_server_s_batch_has_its_own_status(busy, path, problem):
    items = [{"user_id": name, **ROUTES[path]} for name in ("ann", "bob", "eve")]
    busy.store.problem = problem
    busy.store.wanted = lambda name, first: name == "save_visitor" and first.id == "~bob"
    answer = busy.post(path, items)

    assert [each["status"] for each in answer.body["results"]] == [200, STATUS[problem], 200]
    assert [busy.store.load_visitor(f"~{name}", busy.now)[1] for name in ("ann", "bob", "eve")] == [1, 0, 1]
    assert busy.post(path, items[1]).status == STATUS[problem]


def test_a_repeat_of_what_was_503_doubles_nothing_even_without_ids(busy):
    items = [{"user_id": name, "goal": "buy"} for name in ("ann", "bob", "eve")]
    busy.store.wanted = lambda name, first: name == "save_visitor" and first.id == "~bob"
    results = busy.post("/v1/goals", items).body["results"]
    busy.store.wanted = lambda name, first: False
    again = [item for item, result in zip(items, results, strict=True) if result["status"] == 503]
    busy.post("/v1/goals", again)

    assert [facts(busy, f"~{name}") for name in ("ann", "bob", "eve")] == [1, 1, 1]


def test_a_pointer_that_cannot_be_prolonged_does_not_deny_what_was_written(busy):
    token = busy.post("/v1/assign", {"visitor": "visitor-1", "experiments": ["headline"]}).body["visitor"]
    busy.post("/v1/identify", {"visitor": token, "user_id": "ann"})
    busy.now += 100 * 86_400_000
    busy.store.wanted = lambda name, first: name == "save_visitor" and first.id == "~ann"

    assert busy.post("/v1/goals", {"user_id": "ann", "goal": "buy"}).status == 200
    assert facts(busy, "visitor-1") == 1


def test_each_login_and_each_erasure_has_its_own_status(busy):
    people = ("ann", "bob", "eve")
    items = [{"visitor": f"visitor-{name}", "experiments": ["headline"]} for name in people]
    tokens = [each["visitor"] for each in busy.post("/v1/assign", items).body["results"]]
    logins = [{"visitor": token, "user_id": name} for token, name in zip(tokens, people, strict=True)]
    busy.store.wanted = lambda name, first: name == "load_visitor" and first == "~bob"
    answers = busy.post("/v1/identify", logins).body["results"]
    assert [each["status"] for each in answers] == [200, 503, 200]

    erased = busy.post("/v1/erase", [{"user_id": name} for name in people]).body["results"]
    assert [each["status"] for each in erased] == [200, 503, 200]


def test_an_erasure_that_fails_half_way_keeps_the_answers_of_the_others(busy):
    busy.post("/v1/goals", [{"user_id": name, "goal": "buy"} for name in ("ann", "bob")])
    left = iter([False, True])
    busy.store.wanted = lambda name, first: name == "save_visitors" and next(left, False)
    erased = busy.post("/v1/erase", [{"user_id": name} for name in ("ann", "bob")]).body["results"]

    assert [each["status"] for each in erased] == [200, 503]


def test_a_tracker_s_events_are_503_for_servers_and_nothing_for_pages(busy):
    declare(busy, PRODUCTS)
    busy.store.wanted = lambda name, _: name == "append"
    body = {"events": [{"tracker": "products", "object": "product:1", "field": "views"}]}

    assert busy.post("/e/track", body).status == 503
    assert busy.send("POST", "/e/track", body, **CHROME).status == 204


def test_two_requests_of_one_id_that_meet_are_both_accepted(busy):
    declare(busy, PRODUCTS)
    busy.store.problem = Conflict
    left = iter([True])
    busy.store.wanted = lambda name, _: name == "append" and next(left, False)
    body = {"id": "a", "events": [{"tracker": "products", "object": "product:1", "field": "views"}]}

    assert busy.post("/e/track", body).body["accepted"] == 1


def test_an_operator_learns_that_it_may_try_again(busy):
    busy.store.wanted = lambda name, _: name == "save_goal"
    answer = busy.post("/admin/goals", {"name": "later"}, ADMIN)

    assert (answer.status, answer.body) == (503, {"error": "no; try again"})
