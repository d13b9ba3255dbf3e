"""The ways to include the snippet: on the page's host, a subdomain, a foreign host; as script or module."""

import json
from collections.abc import Callable
from typing import Any

from tests.browser.pages import HEADLINE, STUB, page
from tests.browser.server import Shop

EXPERIMENT = {"name": "headline", "state": "enabled", "weights": [0, 1], "goals": ["buy"]}
ASK = (
    "<h1>-</h1><script>leansplit(function(e){"
    "document.querySelector('h1').textContent=e.variant('headline')})</script>"
)
TOLD = "JSON.parse(localStorage.leansplit).c"


def on(host: str, port: int, attributes: str = "") -> str:
    return page(ASK, STUB + f'<script async src="https://{host}:{port}/leansplit.js" {attributes}></script>')


def cookies(context: Any) -> dict[str, dict[str, Any]]:
    return {each["name"]: each for each in context.cookies()}


def visit_twice(tab: Any, shop: Shop, address: str) -> None:
    tab.goto(address)
    tab.wait_for_function(TOLD)
    tab.goto(address)
    tab.evaluate("leansplit.goal('buy')")
    shop.wait_for(lambda: any(visitor.facts for visitor in shop.visitors))


def test_on_the_same_host_the_visitor_is_a_host_cookie(
    shop: Shop, secure: Callable[..., int], human: Any
) -> None:
    port = secure()
    shop.define(EXPERIMENT)
    shop.pages["/"] = on("www.shop.test", port)
    visit_twice(human.new_page(), shop, f"https://www.shop.test:{port}/")
    cookie = cookies(human)["__Host-leansplit"]

    assert (cookie["secure"], cookie["sameSite"], cookie["domain"]) == (True, "Lax", "www.shop.test")
    assert cookie["expires"] > 390 * 86_400
    assert len(shop.visitors) == 1
    assert shop.visitors[0].claimed_at is not None
    assert {each.method for each in shop.requests} == {"GET", "POST"}


def test_on_a_subdomain_one_cookie_serves_page_and_api(
    shop: Shop, secure: Callable[..., int], human: Any
) -> None:
    port = secure(COOKIE_DOMAIN="shop.test")
    shop.define(EXPERIMENT)
    shop.pages["/"] = on("split.shop.test", port)
    tab = human.new_page()
    visit_twice(tab, shop, f"https://www.shop.test:{port}/")
    cookie = cookies(human)["__Secure-leansplit"]

    assert cookie["domain"] == ".shop.test"
    assert "__Secure-leansplit" in shop.posts[-1].headers["cookie"]
    assert tab.evaluate("document.cookie").split("=")[1] == cookie["value"]
    assert len(shop.visitors) == 1
    assert shop.visitors[0].claimed_at is not None
    assert {each.method for each in shop.requests} == {"GET", "POST"}


def test_on_a_foreign_host_the_token_lives_in_the_page_s_storage(
    shop: Shop, secure: Callable[..., int], human: Any
) -> None:
    port = secure(ALLOWED_ORIGINS="pk_shop=https://www.shop.test:{port}")
    shop.define(EXPERIMENT)
    shop.pages["/"] = on("api.vendor.test", port, 'data-key="pk_shop"')
    tab = human.new_page()
    visit_twice(tab, shop, f"https://www.shop.test:{port}/")

    assert tab.inner_text("h1") == "test"
    assert cookies(human) == {}
    assert [post.query for post in shop.posts] == ["key=pk_shop"] * 2
    assert json.loads(shop.posts[-1].body)["visitor"] == tab.evaluate("JSON.parse(localStorage.leansplit).t")
    assert len(shop.visitors) == 1
    assert shop.visitors[0].claimed_at is not None
    # No preflight: a beacon's would be lost.
    assert {each.method for each in shop.requests} == {"GET", "POST"}


def test_an_origin_that_is_not_listed_counts_for_nobody(
    shop: Shop, secure: Callable[..., int], human: Any
) -> None:
    port = secure(ALLOWED_ORIGINS="pk_shop=https://www.shop.test:{port}")
    shop.define(EXPERIMENT)
    shop.pages["/"] = on("api.vendor.test", port, 'data-key="pk_shop"')
    tab = human.new_page()
    tab.goto(f"https://www.thief.test:{port}/")
    shop.wait_for(lambda: shop.posts)
    tab.wait_for_timeout(300)

    assert tab.inner_text("h1") == "test"
    assert shop.visitors == []


def test_the_strict_form_runs_under_a_strict_policy_with_integrity(shop: Shop, human: Any) -> None:
    shop.define(EXPERIMENT)
    entry = json.loads(shop.files.files["leansplit.integrity.json"])["leansplit.js"]
    script = f'<script defer src="/{entry["file"]}" integrity="{entry["integrity"]}"></script>'
    shop.pages["/"] = page(
        "<h1>-</h1>",
        f'<script defer src="/leansplit.config.js"></script>{script}<script defer src="/shop.js"></script>',
    )
    shop.files.put("shop.js", b"document.querySelector('h1').textContent = leansplit.variant('headline')")
    shop.page_headers["Content-Security-Policy"] = (
        "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self';"
        " require-trusted-types-for 'script'"
    )
    tab = human.new_page()
    said: list[str] = []
    tab.on("console", lambda message: said.append(message.text))
    tab.goto(shop.url + "/")
    shop.wait_for(lambda: shop.visitors)

    assert tab.inner_text("h1") == "test"
    assert [line for line in said if "Policy" in line or "integrity" in line] == []


def test_a_script_that_was_tampered_with_does_not_run(shop: Shop, human: Any) -> None:
    shop.define(EXPERIMENT)
    entry = json.loads(shop.files.files["leansplit.integrity.json"])["leansplit.js"]
    shop.files.files[entry["file"]] += b"\n"
    shop.pages["/"] = page("", f'<script src="/{entry["file"]}" integrity="{entry["integrity"]}"></script>')
    tab = human.new_page()
    tab.goto(shop.url + "/")

    assert tab.evaluate("typeof leansplit") == "undefined"


def test_the_module_exports_the_same_script(shop: Shop, human: Any) -> None:
    shop.define(EXPERIMENT)
    code = (
        "import e from '/leansplit.mjs';"
        "document.querySelector('h1').textContent = e.variant('headline') + (e === leansplit)"
    )
    shop.pages["/"] = page(f'<h1>-</h1><script type="module">{code}</script>', head="")
    tab = human.new_page()
    tab.goto(shop.url + "/")
    shop.wait_for(lambda: shop.visitors)

    assert tab.inner_text("h1") == "testtrue"
    assert [post.kinds for post in shop.posts] == [["confirm", "enroll"]]


def test_included_twice_it_runs_once(shop: Shop, human: Any) -> None:
    shop.define(EXPERIMENT)
    shop.pages["/"] = HEADLINE.replace("</body>", '<script src="/leansplit.js"></script></body>')
    tab = human.new_page()
    tab.goto(shop.url + "/")
    shop.wait_for(lambda: shop.visitors)
    tab.wait_for_timeout(600)

    assert [post.kinds for post in shop.posts] == [["confirm", "enroll"]]


def test_an_unknown_experiment_is_control_with_a_word_in_the_console(shop: Shop, human: Any) -> None:
    shop.define(EXPERIMENT)
    shop.pages["/"] = page()
    tab = human.new_page()
    said: list[str] = []
    tab.on("console", lambda message: said.append(message.text))
    tab.goto(shop.url + "/")
    tab.wait_for_function("!!leansplit.test")

    assert tab.evaluate(
        "[experiments.test('nope'), experiments.control('nope'), experiments.variant('nope')]"
    ) == [
        False,
        True,
        "control",
    ]
    assert any("nope" in line for line in said)


def test_a_callback_that_fails_breaks_neither_the_page_nor_the_others(shop: Shop, human: Any) -> None:
    shop.define(EXPERIMENT)
    shop.pages["/"] = HEADLINE.replace(
        "<h1>", "<script>leansplit(function(){throw Error('mine')});leansplit('typo')</script><h1>"
    )
    tab = human.new_page()
    tab.goto(shop.url + "/")
    tab.wait_for_function("document.querySelector('h1').textContent == 'test'")


def test_what_would_flicker_is_hidden_until_the_script_has_run_or_a_second_is_over(
    shop: Shop, human: Any
) -> None:
    shop.define(EXPERIMENT)
    hide = '<script src="/leansplit.hide.js" data-limit="900"></script>'
    seen = "<script>window.first=document.documentElement.className</script>"
    shop.pages |= {
        "/": HEADLINE.replace("<head>", f"<head>{hide}{seen}"),
        "/never": page("<h1>never</h1>", hide + seen),
        "/late": page("<h1>never</h1>", hide.replace("900", "60000") + seen),
    }
    tab = human.new_page()
    tab.goto(shop.url + "/")
    tab.wait_for_function("document.querySelector('h1').textContent == 'test'")
    assert tab.evaluate("[first, document.documentElement.className]") == ["leansplit-wait", ""]
    for path in ("/never", "/late"):
        tab.goto(shop.url + path)
        assert tab.evaluate("first") == "leansplit-wait"
        tab.wait_for_function("document.documentElement.className == ''", timeout=1_500)
