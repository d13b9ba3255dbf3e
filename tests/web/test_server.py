"""The server API as a site's server sees it."""

from chalicelib.domain.instant import HOUR, SECOND
from chalicelib.web.token import sign
from tests.recounts import counts
from tests.web.client import TOKENS, Site

EXPERIMENT = {
    "name": "headline",
    "state": "enabled",
    "started_at": "2026-03-01T00:00:00Z",
    "goals": ["signup", {"name": "purchase", "type": "engagement", "server_only": True}],
}
HUMAN = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0"}


def visit(site: Site, token: str, *events: dict[str, object]) -> str:
    """A page in a browser; the token that it holds afterwards."""
    answer = site.post("/e/collect", {"visitor": token, "events": list(events)}, None, **HUMAN)
    assert answer.status == 204
    return answer.headers["X-Leansplit-Visitor"]


def test_a_visitor_who_signs_up_and_comes_back_on_another_device_is_one_participant(site: Site) -> None:
    site.load(EXPERIMENT)
    phone, laptop = sign("phone-00000001", [TOKENS]), sign("laptop-0000001", [TOKENS])
    visit(
        site, phone, {"type": "confirm", "id": "c1"}, {"type": "enroll", "id": "e1", "experiment": "headline"}
    )

    site.now += SECOND
    first = site.post("/v1/identify", {"visitor": phone, "user_id": "42"})
    site.post("/v1/goals", {"user_id": "42", "goal": "signup", "id": "s1"})
    site.now += HOUR
    visit(site, laptop, {"type": "confirm", "id": "c2"})
    second = site.post("/v1/identify", {"visitor": laptop, "user_id": "42"})
    site.post("/v1/engagement", {"user_id": "42", "goal": "purchase", "value": "12.50", "id": "p1"})

    assert (first.body["outcome"], second.body["outcome"]) == ("linked", "joined")
    assert second.body["visitor"] == first.body["visitor"] == phone
    found = counts(site.store, "headline", site.now)
    assert sum(found.enrolled.values()) == 1
    variation = next(iter(found.enrolled))
    assert found.goals == {
        (variation, "signup"): [1, 0],
        (variation, "purchase"): [1, 125_000],
        (variation, "any"): [1, 0],
    }
    assert visit(site, laptop, {"type": "confirm", "id": "c3"}) == phone
