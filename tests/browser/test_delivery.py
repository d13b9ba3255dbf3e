"""When the way to the server is bad: nothing breaks, nothing is lost, nothing counts twice."""

from typing import Any

from tests.browser.pages import HEADLINE, page
from tests.browser.server import Fault, Shop

EXPERIMENT = {"name": "headline", "state": "enabled", "goals": ["buy"]}
NO_WAIT = (
    "() => { const s = JSON.parse(localStorage.leansplit); s.w = 0;"
    " localStorage.leansplit = JSON.stringify(s) }"
)


def queued(tab: Any) -> int:
    return int(tab.evaluate("Object.keys(localStorage).filter(k => k.startsWith('leansplit:')).length"))


def facts(shop: Shop) -> int:
    return sum(len(visitor.facts) for visitor in shop.visitors)


def test_with_the_api_down_the_page_shows_its_variation_and_the_facts_arrive_later_once(
    shop: Shop, human: Any
) -> None:
    shop.define(EXPERIMENT)
    shop.pages["/"] = HEADLINE.replace("</body>", "<script>leansplit('goal','buy')</script></body>")
    shop.pages["/later"] = page()
    shop.fault = Fault(status=503)
    tab = human.new_page()
    errors: list[str] = []
    tab.on("pageerror", lambda error: errors.append(str(error)))
    tab.goto(shop.url + "/")
    shop.wait_for(lambda: shop.posts)
    tab.wait_for_function("JSON.parse(localStorage.leansplit).w")
    assert tab.inner_text("h1") in ("control", "test")
    assert queued(tab) == 3
    shop.fault = Fault()
    tab.evaluate(NO_WAIT)
    tab.goto(shop.url + "/later")
    shop.wait_for(lambda: facts(shop))
    tab.wait_for_function("!Object.keys(localStorage).some(k => k.startsWith('leansplit:'))")

    assert errors == []
    assert facts(shop) == 1
    assert shop.visitors[0].enrollments


def test_a_failing_api_is_asked_ever_less_often(shop: Shop, human: Any) -> None:
    shop.define(EXPERIMENT)
    shop.pages["/"] = HEADLINE
    shop.fault = Fault(status=500)
    tab = human.new_page()
    tab.goto(shop.url + "/")
    tab.wait_for_function("JSON.parse(localStorage.leansplit).n == 2", timeout=15_000)
    first = tab.evaluate("JSON.parse(localStorage.leansplit).w - Date.now()")

    assert len(shop.posts) == 2
    assert 3_000 < first < 8_100


def test_offline_then_online_delivers_once(shop: Shop, human: Any) -> None:
    shop.define(EXPERIMENT)
    shop.pages["/"] = HEADLINE
    tab = human.new_page()
    tab.goto(shop.url + "/")
    tab.wait_for_function("JSON.parse(localStorage.leansplit).c")
    human.set_offline(True)
    tab.evaluate("leansplit.goal('buy', 3)")
    tab.wait_for_timeout(900)
    assert len(shop.posts) == 1
    assert queued(tab) == 1
    human.set_offline(False)
    shop.wait_for(lambda: facts(shop))
    tab.wait_for_function("!Object.keys(localStorage).some(k => k.startsWith('leansplit:'))")

    assert [post.kinds for post in shop.posts] == [["confirm", "enroll"], ["goal"]]


def test_an_answer_that_gets_lost_does_not_count_twice(shop: Shop, human: Any) -> None:
    shop.define(EXPERIMENT)
    shop.pages["/"] = HEADLINE.replace("</body>", "<script>leansplit('goal','buy')</script></body>")
    shop.fault = Fault(lose=True)
    tab = human.new_page()
    tab.goto(shop.url + "/")
    shop.wait_for(lambda: facts(shop))
    tab.wait_for_function("JSON.parse(localStorage.leansplit).w")
    shop.fault = Fault()
    tab.evaluate(NO_WAIT)
    tab.goto(shop.url + "/")
    tab.wait_for_function("JSON.parse(localStorage.leansplit).c")

    first, last = shop.posts[0], shop.posts[-1]
    assert len(shop.posts) >= 2
    assert {event["id"] for event in first.events} <= {event["id"] for event in last.events}
    assert len(shop.visitors) == 1
    assert len(shop.visitors[0].enrollments) == 1
    # Each page load reached the goal once; the first one's was sent twice.
    assert facts(shop) == 2


def test_too_many_requests_waits_as_long_as_the_server_says(shop: Shop, human: Any) -> None:
    shop.define(EXPERIMENT)
    shop.pages["/"] = HEADLINE
    shop.fault = Fault(status=429, headers={"Retry-After": "100"})
    tab = human.new_page()
    tab.goto(shop.url + "/")
    tab.wait_for_function("JSON.parse(localStorage.leansplit).w")
    wait = tab.evaluate("JSON.parse(localStorage.leansplit).w - Date.now()")
    tab.goto(shop.url + "/")
    tab.wait_for_timeout(900)

    assert 90_000 < wait <= 100_000
    assert len(shop.posts) == 1


def test_what_the_server_does_not_want_is_not_sent_again(shop: Shop, human: Any) -> None:
    shop.define(EXPERIMENT)
    shop.pages["/"] = HEADLINE
    shop.fault = Fault(status=400)
    tab = human.new_page()
    tab.goto(shop.url + "/")
    tab.wait_for_function("!Object.keys(localStorage).some(k => k.startsWith('leansplit:'))")
    tab.wait_for_timeout(600)

    assert len(shop.posts) == 1


def test_the_queue_keeps_two_hundred_events_and_sends_fifty_at_a_time(shop: Shop, human: Any) -> None:
    shop.define(EXPERIMENT)
    shop.pages["/"] = page()
    tab = human.new_page()
    tab.goto(shop.url + "/")
    tab.wait_for_function("JSON.parse(localStorage.leansplit).c")
    shop.fault = Fault(status=503)
    tab.evaluate("() => { for (let i = 0; i < 500; i++) leansplit.goal('buy') }")
    tab.wait_for_function("JSON.parse(localStorage.leansplit).w")
    assert queued(tab) == 200
    shop.fault = Fault()
    tab.evaluate(NO_WAIT)
    tab.goto(shop.url + "/")
    shop.wait_for(lambda: facts(shop) == 200)

    assert max(len(post.body) for post in shop.posts) < 16_384
    assert max(len(post.events) for post in shop.posts) == 50
