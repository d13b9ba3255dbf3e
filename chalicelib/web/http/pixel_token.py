"""The token of a goal's picture, `<id>.<goal>.<expiry>[v<value>].<signature>`, for mails and pages of others.

It counts one goal for one visitor, with the value that was signed (in ten-thousandths), until it expires
(seconds since 1970). It is no visitor's token: whoever sees it in an address can do nothing else with it.
Keys rotate as those of the cookie.
"""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote, unquote

from chalicelib.domain.instant import DAY, SECOND, Instant

PIXEL_LIFE = 90 * DAY
_PURPOSE = b"leansplit goal pixel"


@dataclass(frozen=True, slots=True)
class Mailed:
    """For whom a picture counts its goal, and with which value."""

    visitor_id: str
    value: int | None = None


def sign_pixel(
    visitor_id: str, goal: str, expires_at: Instant, keys: Sequence[str], value: int | None = None
) -> str:
    """The token, signed with the first key."""
    signed_value = "" if value is None else f"v{value}"
    said = f"{_quoted(visitor_id)}.{goal}.{expires_at // SECOND}{signed_value}"
    return f"{said}.{_signature(said, keys[0])}"


def mailed_of(token: str, goal: str, now: Instant, keys: Sequence[str]) -> Mailed | None:
    """What a token says that any of the keys signed for that goal and that has not expired."""
    said, _, signature = token.rpartition(".")
    named, _, last = said.rpartition(".")
    quoted, _, own_goal = named.partition(".")
    if own_goal != goal or not _is_signed(said, signature, keys):
        return None
    expiry, _, value = last.partition("v")
    if int(expiry) * SECOND <= now:
        return None
    return Mailed(unquote(quoted), int(value) if value else None)


def _quoted(visitor_id: str) -> str:
    return quote(visitor_id, safe="").replace(".", "%2E")


def _is_signed(said: str, signature: str, keys: Sequence[str]) -> bool:
    given = signature.encode("utf-8", "replace")
    return any([hmac.compare_digest(given, _signature(said, key).encode()) for key in keys])


def _signature(said: str, key: str) -> str:
    purpose_key = hmac.digest(key.encode(), _PURPOSE, hashlib.sha256)
    digest = hmac.digest(purpose_key, said.encode("utf-8", "replace"), hashlib.sha256)[:16]
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
