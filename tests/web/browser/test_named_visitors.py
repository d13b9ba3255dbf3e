"""A visitor that an address names: answered, and never taken for the caller."""

from chalicelib.web.http.token import sign
from tests.web.client import TOKENS, Site

OTHER = sign("somebody-00001", [TOKENS])
MINE = sign("visitor-000001", [TOKENS])


def test_a_token_in_the_address_is_answered_and_becomes_no_cookie(site: Site) -> None:
    answer = site.send("GET", f"/e/assign?visitor={OTHER}")

    assert answer.body["visitor"] == OTHER
    assert {"Set-Cookie", "X-Leansplit-Visitor"} & set(answer.headers) == set()


def test_the_cookie_goes_before_the_address(site: Site) -> None:
    answer = site.send("GET", f"/e/assign?visitor={OTHER}", Cookie=f"__Host-leansplit={MINE}")

    assert answer.body["visitor"] == MINE
    assert MINE in answer.headers["Set-Cookie"]


def test_a_bare_id_in_the_address_becomes_no_cookie(site: Site) -> None:
    answer = site.send("GET", "/e/assign?visitor=somebody-00001")

    assert answer.body["visitor"] == OTHER
    assert "Set-Cookie" not in answer.headers


def test_whoever_names_nobody_gets_a_cookie(site: Site) -> None:
    answer = site.send("GET", "/e/assign")

    assert answer.body["visitor"] in answer.headers["Set-Cookie"]
