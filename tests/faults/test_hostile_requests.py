"""Mutated and raw requests to every route: 2xx, 3xx, 4xx or 503, and a 4xx changes nothing."""

import re
from collections.abc import Iterator

import pytest

from bench.hostile.examples import Known, examples, routes_of, without_example
from bench.hostile.run import NIGHT_EVERY, Outcome, run
from bench.hostile.shrink import smallest
from bench.hostile.world import World
from bench.hostile_requests import described, staged
from chalicelib.domain.errors import InvalidInput
from chalicelib.domain.experiments.goal import Goal
from chalicelib.web.http import responses

SEED = 13
REQUESTS = 2_000
KNOWN: dict[str, str] = {}
"""The words of a fault (a regular expression) that is not mended yet, with what causes it."""

pytestmark = [pytest.mark.slow, pytest.mark.no_cover]


@pytest.fixture(scope="module")
def stage() -> Iterator[tuple[World, Known]]:
    with staged(None) as (world, known):
        assert isinstance(world, World)
        yield world, known


def test_every_route_has_a_valid_request(stage):
    """A new route fails here until there is one; then it is attacked like the others."""
    world, known = stage

    assert without_example(world.app.routes, examples(known)) == []
    assert without_example({"/new": ["GET"]}, examples(known)) == ["GET /new"]


def test_the_valid_requests_are_valid(stage):
    world, known = stage
    refused = {}
    for example in [each for some in examples(known).values() for each in some]:
        world.reset(0)
        answer = world.send(example.request(world.keys))
        if answer.status >= 400:
            refused[example.route] = answer.status, answer.body

    assert refused == {}


def test_hostile_requests_find_no_fault(stage):
    world, known = stage
    outcome = run(world, examples(known), REQUESTS, SEED)
    new = {words: fault for words, fault in outcome.faults.items() if not is_known(words)}
    answered = {route for route, _ in outcome.answers}

    assert "\n".join(described(world, Outcome(faults=new))) == "", f"seed {SEED}"
    assert set(routes_of(world.app.routes)) <= answered


def is_known(words: str) -> bool:
    return any(re.search(each, words) for each in KNOWN)


GOALS = ("GET /admin/goals", "POST /admin/goals", "PATCH /admin/goals/{name}")


def attacked(stage: tuple[World, Known], *routes: str) -> Outcome:
    world, known = stage
    return run(world, {each: examples(known)[each] for each in routes}, NIGHT_EVERY, SEED)


def test_an_exception_of_a_route_is_found_with_its_smallest_request(stage, monkeypatch):
    monkeypatch.setattr("chalicelib.domain.table._number", lambda query, field, default: int(query[field]))
    outcome = attacked(stage, "GET /admin/set-aside")
    (words,) = [each for each in outcome.faults if "ValueError" in each]
    (request,) = smallest(stage[0], words, outcome.faults[words])

    assert words == "status 500: ValueError in chalicelib/domain/table.py view_from"
    assert (request.method, request.path, len(request.headers)) == ("GET", "/admin/set-aside", 1)


def test_a_route_that_writes_before_it_refuses_is_found(stage, monkeypatch):
    def change(store, name, fields, now):
        store.save_goal(Goal(f"new-{now}", now))
        raise InvalidInput("body", "is refused too late")

    monkeypatch.setattr("chalicelib.web.admin.goals.change_goal", change)

    assert (
        "tables changed after a 4xx: PATCH /admin/goals/{name}: _definitions, _number"
        in attacked(stage, *GOALS).faults
    )


def test_an_error_without_words_is_found(stage, monkeypatch):
    monkeypatch.setattr(responses, "error", lambda status, *_: responses.answer({"message": "no"}, status))

    assert "400 without an error: " in attacked(stage, *GOALS).faults


def test_json_that_is_none_is_found(stage, monkeypatch):
    monkeypatch.setattr("chalicelib.web.admin.goals.shown_goal", lambda goal: {"margin": float("nan")})

    faults = attacked(stage, "GET /admin/goals/{name}").faults

    assert "no JSON: NaN is no JSON GET /admin/goals/{name}" in faults


def test_an_exception_behind_a_picture_is_found(stage, monkeypatch):
    monkeypatch.setattr("chalicelib.web.browser.routes.mailed_of", lambda *_: {}["missing"])
    faults = attacked(stage, "GET /e/goal/{goal}").faults

    assert "exception behind 200: KeyError in chalicelib/web/browser/routes.py _reach" in faults


def test_a_night_that_fails_is_found(stage, monkeypatch):
    monkeypatch.setattr("chalicelib.web.jobs.recount_job.start", lambda *_: {}["missing"])

    assert any("KeyError" in each for each in attacked(stage, *GOALS).faults)
