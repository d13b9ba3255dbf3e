"""Pages of the shop that the tests visit."""

STUB = (
    "<script>window.leansplit=window.leansplit||function(){(leansplit.q=leansplit.q||[]).push(arguments)}"
    "</script>"
)
SNIPPET = f'{STUB}<script async src="/leansplit.js"></script>'


def page(body: str = "", head: str = SNIPPET) -> str:
    return f'<!doctype html><html lang="en"><head><title>shop</title>{head}</head><body>{body}</body></html>'


HEADLINE = page(
    "<h1>-</h1><script>leansplit(function(e){document.querySelector('h1').textContent=e.variant('headline')})</script>"
)
"""Shows the variation of the experiment `headline`."""

NOTHING = page()
"""Asks for nothing."""
