"""Who is nobody's visitor: sees control, or what is forced, and sends nothing."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import ARGS, CHROMIUM
from tests.browser.pages import HEADLINE, page
from tests.browser.server import Shop

ALL_TEST = {"name": "headline", "state": "enabled", "weights": [0, 1], "goals": ["buy"]}
GOAL = "<script>leansplit('goal','buy')</script></body>"
PAGE = HEADLINE.replace("</body>", GOAL)


def visit(shop: Shop, context: Any, path: str = "/") -> Any:
    tab = context.new_page()
    tab.goto(shop.url + path)
    tab.wait_for_function("document.querySelector('h1').textContent != '-'")
    tab.wait_for_timeout(700)
    return tab


def leftovers(tab: Any) -> list[str]:
    return list(tab.evaluate("Object.keys(localStorage)"))


def as_navigator(name: str, value: str) -> str:
    return f"Object.defineProperty(Navigator.prototype, '{name}', {{get: () => {value}}})"


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (as_navigator("webdriver", "true"), "bot"),
        (as_navigator("globalPrivacyControl", "true"), "privacy"),
        (as_navigator("doNotTrack", "'1'"), "privacy"),
    ],
)
def test_a_signal_of_the_browser_is_obeyed(shop: Shop, human: Any, said: str, reason: str) -> None:
    shop.define(ALL_TEST)
    shop.pages["/"] = PAGE
    human.add_init_script(said)
    tab = visit(shop, human)
    tab.goto("about:blank")

    assert shop.posts == []
    tab.goto(shop.url + "/")
    assert tab.evaluate("leansplit.off") == reason
    assert tab.inner_text("h1") == "control"
    assert leftovers(tab) == []


def test_a_site_may_decide_otherwise_about_privacy_signals(shop: Shop, human: Any) -> None:
    shop.define(ALL_TEST)
    shop.pages["/"] = PAGE.replace("<script async", '<script data-privacy="ignore" async')
    human.add_init_script(as_navigator("doNotTrack", "'1'"))
    visit(shop, human)

    assert shop.visitors[0].enrollments


def test_a_bot_by_its_user_agent_sees_control_and_sends_nothing(shop: Shop, browser: Any) -> None:
    shop.define(ALL_TEST)
    shop.pages["/"] = PAGE
    context = browser.new_context(
        user_agent="Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/150.0.0.0 Safari/537.36"
    )
    tab = visit(shop, context)

    assert tab.inner_text("h1") == "control"
    assert shop.posts == []
    context.close()


def test_everybody_sees_the_promoted_variation_and_control_of_a_disabled_one(
    shop: Shop, browser: Any
) -> None:
    shop.define(
        {"name": "headline", "state": "promoted", "promoted": "test"},
        {"name": "old", "variations": ["red", "blue"]},
    )
    shop.pages["/"] = PAGE
    context = browser.new_context(user_agent="Googlebot/2.1 (+http://www.google.com/bot.html)")
    tab = visit(shop, context)

    assert tab.inner_text("h1") == "test"
    assert tab.evaluate("[leansplit.variant('old'), leansplit.control('old'), leansplit.test('old')]") == [
        "red",
        True,
        False,
    ]
    context.close()


def test_a_forced_variation_is_shown_and_sticks_to_the_tab_and_nothing_is_sent(
    shop: Shop, human: Any
) -> None:
    shop.define(ALL_TEST)
    shop.pages["/"] = PAGE
    tab = visit(shop, human, "/?leansplit.headline=control")
    assert tab.inner_text("h1") == "control"
    tab.goto(shop.url + "/")
    tab.wait_for_function("document.querySelector('h1').textContent != '-'")
    tab.wait_for_timeout(600)

    assert tab.inner_text("h1") == "control"
    assert leftovers(tab) == []
    assert shop.posts == []
    assert visit(shop, human).inner_text("h1") == "test"


def test_a_variation_can_be_looked_at_before_the_experiment_is_enabled(shop: Shop, human: Any) -> None:
    shop.define({"name": "headline"})
    shop.pages["/"] = PAGE

    assert visit(shop, human, "/?leansplit.headline=test").inner_text("h1") == "test"


@pytest.mark.parametrize(
    "query", ["leansplit.headline=nonsense", "leansplit.other=test", "leansplit.headline="]
)
def test_what_cannot_be_forced_is_ignored(shop: Shop, human: Any, query: str) -> None:
    shop.define(ALL_TEST)
    shop.pages["/"] = PAGE
    visit(shop, human, f"/?{query}")

    assert shop.visitors[0].enrollments


def test_a_page_in_the_background_sends_nothing_until_it_is_seen(shop: Shop, human: Any) -> None:
    shop.define(ALL_TEST)
    shop.pages["/"] = PAGE
    human.add_init_script(
        "let hidden = true; Object.defineProperty(Document.prototype, 'hidden', {get: () => hidden});"
        "window.show = () => { hidden = false;"
        " document.dispatchEvent(new Event('visibilitychange', {bubbles: true})) }"
    )
    tab = visit(shop, human)
    assert shop.posts == []
    assert [key for key in leftovers(tab) if ":" in key] == []
    tab.evaluate("show()")
    shop.wait_for(lambda: shop.visitors)

    assert shop.posts[0].kinds == ["enroll", "goal", "confirm"]
    assert max(event["age"] for event in shop.posts[0].events) < 700


def test_a_background_page_that_is_closed_unseen_leaves_no_trace(shop: Shop, human: Any) -> None:
    shop.define(ALL_TEST)
    shop.pages["/"] = PAGE
    human.add_init_script("Object.defineProperty(Document.prototype, 'hidden', {get: () => true})")
    tab = visit(shop, human)
    tab.close()
    time.sleep(0.3)

    assert shop.posts == []
    assert shop.visitors == []


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Callable[[str], None]]:
    """Opens an address in a Chromium that no program drives: DevTools forbid prerendering."""
    started: list[subprocess.Popen[bytes]] = []

    def visit_alone(address: str) -> None:
        options = ["--headless=new", "--remote-debugging-port=0", f"--user-data-dir={tmp_path}", *ARGS]
        with (tmp_path / "log").open("wb") as log:
            started.append(
                subprocess.Popen([str(CHROMIUM), *options, address], stderr=log, start_new_session=True)
            )

    yield visit_alone
    for process in started:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def test_a_prerendered_page_counts_from_its_activation(shop: Shop, alone: Callable[[str], None]) -> None:
    shop.define(ALL_TEST)
    rules = '{"prerender":[{"source":"list","urls":["/next"],"eagerness":"immediate"}]}'
    go = "<script>setTimeout(function(){location.href='/next'},2500)</script>"
    shop.pages |= {"/": page(f'<script type="speculationrules">{rules}</script>{go}', head=""), "/next": PAGE}
    alone(shop.url + "/")
    shop.wait_for(lambda: [each for each in shop.requests if each.path == "/leansplit.js"])
    time.sleep(1)
    assert shop.posts == []
    shop.wait_for(lambda: shop.visitors)

    [loaded] = [each for each in shop.requests if each.path == "/next"]
    assert loaded.headers["sec-purpose"] == "prefetch;prerender"
    assert sorted(shop.posts[0].kinds) == ["confirm", "enroll", "goal"]
    assert max(event["age"] for event in shop.posts[0].events) < 700
    assert shop.visitors[0].enrollments


def test_a_page_that_is_prerendered_and_never_seen_sends_nothing(
    shop: Shop, alone: Callable[[str], None]
) -> None:
    shop.define(ALL_TEST)
    rules = '{"prerender":[{"source":"list","urls":["/next"],"eagerness":"immediate"}]}'
    go = "<script>setTimeout(function(){location.href='/other'},2000)</script>"
    shop.pages |= {
        "/": page(f'<script type="speculationrules">{rules}</script>{go}', head=""),
        "/next": PAGE,
        "/other": page("<h1>other</h1>", head=""),
    }
    alone(shop.url + "/")
    shop.wait_for(lambda: [each for each in shop.requests if each.path == "/leansplit.js"])
    shop.wait_for(lambda: [each for each in shop.requests if each.path == "/other"])
    time.sleep(0.6)

    assert shop.posts == []


@pytest.mark.parametrize("step", [lambda tab: tab.evaluate("leansplit('consent', true)")])
def test_without_consent_nothing_is_stored_or_sent(
    shop: Shop, human: Any, step: Callable[[Any], Any]
) -> None:
    shop.define(ALL_TEST)
    shop.pages["/"] = PAGE.replace("<script async", '<script data-consent="required" async')
    tab = visit(shop, human)
    assert tab.inner_text("h1") == "control"
    assert leftovers(tab) == []
    assert shop.posts == []
    tab.evaluate("leansplit('consent', true)")
    assert tab.evaluate("leansplit.variant('headline')") == "test"
    shop.wait_for(lambda: shop.visitors)

    assert sorted(shop.posts[0].kinds) == ["confirm", "enroll"]


def test_consent_that_is_withdrawn_forgets_everything(shop: Shop, human: Any) -> None:
    shop.define(ALL_TEST)
    shop.pages["/"] = PAGE
    tab = visit(shop, human)
    sent = len(shop.posts)
    assert tab.evaluate("document.cookie")
    tab.evaluate("() => { leansplit.goal('buy'); leansplit.consent(false); leansplit.goal('buy') }")
    tab.wait_for_timeout(600)

    assert tab.evaluate("leansplit.variant('headline')") == "control"
    assert leftovers(tab) == []
    assert tab.evaluate("document.cookie") == ""
    assert len(shop.posts) == sent


def test_a_browser_that_keeps_nothing_sees_control_and_sends_nothing(shop: Shop, human: Any) -> None:
    shop.define(ALL_TEST)
    shop.pages["/"] = PAGE
    human.add_init_script(
        "Object.defineProperty(window, 'localStorage',"
        " {get() { throw new DOMException('no', 'SecurityError') }})"
    )
    tab = visit(shop, human)

    assert tab.inner_text("h1") == "control"
    assert shop.posts == []


def test_a_browser_that_refuses_cookies_is_one_visitor_by_its_storage(shop: Shop, human: Any) -> None:
    shop.define(ALL_TEST)
    shop.pages |= {"/": PAGE, "/again": PAGE}
    human.add_init_script("Object.defineProperty(Document.prototype, 'cookie', {get: () => '', set() {}})")
    tab = visit(shop, human)
    human.clear_cookies()
    tab.goto(shop.url + "/again")
    shop.wait_for(lambda: len(shop.posts) == 2)
    shop.wait_for(lambda: len(shop.visitors[0].facts) == 2)

    assert "cookie" not in shop.posts[1].headers
    assert len(shop.visitors) == 1
    assert shop.visitors[0].claimed_at is not None
