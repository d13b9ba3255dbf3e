"""The token of a goal's picture, `<id>.<goal>.<expiry>.<signature>`, for mails and pages of others.

It counts one goal for one visitor until it expires (seconds since 1970); it is no visitor's token,
so whoever sees it in an address can do nothing else with it. Keys rotate as those of the cookie.
"""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from urllib.parse import quote, unquote

from chalicelib.domain.instant import DAY, SECOND, Instant

PIXEL_LIFE = 90 * DAY
_PURPOSE = b"leansplit goal pixel"


def sign_pixel(visitor_id: str, goal: str, expires_at: Instant, keys: Sequence[str]) -> str:
    """The token, signed with the first key."""
    said = f"{_quoted(visitor_id)}.{goal}.{expires_at // SECOND}"
    return f"{said}.{_signature(said, keys[0])}"


def pixel_id(token: str, goal: str, now: Instant, keys: Sequence[str]) -> str | None:
    """The visitor of a token that any of the keys signed for that goal and that has not expired."""
    said, _, signature = token.rpartition(".")
    named, _, expiry = said.rpartition(".")
    quoted, _, own_goal = named.partition(".")
    if own_goal != goal or not _is_signed(said, signature, keys):
        return None
    return unquote(quoted) if int(expiry) * SECOND > now else None


def _quoted(visitor_id: str) -> str:
    return quote(visitor_id, safe="").replace(".", "%2E")


def _is_signed(said: str, signature: str, keys: Sequence[str]) -> bool:
    given = signature.encode("utf-8", "replace")
    return any([hmac.compare_digest(given, _signature(said, key).encode()) for key in keys])


def _signature(said: str, key: str) -> str:
    purpose_key = hmac.digest(key.encode(), _PURPOSE, hashlib.sha256)
    digest = hmac.digest(purpose_key, said.encode("utf-8", "replace"), hashlib.sha256)[:16]
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
