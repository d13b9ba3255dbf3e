"""Secret keys: whether a request carries one of those that a setting holds."""

import hmac
from collections.abc import Mapping, Sequence

from chalicelib.config import settings


class Unauthorized(Exception):
    """No key, or a wrong one; the message says which key is needed."""


def has_key(headers: Mapping[str, str], keys: Sequence[str]) -> bool:
    """Whether `Authorization: Bearer …` or `X-API-Key` holds one of the keys; in constant time."""
    return is_one_of(_given(headers), keys)


def is_one_of(given: str, keys: Sequence[str]) -> bool:
    """The same of a bare key."""
    matches = [hmac.compare_digest(given.encode("utf-8", "replace"), key.encode()) for key in keys]
    return any(matches)


def require_admin(headers: Mapping[str, str]) -> None:
    """Unauthorized unless it holds an admin key."""
    _require(headers, settings().admin_keys, "an admin key", "a server key", settings().server_keys)


def require_server(headers: Mapping[str, str]) -> None:
    """Unauthorized unless it holds a server key."""
    _require(headers, settings().server_keys, "a server key", "an admin key", settings().admin_keys)


def _require(
    headers: Mapping[str, str], keys: Sequence[str], needed: str, other: str, others: Sequence[str]
) -> None:
    if has_key(headers, keys):
        return
    if has_key(headers, others):
        raise Unauthorized(f"{needed} is needed here, and this is {other}")
    raise Unauthorized(f"{needed} is needed: Authorization: Bearer <key>")


def _given(headers: Mapping[str, str]) -> str:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return token.strip()
    return headers.get("x-api-key", "")
