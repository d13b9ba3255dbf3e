"""An item that is refused changes nothing, but for the goal whose value alone was refused."""

import pytest

from chalicelib.storage.document import visitor_of
from tests.django_lean.steps import HUMAN
from tests.web.client import ADMIN, Site

VISITOR = "visitor-00000001"


@pytest.fixture(autouse=True)
def goals(site: Site) -> None:
    for entry in ({"name": "spend", "max_value": 100}, {"name": "visits", "max_value": None}):
        assert site.post("/admin/goals", entry, ADMIN).status == 201


@pytest.mark.parametrize("path", ["/v1/goals", "/v1/engagement"])
def test_an_unknown_goal_leaves_the_visitor_s_document_as_it_is(site: Site, path: str) -> None:
    """Also one that no signature has claimed yet."""
    events = [{"type": "confirm", "id": "c"}]
    site.post("/e/collect", {"visitor": VISITOR, "events": events}, None, **HUMAN)
    before = dict(site.store.visitors)
    answer = site.post(path, {"visitor": VISITOR, "goal": "none", "value": 1})

    assert (answer.status, answer.body["reason"]) == (422, "unknown_goal")
    assert set(before) == {VISITOR}
    assert site.store.visitors == before


def test_a_value_above_the_limit_is_refused_and_the_goal_counts(site: Site) -> None:
    told = [{"visitor": VISITOR, "goal": goal, "value": 101, "id": goal} for goal in ("spend", "visits")]
    results = site.post("/v1/goals", told).body["results"]
    facts = visitor_of(VISITOR, site.store.visitors[VISITOR][0]).facts

    assert [each["status"] for each in results] == [422, 200]
    assert results[0]["reason"] == "over_max_value"
    assert {fact.goal: fact.value for fact in facts} == {"spend": None, "visits": 1_010_000}
