"""What a person's browser sends: little, once, and nothing that nobody saw."""

from typing import Any

from tests.browser.pages import HEADLINE, NOTHING, page
from tests.browser.server import Shop

EXPERIMENT = {"name": "headline", "state": "enabled", "goals": ["buy"]}


def test_a_page_sends_one_post_with_confirmation_and_enrolment(shop: Shop, human: Any) -> None:
    shop.define(EXPERIMENT)
    shop.pages["/"] = HEADLINE
    tab = human.new_page()
    tab.goto(shop.url + "/")
    shop.wait_for(lambda: shop.visitors)
    tab.wait_for_timeout(700)

    assert [post.kinds for post in shop.posts] == [["confirm", "enroll"]]
    assert shop.posts[0].headers["accept"] == "*/*"
    [visitor] = shop.visitors
    assert visitor.human is not None
    assert visitor.enrollments["headline"].variation == tab.inner_text("h1")


def test_a_goal_on_the_same_page_goes_with_the_same_post(shop: Shop, human: Any) -> None:
    shop.define(EXPERIMENT)
    shop.pages["/"] = HEADLINE.replace("</body>", "<script>leansplit('goal','buy',19.99*3)</script></body>")
    human.new_page().goto(shop.url + "/")
    shop.wait_for(lambda: shop.visitors)

    assert [post.kinds for post in shop.posts] == [["confirm", "enroll", "goal"]]
    assert shop.visitors[0].facts[0].value == 599_700


def test_a_second_page_says_only_what_is_new(shop: Shop, human: Any) -> None:
    shop.define(EXPERIMENT)
    shop.pages |= {"/": HEADLINE, "/thanks": page("<script>leansplit('goal','buy',5)</script>")}
    tab = human.new_page()
    tab.goto(shop.url + "/")
    tab.wait_for_function("JSON.parse(localStorage.leansplit).c")
    tab.goto(shop.url + "/")
    tab.wait_for_timeout(700)
    assert len(shop.posts) == 1
    tab.goto(shop.url + "/thanks")
    shop.wait_for(lambda: len(shop.posts) == 2)
    shop.wait_for(lambda: shop.visitors[0].facts)

    assert shop.posts[1].kinds == ["goal"]
    assert len(shop.visitors) == 1


def test_an_enrolment_is_told_again_after_a_day(shop: Shop, human: Any) -> None:
    shop.define(EXPERIMENT)
    shop.pages["/"] = HEADLINE
    tab = human.new_page()
    tab.goto(shop.url + "/")
    tab.wait_for_function("JSON.parse(localStorage.leansplit).c")
    tab.evaluate(
        "() => { const s = JSON.parse(localStorage.leansplit); s.c -= 9e7; s.m.headline[2] -= 9e7;"
        " localStorage.leansplit = JSON.stringify(s) }"
    )
    tab.goto(shop.url + "/")
    shop.wait_for(lambda: len(shop.posts) == 2)

    assert shop.posts[1].kinds == ["confirm", "enroll"]


def test_a_bounce_before_the_batch_leaves_by_beacon(shop: Shop, human: Any) -> None:
    shop.define(EXPERIMENT)
    shop.pages["/"] = HEADLINE
    tab = human.new_page()
    tab.goto(shop.url + "/")
    tab.wait_for_function("document.querySelector('h1').textContent != '-'")
    tab.goto("about:blank")
    shop.wait_for(lambda: shop.visitors)
    tab.wait_for_timeout(600)

    assert [post.kinds for post in shop.posts] == [["confirm", "enroll"]]
    assert shop.visitors[0].enrollments


def test_a_bounce_before_the_script_ran_sends_nothing(shop: Shop, human: Any) -> None:
    shop.define(EXPERIMENT)
    shop.pages["/"] = page("<h1>-</h1>", head="")
    tab = human.new_page()
    tab.goto(shop.url + "/")
    tab.goto("about:blank")

    assert shop.posts == []
    assert shop.visitors == []


def test_what_a_click_counts_leaves_by_beacon_on_navigation(shop: Shop, human: Any) -> None:
    shop.define(EXPERIMENT)
    shop.pages |= {
        "/": HEADLINE.replace(
            "</body>", "<a href='/next' onclick=\"leansplit('goal','buy',7)\">buy</a></body>"
        ),
        "/next": page("<p>next</p>", head=""),
    }
    tab = human.new_page()
    tab.goto(shop.url + "/")
    tab.wait_for_function("JSON.parse(localStorage.leansplit).c")
    tab.click("a")
    shop.wait_for(lambda: shop.visitors[0].facts)
    tab.wait_for_timeout(500)

    assert [post.kinds for post in shop.posts] == [["confirm", "enroll"], ["goal"]]


def test_a_page_with_twenty_experiments_sends_one_post(shop: Shop, human: Any) -> None:
    names = [f"experiment-{number}" for number in range(20)]
    shop.define(*({"name": name, "state": "enabled"} for name in names))
    shop.pages["/"] = page(f"<script>leansplit(function(e){{{names}.map(e.test)}})</script>")
    human.new_page().goto(shop.url + "/")
    shop.wait_for(lambda: shop.visitors)

    assert [len(post.events) for post in shop.posts] == [21]
    assert set(shop.visitors[0].enrollments) == set(names)


def test_two_tabs_are_one_visitor(shop: Shop, human: Any) -> None:
    shop.define(EXPERIMENT, {"name": "colour", "state": "enabled"})
    shop.pages |= {"/": HEADLINE, "/b": page("<script>leansplit(function(e){e.test('colour')})</script>")}
    first, second = human.new_page(), human.new_page()
    first.goto(shop.url + "/", wait_until="commit")
    first.wait_for_function("localStorage.leansplit")
    second.goto(shop.url + "/b", wait_until="commit")
    first.bring_to_front()
    shop.wait_for(lambda: shop.visitors and len(shop.visitors[0].enrollments) == 2)
    first.wait_for_timeout(700)

    assert len(shop.visitors) == 1
    assert first.evaluate("Object.keys(localStorage)") == ["leansplit"]


def test_a_single_page_application_enrols_as_it_goes(shop: Shop, human: Any) -> None:
    shop.define(EXPERIMENT, {"name": "colour", "state": "enabled"})
    shop.pages["/"] = HEADLINE
    tab = human.new_page()
    tab.goto(shop.url + "/")
    tab.wait_for_function("JSON.parse(localStorage.leansplit).c")
    tab.evaluate(
        "() => { history.pushState({}, '', '/route'); leansplit.test('headline'); leansplit.test('colour') }"
    )
    shop.wait_for(lambda: len(shop.posts) == 2)

    assert [event["experiment"] for event in shop.posts[1].events] == ["colour"]


def test_a_page_that_asks_for_nothing_confirms_and_no_more(shop: Shop, human: Any) -> None:
    shop.define(EXPERIMENT)
    shop.pages["/"] = NOTHING
    human.new_page().goto(shop.url + "/")
    shop.wait_for(lambda: shop.visitors)

    assert [post.kinds for post in shop.posts] == [["confirm"]]
    assert not shop.visitors[0].enrollments


def test_a_change_of_weights_moves_nobody_who_was_there(shop: Shop, human: Any) -> None:
    shop.define(EXPERIMENT)
    shop.pages["/"] = HEADLINE
    tab = human.new_page()
    tab.goto(shop.url + "/")
    tab.wait_for_function("JSON.parse(localStorage.leansplit).c")
    shown = tab.inner_text("h1")
    shop.change("headline", {"weights": [0, 1] if shown == "control" else [1, 0]})
    tab.goto(shop.url + "/")
    tab.wait_for_function("document.querySelector('h1').textContent != '-'")

    assert tab.inner_text("h1") == shown
