"""Bots are caught by what they say; no browser of a person is."""

import json
from pathlib import Path

import pytest

from chalicelib.web.http.bots import agent_reason, bot_reason
from tests.web.browser.test_routes import excluded
from tests.web.client import SERVER

DATA = Path(__file__).parents[2] / "data"
BOTS = json.loads((DATA / "bots.json").read_text())["user_agents"]
HUMANS = json.loads((DATA / "humans.json").read_text())["user_agents"]
BROWSER = {"user-agent": HUMANS[0]}


def test_ninety_nine_of_a_hundred_bots_are_caught():
    caught = sum(agent_reason(each) is not None for each in BOTS)

    assert len(BOTS) == 2122
    assert caught / len(BOTS) >= 0.99


def test_no_browser_of_a_person_is_refused():
    refused = [each for each in HUMANS if agent_reason(each) is not None]

    assert len(HUMANS) == 1452
    assert refused == []


@pytest.mark.parametrize(
    ("header", "value", "reason"),
    [
        ("sec-purpose", "prefetch;prerender", "prerender"),
        ("sec-purpose", "prefetch", "prefetch"),
        ("purpose", "Prefetch", "prefetch"),
        ("x-moz", "prefetch", "prefetch"),
        ("x-purpose", "preview", "prefetch"),
        ("signature-agent", '"https://chatgpt.com"', "signed_agent"),
        ("sec-ch-ua", '"HeadlessChrome";v="150"', "bot"),
        ("user-agent", "", "no_user_agent"),
        ("user-agent", "  ", "no_user_agent"),
        ("user-agent", "curl/8.5.0", "bot"),
    ],
)
def test_a_request_that_says_so_is_not_a_person_s(header, value, reason):
    assert bot_reason({**BROWSER, header: value}) == reason


def test_a_browser_s_request_is_a_person_s():
    assert bot_reason({**BROWSER, "sec-purpose": "", "sec-ch-ua": '"Chromium";v="150"'}) is None
    assert bot_reason({}) == "no_user_agent"


def test_an_endless_user_agent_is_judged_by_its_beginning():
    assert agent_reason("Googlebot/2.1 " + "x" * 100_000) == "bot"
    assert agent_reason(HUMANS[0] + " " * 100_000) is None


def enroll(site, agent, key=None, **fields):
    site.load({"name": "headline", "state": "enabled"})
    events = [{"type": "confirm", "id": "c"}, {"type": "enroll", "id": "e", "experiment": "headline"}]
    body = {"visitor": "visitor-1", "events": events, **fields}

    return site.send("POST", "/e/collect", body, key, **{"User-Agent": agent})


def test_a_browser_that_a_program_drives_is_excluded_by_reason(site):
    assert enroll(site, HUMANS[0], webdriver=True).status == 204

    assert site.store.visitors == {}
    assert excluded(site) == {"webdriver": 1}


def test_a_server_with_its_key_is_never_filtered(site):
    enroll(site, "python-requests/2.32.3", SERVER)

    assert set(site.store.visitors) == {"visitor-1"}
    assert excluded(site) == {}


def test_a_person_s_browser_counts(site):
    enroll(site, HUMANS[0])

    assert set(site.store.visitors) == {"visitor-1"}
