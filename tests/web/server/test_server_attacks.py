"""The server API against clumsy and hostile callers: each gets an answer that says what to do."""

from urllib.parse import quote, unquote

import pytest

from chalicelib.domain.instant import DAY, SECOND, iso_at
from chalicelib.services.visitors.erase import erase
from chalicelib.web.http.token import sign
from tests.recounts import counts
from tests.web.client import ADMIN, SERVER, TOKENS, Site

EXPERIMENT = {
    "name": "headline-" + "x" * 55,
    "state": "enabled",
    "started_at": "2026-03-01T00:00:00Z",
    "goals": ["signup", {"name": "purchase", "type": "engagement", "server_only": True, "max_value": None}],
}
NAME = EXPERIMENT["name"]
PHONE = sign("phone-00000001", [TOKENS])


@pytest.fixture(autouse=True)
def experiment(site: Site) -> None:
    site.load(EXPERIMENT)


@pytest.mark.parametrize("user", ["a" * 256, "é" * 128, "~", "~42", "\0", "a\nb", "\u202e", "x#y/z?%41"])
def test_a_user_id_may_be_any_text_of_256_bytes(site: Site, user: str) -> None:
    """For every call; one of them must not fail a whole list either."""
    asked = {"user_id": user, "experiments": [NAME]}
    assert [each["status"] for each in site.post("/v1/assign", [asked, asked]).body["results"]] == [200, 200]
    assert site.post("/v1/identify", {"user_id": user, "visitor": PHONE}).status == 200
    assert site.post("/v1/goals", {"user_id": user, "goal": "signup", "id": "s"}).status == 200
    assert sum(counts(site.store, NAME, site.now).enrolled.values()) == 1
    assert site.post("/v1/erase", {"user_id": user}).body == {"erased_documents": 2}


def test_a_visitor_of_the_longest_id_may_see_the_experiment_of_the_longest_name(site: Site) -> None:
    asked = {"visitor": "v" * 64, "experiments": [NAME]}

    assert site.post("/v1/assign", asked).body["assignments"][NAME]["in_experiment"]


def test_an_id_that_is_half_a_character_is_refused(site: Site) -> None:
    """A lone surrogate can stand in JSON and nowhere else."""
    told = b'{"user_id": "1", "goal": "signup", "id": "\\ud800"}'
    answer = site.post("/v1/goals", told)

    assert (answer.status, answer.body["field"]) == (400, "id")


def test_text_of_an_operator_that_is_half_a_character_is_refused(site: Site) -> None:
    made = b'{"name": "other", "description": "\\ud800"}'
    answer = site.post("/admin/experiments", made, ADMIN)

    assert (answer.status, answer.body["field"]) == (400, "description")


@pytest.mark.parametrize(
    ("at", "reason"),
    [
        ("2000-01-01T00:00:00Z", "too_late"),
        ("2026-03-03T11:59:59.999Z", "too_late"),
        ("2026-03-10T12:01:00.001Z", "in_the_future"),
        ("2199-12-31T23:59:59Z", "in_the_future"),
    ],
)
def test_a_login_at_a_time_that_cannot_be_joins_nobody(site: Site, at: str, reason: str) -> None:
    """It would make the user human from then on: in the year 2199, or for all the time before."""
    told = {"user_id": "42", "visitor": PHONE, "at": at}
    answer = site.post("/v1/identify", told)

    assert (answer.status, answer.body["reason"]) == (422, reason)
    assert [each["status"] for each in site.post("/v1/identify", [told, told]).body["results"]] == [422, 422]
    assert site.store.visitors == {}


@pytest.mark.parametrize(
    "at", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "1999-12-31T00:00Z"]
)
@pytest.mark.parametrize("path", ["/v1/identify", "/v1/goals", "/v1/engagement"])
def test_a_time_outside_2000_to_2200_is_refused_with_its_field(site: Site, path: str, at: str) -> None:
    who = {"user_id": "42"} | ({"visitor": PHONE} if path == "/v1/identify" else {"goal": "buy", "value": 1})
    answer = site.post(path, [{**who, "at": at}])

    assert [(each["status"], each["field"]) for each in answer.body["results"]] == [(400, "[0].at")]


@pytest.mark.parametrize("at", ["2026-03-03T12:00:00Z", "2026-03-10T12:01:00Z", "2026-03-10T17:30:00+05:30"])
def test_a_login_of_the_last_seven_days_counts(site: Site, at: str) -> None:
    assert (
        site.post("/v1/identify", {"user_id": "42", "visitor": PHONE, "at": at}).body["outcome"] == "linked"
    )


def test_a_leap_day_is_a_day_and_one_of_another_year_is_none(site: Site) -> None:
    site.now = 1_835_524_800_000  # 2028-03-01
    for path, told in (
        ("/v1/goals", {"user_id": "42", "goal": "signup"}),
        ("/v1/identify", {"user_id": "42", "visitor": PHONE}),
    ):
        assert site.post(path, {**told, "at": "2028-02-29T23:59:59Z"}).status == 200
        for none in ("2027-02-29T12:00:00Z", "2028-02-30T12:00:00Z", "2028-02-29T23:59:60Z"):
            assert site.post(path, {**told, "at": none}).body["field"] == "at"


NO_VALUES = """NaN Infinity -Infinity 1e400 -1e400 true [] "NaN" "0x10" "" "0.00001" "5\\u0000"
               "1e-999999999" "1e-1000000000000" "1e99999999999999999999" """


@pytest.mark.parametrize("value", [*NO_VALUES.split(), "9" * 400])
def test_a_value_that_is_no_exact_number_is_named(site: Site, value: str) -> None:
    told = f'{{"user_id": "1", "goal": "purchase", "value": {value}}}'.encode()
    answer = site.post("/v1/engagement", told)

    assert (answer.status, answer.body["field"]) == (400, "value")
    assert site.store.visitors == {}


@pytest.mark.parametrize(
    "value", ["0", "-0", '"-0.0000"', '"0e-99999"', "1e-400", "1e9", '"1000000000.0000"']
)
def test_zero_and_the_largest_value_are_numbers(site: Site, value: str) -> None:
    told = f'{{"user_id": "1", "goal": "purchase", "value": {value}}}'.encode()

    assert site.post("/v1/engagement", told).status == 200


@pytest.mark.parametrize("user", ["42", "~7", "a b", "ann@example.org", "é", "%41", "x.y.z"])
@pytest.mark.parametrize("sent", [str, lambda token: quote(token, safe=""), unquote])
def test_a_token_erases_as_it_is_and_quoted_once_more(site: Site, user: str, sent) -> None:
    """API Gateway hands a path over as it was sent, and some stand-ins decode it."""
    token = site.post("/v1/assign", {"user_id": user, "experiments": [NAME]}).body["visitor"]
    answer = site.send("DELETE", f"/v1/visitors/{sent(token)}", None, SERVER)

    assert (answer.status, answer.body) == (200, {"erased_documents": 1})


def test_erasing_again_is_404_and_a_list_of_it_goes_on(site: Site) -> None:
    site.post("/v1/identify", {"user_id": "42", "visitor": PHONE})
    asked = [{"user_id": "nobody"}, {"user_id": "42"}, {"visitor": PHONE}, {"user_id": "42"}, 7]
    results = site.post("/v1/erase", asked).body["results"]

    assert [each["status"] for each in results] == [404, 200, 404, 404, 400]
    assert results[1] == {"status": 200, "erased_documents": 2}
    assert site.send("DELETE", "/v1/visitors/phone-00000001", None, SERVER).status == 404


def test_a_list_of_erasures_looks_through_the_jobs_once_before_and_once_after(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    users = [{"user_id": str(number)} for number in range(1, 21)]
    site.post("/v1/goals", [{**user, "goal": "signup"} for user in users])
    looked = []
    monkeypatch.setattr(site.store, "jobs", lambda: looked.append(1) or [])
    results = site.post("/v1/erase", users).body["results"]

    assert [each["status"] for each in results] == [200] * 20
    assert len(looked) == 2


def test_a_document_that_cannot_be_read_fails_its_own_item_and_can_be_erased(site: Site) -> None:
    site.post("/v1/goals", [{"user_id": user, "goal": "signup"} for user in "123"])
    site.store.visitors["~2"] = ("nonsense", *site.store.visitors["~2"][1:])
    for path, told in (
        ("/v1/goals", {"goal": "signup"}),
        ("/v1/assign", {"experiments": [NAME]}),
        ("/v1/identify", {"visitor": PHONE}),
    ):
        asked = [{"user_id": user, **told} for user in "12"]
        results = site.post(path, asked).body["results"]

        assert [each["status"] for each in results] == [200, 503]
    assert site.post("/v1/erase", {"user_id": "2"}).body == {"erased_documents": 1}
    assert site.post("/v1/goals", {"user_id": "2", "goal": "signup"}).status == 200


def test_an_event_id_counts_once_for_a_person_and_for_each_of_several(site: Site) -> None:
    """The first content stays; whoever is joined later had it too, and it counts once."""
    site.post("/v1/assign", [{"user_id": user, "experiments": [NAME]} for user in ("1", "2")])
    site.now += SECOND
    told = [
        {"user_id": "1", "goal": "purchase", "value": 5, "id": "same"},
        {"user_id": "1", "goal": "purchase", "value": 7, "id": "same"},
        {"user_id": "1", "goal": "signup", "id": "same"},
        {"user_id": "2", "goal": "purchase", "value": 7, "id": "same"},
        {"visitor": PHONE, "goal": "purchase", "value": 5, "id": "same"},
    ]
    for _ in range(2):
        assert [each["status"] for each in site.post("/v1/goals", told).body["results"]] == [200] * 5
        site.post("/v1/identify", {"user_id": "1", "visitor": PHONE})
    found = counts(site.store, NAME, site.now).goals
    sums = {goal: [0, 0] for _, goal in found}
    for (_, goal), (reached, total) in found.items():
        sums[goal] = [sums[goal][0] + reached, sums[goal][1] + total]

    assert sums == {"purchase": [2, 120_000], "any": [2, 0]}


def test_the_old_key_s_token_logs_in_until_the_key_is_retired(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chalicelib import config

    def keys(written: str) -> None:
        monkeypatch.setenv("TOKEN_KEYS", written)
        config.settings.cache_clear()

    other_stage = sign("phone-00000001", ["the-token-key-of-another-stage"])
    keys(f"a-new-key-that-signs-from-now-on,{TOKENS}")
    first = site.post("/v1/identify", {"user_id": "42", "visitor": PHONE})
    keys("a-new-key-that-signs-from-now-on")

    assert first.body["outcome"] == "linked"
    assert first.body["visitor"] != PHONE
    assert site.post("/v1/identify", {"user_id": "42", "visitor": first.body["visitor"]}).status == 200
    for token in (PHONE, other_stage):
        assert site.post("/v1/identify", {"user_id": "42", "visitor": token}).body["field"] == "visitor"


def test_the_token_of_an_erased_person_takes_nobody_over(site: Site) -> None:
    site.post("/v1/identify", {"user_id": "42", "visitor": PHONE})
    erase(site.store, "phone-00000001", site.now)
    for user in ("42", "7"):
        answer = site.post("/v1/identify", {"user_id": user, "visitor": PHONE}).body

        assert (answer["outcome"], answer["visitor"]) == ("other_user", sign(f"~{user}", [TOKENS]))


def test_the_token_of_a_user_is_no_login_of_another(site: Site) -> None:
    ann = site.post("/v1/assign", {"user_id": "ann", "experiments": [NAME]}).body["visitor"]
    bob = site.post("/v1/identify", {"user_id": "bob", "visitor": ann}).body

    assert (bob["outcome"], bob["visitor"]) == ("other_user", sign("~bob", [TOKENS]))
    assert site.post("/v1/identify", {"user_id": "ann", "visitor": ann}).body["outcome"] == "known"


def test_the_last_moment_of_seven_days_counts(site: Site) -> None:
    told = {"user_id": "1", "goal": "signup", "at": iso_at(site.now - 7 * DAY)}

    assert site.post("/v1/goals", told).status == 200
    assert site.post("/v1/goals", {**told, "at": iso_at(site.now - 7 * DAY - 1)}).body["reason"] == "too_late"
