"""The server API as a site's server sees it."""

import pytest

from chalicelib.domain.instant import DAY, HOUR, SECOND
from chalicelib.web.http.token import sign
from tests.recounts import counts
from tests.web.client import ADMIN, SERVER, TOKENS, Site

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


def test_a_login_names_no_one_by_a_bare_id(site: Site) -> None:
    """Taking over somebody by naming their id fails; so does a token that somebody else signed."""
    site.load(EXPERIMENT)
    victim = "victims-visitor-id"
    visit(site, sign(victim, [TOKENS]), {"type": "confirm", "id": "c1"})
    forged = sign(victim, ["another-key-of-sixteen-characters"])
    for named in (victim, forged, forged.replace("v1.", "v2."), "~mallory", None, 7, ""):
        answer = site.post("/v1/identify", {"visitor": named, "user_id": "mallory"})

        assert (answer.status, answer.body["field"]) == (400, "visitor")

    assert site.store.load_visitor(victim, site.now)[0].user_id is None
    assert list(site.store.visitors) == [victim]


def test_a_user_cannot_take_over_the_visitor_of_another_user(site: Site) -> None:
    site.load(EXPERIMENT)
    shared = sign("shared-computer", [TOKENS])
    ann = site.post("/v1/identify", {"visitor": shared, "user_id": "ann"})
    bob = site.post("/v1/identify", {"visitor": shared, "user_id": "bob"})
    site.now += SECOND
    site.post("/v1/goals", {"user_id": "bob", "goal": "signup"})

    assert (ann.body["visitor"], bob.body["outcome"]) == (shared, "other_user")
    assert bob.body["visitor"] != shared
    assert site.store.load_visitor("shared-computer", site.now)[0].facts == ()


def test_the_token_of_a_user_without_visitor_works_as_a_cookie(site: Site) -> None:
    """Even for a user id full of what a cookie may not hold."""
    site.load(EXPERIMENT)
    user = 'ann.o"hara; 猫=%2E@example.org'
    assigned = site.post("/v1/assign", {"user_id": user, "experiments": ["headline"]}).body
    headers = {**HUMAN, "Cookie": f"__Host-leansplit={assigned['visitor']}"}
    seen = site.send("GET", "/e/assign?experiments=headline", **headers).body

    assert seen["visitor"] == assigned["visitor"]
    assert seen["assignments"]["headline"]["variation"] == assigned["assignments"]["headline"]["variation"]
    assert seen["assignments"]["headline"]["reason"] == "enrolled"


@pytest.mark.parametrize("path", ["/v1/assign", "/v1/goals", "/v1/engagement", "/v1/identify"])
def test_servers_need_their_key(site: Site, path: str) -> None:
    for key in (None, "a-wrong-key-for-tests", ""):
        answer = site.post(path, {"user_id": "42"}, key)

        assert answer.status == 401
        assert answer.body["error"] == "a server key is needed: Authorization: Bearer <key>"
    assert site.store.visitors == {}


def test_the_wrong_kind_of_key_is_called_by_its_name(site: Site) -> None:
    told = site.post("/v1/goals", {"user_id": "42"}, ADMIN).body["error"]
    assert told == "a server key is needed here, and this is an admin key"
    told = site.send("GET", "/admin/goals", None, SERVER).body["error"]
    assert told == "an admin key is needed here, and this is a server key"


@pytest.mark.parametrize(
    "user", ["undefined", "null", "None", "NULL", "[object Object]", "0", "NaN", " ", "\t", " null "]
)
def test_what_programs_write_for_a_missing_id_is_nobody(site: Site, user: str) -> None:
    """Six visitors would become one person; who became that person before can still be erased."""
    site.load(EXPERIMENT)
    for path in ("/v1/assign", "/v1/goals", "/v1/identify"):
        token = {"visitor": sign("phone-00000001", [TOKENS])} if path == "/v1/identify" else {}
        answer = site.post(path, {"user_id": user, "goal": "signup", **token})
        assert (answer.status, answer.body["field"]) == (400, "user_id")
    assert site.store.visitors == {}
    assert site.post("/v1/erase", {"user_id": user}).status == 404


@pytest.mark.parametrize(
    ("path", "item", "field"),
    [
        ("/v1/goals", {"goal": "signup"}, "user_id"),
        ("/v1/goals", {"goal": "signup", "user_id": "1", "visitor": "x"}, "user_id"),
        ("/v1/goals", {"goal": "signup", "user_id": ""}, "user_id"),
        ("/v1/goals", {"goal": "signup", "user_id": "a" * 257}, "user_id"),
        ("/v1/goals", {"goal": "signup", "user_id": 42}, "user_id"),
        ("/v1/goals", {"goal": "signup", "visitor": "short"}, "visitor"),
        ("/v1/goals", {"goal": "two words", "user_id": "1"}, "goal"),
        ("/v1/goals", {"user_id": "1"}, "goal"),
        ("/v1/goals", {"goal": "signup", "user_id": "1", "id": ""}, "id"),
        ("/v1/goals", {"goal": "signup", "user_id": "1", "at": "yesterday"}, "at"),
        ("/v1/goals", {"goal": "signup", "user_id": "1", "at": "2026-03-10T12:00:00"}, "at"),
        ("/v1/goals", {"goal": "signup", "user_id": "1", "value": "much"}, "value"),
        ("/v1/goals", {"goal": "signup", "user_id": "1", "value": 0.00001}, "value"),
        ("/v1/engagement", {"goal": "purchase", "user_id": "1"}, "value"),
        ("/v1/engagement", {"goal": "purchase", "user_id": "1", "value": 1e10}, "value"),
        ("/v1/assign", {"experiments": ["headline"]}, "user_id"),
        ("/v1/assign", {"user_id": "1", "experiments": "headline"}, "experiments"),
        ("/v1/assign", {"user_id": "1", "experiments": ["two words"]}, "experiments[0]"),
        ("/v1/assign", {"user_id": "1", "enroll": "no"}, "enroll"),
        ("/v1/identify", {"user_id": "1"}, "visitor"),
    ],
)
def test_a_wrong_field_is_named_alone_and_in_a_batch(
    site: Site, path: str, item: dict[str, object], field: str
) -> None:
    site.load(EXPERIMENT)
    single, batch = site.post(path, item), site.post(path, [item, item])

    assert (single.status, single.body["field"]) == (400, field)
    assert batch.status == 200
    assert [each["field"] for each in batch.body["results"]] == [f"[0].{field}", f"[1].{field}"]
    assert site.store.visitors == {}


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"nonsense"])
def test_a_body_that_is_no_json_is_named(site: Site, body: bytes) -> None:
    answer = site.post("/v1/goals", body)

    assert (answer.status, answer.body["field"]) == (400, "body")


def test_items_that_are_no_objects_are_named(site: Site) -> None:
    assert site.post("/v1/goals", 7).status == 400
    assert [each["status"] for each in site.post("/v1/goals", [7, None]).body["results"]] == [400, 400]


def test_what_is_too_large_is_413_and_nothing_is_written(site: Site) -> None:
    site.load(EXPERIMENT)
    item = {"user_id": "1", "goal": "signup"}

    assert site.post("/v1/goals", [item] * 501).status == 413
    assert site.post("/v1/goals", b" " * (1024 * 1024 + 1)).status == 413
    assert site.store.visitors == {}
    assert site.post("/v1/goals", []).body == {"results": []}


def test_five_hundred_items_have_a_result_each(site: Site) -> None:
    site.load(EXPERIMENT)
    items = [{"user_id": str(1 + number % 6), "goal": "signup", "id": str(number)} for number in range(498)]
    items += [{"user_id": "7", "goal": "unheard_of"}, {"user_id": "7"}]
    results = site.post("/v1/goals", items).body["results"]

    assert [each["status"] for each in results] == [200] * 498 + [422, 400]
    assert results[0] == {"status": 200, "id": "0"}
    assert results[498] == {"status": 422, "error": "refused: unknown_goal", "reason": "unknown_goal"}


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        ({"goal": "unheard_of"}, "unknown_goal"),
        ({"goal": "signup", "at": "2026-03-03T11:59:59Z"}, "too_late"),
        ({"goal": "signup", "at": "2026-03-10T12:01:01Z"}, "in_the_future"),
    ],
)
def test_what_must_not_count_is_422_with_its_reason(site: Site, item: dict[str, object], reason: str) -> None:
    site.load(EXPERIMENT)
    answer = site.post("/v1/goals", {"user_id": "1", **item})

    assert (answer.status, answer.body["reason"]) == (422, reason)
    assert site.store.visitors == {}


def test_a_server_may_tell_of_the_last_seven_days(site: Site) -> None:
    site.load(EXPERIMENT)
    site.now -= 7 * DAY
    site.post("/v1/assign", {"user_id": "1", "experiments": ["headline"]})
    site.now += 7 * DAY
    told = {"user_id": "1", "goal": "signup", "at": "2026-03-03T12:00:00+00:00"}

    assert site.post("/v1/goals", told).status == 200
    assert [
        row for (_, goal), row in counts(site.store, "headline", site.now).goals.items() if goal == "signup"
    ] == [[1, 0]]


def test_a_retried_request_writes_nothing(site: Site) -> None:
    site.load(EXPERIMENT)
    token = sign("phone-00000001", [TOKENS])
    requests = [
        ("/v1/assign", {"user_id": "1", "experiments": ["headline"]}),
        ("/v1/identify", {"user_id": "1", "visitor": token}),
        ("/v1/goals", {"user_id": "1", "goal": "signup", "id": "s"}),
        ("/v1/engagement", [{"user_id": "1", "goal": "purchase", "value": 3, "id": "p"}] * 2),
    ]
    for path, body in requests:
        site.now += SECOND
        assert site.post(path, body).status == 200
    before = dict(site.store.visitors)
    for path, body in requests:
        site.now += SECOND
        assert site.post(path, body).status == 200

    assert site.store.visitors == before


def test_servers_are_never_filtered_as_bots(site: Site) -> None:
    site.load(EXPERIMENT)
    site.post("/v1/assign", {"user_id": "1", "experiments": ["headline"]}, **{"User-Agent": "Googlebot/2.1"})

    assert sum(counts(site.store, "headline", site.now).enrolled.values()) == 1


def test_assignment_enrols_unless_asked_not_to(site: Site) -> None:
    site.load(EXPERIMENT)
    asked = {"user_id": "1", "experiments": ["headline"]}
    looked = site.post("/v1/assign", {**asked, "enroll": False}).body

    assert site.store.visitors == {}
    assert site.post("/v1/assign", asked).body == looked
    assert site.post("/v1/assign", asked).body["assignments"]["headline"]["reason"] == "enrolled"


def test_asking_for_all_experiments_enrols_in_none(site: Site) -> None:
    site.load(EXPERIMENT)

    assert set(site.post("/v1/assign", {"user_id": "1"}).body["assignments"]) == {"headline"}
    assert site.store.visitors == {}


def test_a_visitor_whom_a_server_enrols_waits_until_its_script_ran(site: Site) -> None:
    site.load(EXPERIMENT)
    token = sign("phone-00000001", [TOKENS])
    shown = site.post("/v1/assign", {"visitor": token, "experiments": ["headline"]}).body
    variation = shown["assignments"]["headline"]["variation"]

    assert counts(site.store, "headline", site.now).enrolled == {}
    visit(site, token, {"type": "confirm", "id": "c"})
    assert counts(site.store, "headline", site.now).enrolled == {variation: 1}


def test_a_person_is_erased_by_the_server_and_the_browser_gets_a_new_id(site: Site) -> None:
    site.load(EXPERIMENT)
    token = sign("phone-00000001", [TOKENS])
    visit(
        site, token, {"type": "confirm", "id": "c"}, {"type": "enroll", "id": "e", "experiment": "headline"}
    )
    site.post("/v1/identify", {"visitor": token, "user_id": "ann/?%2F#1"})
    assert site.send("DELETE", "/v1/visitors/phone-00000001").status == 401

    erased = site.post("/v1/erase", {"user_id": "ann/?%2F#1"})
    assert (erased.status, erased.body) == (200, {"erased_documents": 2})
    assert counts(site.store, "headline", site.now).enrolled == {}
    assert site.send("DELETE", "/v1/visitors/phone-00000001", None, SERVER).status == 404
    assert site.post("/v1/erase", {"user_id": "nobody"}).status == 404
    assert site.post("/v1/goals", {"visitor": token, "goal": "signup"}).body["reason"] == "erased"
    fresh = visit(site, token, {"type": "confirm", "id": "d"})
    assert fresh not in (token, None)


def test_a_visitor_is_erased_by_its_token(site: Site) -> None:
    site.load(EXPERIMENT)
    token = sign("phone-00000001", [TOKENS])
    visit(site, token, {"type": "confirm", "id": "c"})

    assert site.send("DELETE", f"/v1/visitors/{token}", None, SERVER).body == {"erased_documents": 1}
    assert site.send("DELETE", "/v1/visitors/short", None, SERVER).status == 400
