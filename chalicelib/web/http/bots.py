"""Who is no human: judged by what a request says of itself, before anything counts."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

_EARLY = ("sec-purpose", "purpose", "x-purpose", "x-moz")
_LONGEST_AGENT = 512


def bot_reason(headers: Mapping[str, str]) -> str | None:
    """Why a request is not a human's, in a word that is counted; None for a human's.

    `prerender`, `prefetch`: the browser fetches a page that nobody has seen yet. `signed_agent`: an
    agent that signs its requests (Web Bot Auth). `no_user_agent`, `bot`: by the user agent.
    """
    early = " ".join(headers.get(name, "") for name in _EARLY).lower()
    if "prerender" in early:
        return "prerender"
    if "prefetch" in early or "preview" in early:
        return "prefetch"
    if "signature-agent" in headers:
        return "signed_agent"
    if "headless" in headers.get("sec-ch-ua", "").lower():
        return "bot"
    return agent_reason(headers.get("user-agent", ""))


def agent_reason(user_agent: str) -> str | None:
    """The same by the user agent alone."""
    if not user_agent.strip():
        return "no_user_agent"
    return "bot" if _is_bot(user_agent[:_LONGEST_AGENT]) else None


@lru_cache(maxsize=4096)
def _is_bot(user_agent: str) -> bool:
    return bool(_detector().is_bot(user_agent))


@lru_cache(maxsize=1)
def _detector() -> Any:
    # Its pattern takes long to compile, and most Lambdas never meet a request that needs it.
    from is_bot import Bots

    return Bots()
