"""Who is no human: judged by the headers, before anything counts."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

_PREFETCH = {"sec-purpose": "prefetch", "purpose": "prefetch", "x-moz": "prefetch"}


def bot_reason(headers: Mapping[str, str]) -> str | None:
    """Why a request is not a human's, in a word that is counted; None for a human's."""
    for name, word in _PREFETCH.items():
        if word in headers.get(name, "").lower():
            return "prefetch"
    return agent_reason(headers.get("user-agent", ""))


def agent_reason(user_agent: str) -> str | None:
    """The same by the user agent alone."""
    if not user_agent.strip():
        return "no_user_agent"
    return "bot" if _is_bot(user_agent) else None


@lru_cache(maxsize=4096)
def _is_bot(user_agent: str) -> bool:
    return bool(_detector().is_bot(user_agent))


@lru_cache(maxsize=1)
def _detector() -> Any:
    # Its pattern takes long to compile, and most Lambdas never meet a request that needs it.
    from is_bot import Bots

    return Bots()
