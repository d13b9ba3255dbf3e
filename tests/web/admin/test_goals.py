"""Goals that operators declare and change."""

from typing import Any

import pytest

from tests.web.client import ADMIN, Answer, Site

RUNNING = {"name": "on", "state": "enabled", "goals": ["signup", "purchase"]}


@pytest.fixture
def shop(site: Site) -> Site:
    site.load(RUNNING)
    return site


def declare(site: Site, **fields: Any) -> Answer:
    return site.post("/admin/goals", fields, ADMIN)


def test_what_a_goal_counts_cannot_change_while_an_experiment_counts_it(shop: Site) -> None:
    refused = shop.send("PATCH", "/admin/goals/signup", {"window_days": 7}, ADMIN)
    said = shop.send("PATCH", "/admin/goals/signup", {"role": "guardrail"}, ADMIN)

    assert (refused.status, refused.body["field"]) == (400, "window_days")
    assert (said.status, said.body["role"]) == (200, "guardrail")


def test_a_ratio_needs_goals_that_are_there(shop: Site) -> None:
    ratio = {"name": "per_view", "type": "ratio", "numerator": "signup"}

    assert declare(shop, **ratio, denominator="views").status == 400
    assert declare(shop, **ratio, denominator={"goal": "purchase", "metric": "count"}).status == 201


@pytest.mark.parametrize(
    "fields",
    [
        {"cap": 100},
        {"cap": "100.0"},
        {"cap": "100"},
        {"covariate_days": 7},
        {"metric": "sum"},
        {"winsorize": None},
    ],
)
def test_what_is_written_in_another_way_changes_nothing_while_it_counts(site, fields):
    rules = {"name": "spend", "type": "engagement", "cap": 100, "covariate_days": 7}
    site.load({"name": "on", "state": "enabled", "goals": [rules]})
    number = site.store.definitions().number
    answer = site.send("PATCH", "/admin/goals/spend", fields, ADMIN)

    assert (answer.status, site.store.definitions().number) == (200, number)
