"""Bots are caught by what they say; no browser of a person is."""

import json
from pathlib import Path

import pytest

from chalicelib.web.bots import agent_reason, bot_reason

DATA = Path(__file__).parents[1] / "data"
BOTS = json.loads((DATA / "bots.json").read_text())["user_agents"]
HUMANS = json.loads((DATA / "humans.json").read_text())["user_agents"]
BROWSER = {"user-agent": HUMANS[0]}


def test_ninety_nine_of_a_hundred_bots_are_caught():
    caught = sum(agent_reason(each) is not None for each in BOTS)

    assert len(BOTS) == 2123
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
