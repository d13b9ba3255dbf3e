"""What a person's browser sends."""

from typing import Any

from tests.browser.server import Shop

PAGE = """<!doctype html><title>shop</title>
<script>window.leansplit=window.leansplit||function(){(leansplit.q=leansplit.q||[]).push(arguments)}</script>
<script async src="/leansplit.js"></script>
<h1>Old</h1>
<script>leansplit(function(e){document.querySelector("h1").textContent=e.variant("headline")})</script>"""


def test_a_page_sends_one_post_with_confirmation_and_enrolment(shop: Shop, human: Any) -> None:
    shop.define({"name": "headline", "state": "enabled"})
    shop.pages["/"] = PAGE
    page = human.new_page()
    page.goto(shop.url + "/")
    shop.wait_for(lambda: shop.posts)
    page.wait_for_timeout(600)

    assert [post.kinds for post in shop.posts] == [["confirm", "enroll"]]
    [visitor] = shop.visitors
    assert visitor.human is not None
    assert visitor.enrollments["headline"].variation == page.inner_text("h1")
