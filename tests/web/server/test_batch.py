"""Lists: a result for each item in its place, and the same list again changes nothing."""

import gzip
import json
from typing import Any

import pytest

from chalicelib.domain.instant import SECOND
from chalicelib.web.http.token import sign
from tests.recounts import counts
from tests.web.client import ADMIN, TOKENS, Site

PATHS = ["/v1/assign", "/v1/goals", "/v1/engagement", "/v1/identify", "/v1/erase"]
PHONE, LAPTOP = (sign(device, [TOKENS]) for device in ("phone-00000001", "laptop-0000001"))
GOAL = {"user_id": "1", "goal": "signup"}


@pytest.fixture(autouse=True)
def experiment(site: Site) -> None:
    site.load({"name": "headline", "state": "enabled", "goals": ["signup"]})
    site.now += SECOND


def statuses(site: Site, path: str, items: list[Any]) -> list[int]:
    return [each["status"] for each in site.post(path, items).body["results"]]


def test_a_list_that_fails_in_parts_keeps_its_order_and_again_changes_nothing(site: Site) -> None:
    logins = [
        {"visitor": PHONE, "user_id": "1"},
        {"visitor": "phone-00000001", "user_id": "1"},
        {"visitor": LAPTOP, "user_id": "1"},
        {"visitor": LAPTOP, "user_id": "2"},
        [],
    ]
    goals = [
        {**GOAL, "id": "a"},
        {"visitor": LAPTOP, "goal": "signup", "id": "a"},
        {"visitor": "phone-00000001", "goal": "signup", "id": "b"},
        {**GOAL, "goal": "unheard-of", "id": "c"},
        {**GOAL, "at": "yesterday"},
        {"user_id": "2", "goal": "signup", "id": "a"},
        {**GOAL, "id": "d"},
    ]
    expected = {"/v1/identify": [200, 400, 200, 200, 400], "/v1/goals": [200, 200, 200, 422, 400, 200, 200]}
    found = {path: statuses(site, path, items) for path, items in zip(expected, (logins, goals), strict=True)}
    before = dict(site.store.visitors)
    site.now += SECOND

    assert found == expected
    assert site.post("/v1/goals", goals).body["results"][6]["id"] == "d"
    assert statuses(site, "/v1/identify", logins) == expected["/v1/identify"]
    assert site.store.visitors == before
    assert len(site.store.load_visitor("phone-00000001", site.now)[0].facts) == 3


def test_of_values_without_a_time_the_last_of_the_list_is_the_last(site: Site) -> None:
    """As in a browser's batch: each a millisecond after the one before."""
    site.load({"name": "plans", "goals": [{"name": "plan", "type": "engagement", "metric": "last"}]})
    site.post("/admin/experiments/plans/enable", {}, ADMIN)
    site.post("/v1/assign", {"user_id": "1", "experiments": ["plans"]})
    for path, values in (("/v1/engagement", (9, 1)), ("/v1/goals", (7, 8, 2))):
        site.now += SECOND
        told = [{"user_id": "1", "goal": "plan", "value": value, "id": str(value)} for value in values]
        for _ in range(2):
            assert statuses(site, path, told) == [200] * len(told)
        rows = counts(site.store, "plans", site.now).goals

        assert [row for (_, goal), row in rows.items() if goal == "plan"] == [[1, values[-1] * 10_000]]


def test_a_list_in_another_order_says_the_same(site: Site) -> None:
    goals = [{**GOAL, "user_id": str(number % 3), "id": str(number)} for number in range(30)]
    statuses(site, "/v1/goals", goals)
    before = dict(site.store.visitors)
    statuses(site, "/v1/goals", goals[::-1])

    assert site.store.visitors == before


@pytest.mark.parametrize("path", PATHS)
def test_an_empty_list_one_of_501_and_lists_in_lists(site: Site, path: str) -> None:
    assert site.post(path, []).body == {"results": []}
    assert (site.post(path, [GOAL] * 501).status, site.store.visitors) == (413, {})
    assert site.post(path, [[GOAL], {}]).body["results"][0]["field"] == "[0]"


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[" * 100_000,
        b'{"a":' * 50_000,
        gzip.compress(json.dumps(GOAL).encode()),
        '{"user_id": "é"}'.encode("latin-1"),
        b'{"user_id": "1", "goal": "signup", "value": ' + b"9" * 5_000 + b"}",
    ],
    ids=["nothing", "lists", "objects", "gzip", "latin-1", "digits"],
)
def test_what_is_no_json_is_said_to_be_none(site: Site, path: str, body: bytes) -> None:
    answer = site.post(path, body)

    assert (answer.status, answer.body["field"]) == (400, "body")
    assert site.store.visitors == {}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_another_content_type_is_415(site: Site, path: str, kind: str) -> None:
    answer = site.post(path, GOAL, **{"Content-Type": kind})

    assert (answer.status, "Content-Type: application/json" in answer.body["error"]) == (415, True)


def test_a_megabyte_is_read_and_a_byte_more_is_not(site: Site) -> None:
    told = json.dumps(GOAL).encode()

    assert site.post("/v1/goals", told.ljust(1024 * 1024)).status == 200
    assert site.post("/v1/goals", told.ljust(1024 * 1024 + 1)).status == 413


@pytest.mark.parametrize("path", PATHS)
def test_a_browser_s_token_and_an_operator_s_key_open_nothing(site: Site, path: str) -> None:
    for key in (PHONE, "an-admin-key-for-tests", "a-server-key-for-test", "\xe9"):
        assert site.post(path, GOAL, key).status == 401
    assert site.store.visitors == {}
