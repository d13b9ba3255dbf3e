"""What the API accepts can be reported, and what it shows can be sent back."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.domain.instant import HOUR
from chalicelib.storage.memory.store import MemoryStore
from tests import drawn
from tests.django_lean.steps import HUMAN, night
from tests.laws import tried
from tests.web.client import ADMIN, NOW, Site

GOALS = ["buy", "spend", "visits", "ratio"]
VISITORS = 5
EXPERIMENT = drawn.experiments(GOALS)
GOAL = drawn.goals(GOALS)


def started(site: Site) -> None:
    site.store, site.now = MemoryStore(), NOW


@given(st.lists(GOAL, max_size=4), st.lists(EXPERIMENT, min_size=1, max_size=3), st.data())
@settings(tried(150), suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_whatever_is_accepted_is_reported(
    site: Site, goals: list[dict[str, Any]], experiments: list[dict[str, Any]], data: st.DataObject
) -> None:
    started(site)
    for goal in goals:
        assert site.post("/admin/goals", goal, ADMIN).status in (201, 400)
    names = [
        each["name"] for each in experiments if site.post("/admin/experiments", each, ADMIN).status == 201
    ]
    for name in names:
        site.post(f"/admin/experiments/{name}/enable", {}, ADMIN)
        for number in range(VISITORS):
            told = data.draw(st.lists(drawn.events(name, st.sampled_from(GOALS)), max_size=3))
            body = {"visitor": f"visitor-{name[:8].replace('.', '_')}-{number:03d}", "events": told}
            confirm = {"type": "confirm", "id": "c", "age": 1}
            body["events"] = [confirm, {"type": "enroll", "id": "e", "experiment": name}, *told]
            assert site.post("/e/collect", body, None, **HUMAN).status in (204, 400)
    job = night(site, 2)

    assert job["failed"] == []
    for name in names:
        assert site.send("GET", f"/admin/reports/{name}", None, ADMIN).body["failed_days"] == []


@given(EXPERIMENT)
@settings(tried(500), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_an_experiment_that_is_sent_back_as_it_is_shown_stays_as_it_is(
    site: Site, experiment: dict[str, Any]
) -> None:
    started(site)
    for goal in GOALS:
        site.post("/admin/goals", {"name": goal}, ADMIN)
    if site.post("/admin/experiments", experiment, ADMIN).status != 201:
        return
    path = f"/admin/experiments/{experiment['name']}"
    _assert_stays(site, path)
    site.post(f"{path}/enable", {}, ADMIN)
    site.now += HOUR
    _assert_stays(site, path)


@given(GOAL)
@settings(tried(200), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_goal_that_is_sent_back_as_it_is_shown_stays_as_it_is(site: Site, goal: dict[str, Any]) -> None:
    started(site)
    site.post("/admin/goals", {"name": "other"}, ADMIN)
    if site.post("/admin/goals", goal, ADMIN).status == 201:
        _assert_stays(site, f"/admin/goals/{goal['name']}")


@given(drawn.trackers())
@settings(tried(200), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_tracker_that_is_sent_back_as_it_is_shown_stays_as_it_is(
    site: Site, tracker: dict[str, Any]
) -> None:
    started(site)
    if site.post("/admin/trackers", tracker, ADMIN).status == 201:
        _assert_stays(site, f"/admin/trackers/{tracker['name']}", "tracker")


def _assert_stays(site: Site, path: str, key: str | None = None) -> None:
    def shown() -> Any:
        body = site.send("GET", path, None, ADMIN).body
        return body if key is None else body[key]

    before, number = shown(), site.store.definitions().number
    changed = site.send("PATCH", path, before, ADMIN)

    assert changed.status == 200, changed.body
    assert shown() == before
    assert site.store.definitions().number == number
