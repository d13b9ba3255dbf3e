"""Secret keys: whether a request carries one of those that a setting holds."""

import hmac
from collections.abc import Mapping, Sequence


class Unauthorized(Exception):
    """No key, or a wrong one."""


def has_key(headers: Mapping[str, str], keys: Sequence[str]) -> bool:
    """Whether `Authorization: Bearer …` or `X-API-Key` holds one of the keys; in constant time."""
    given = _given(headers).encode("utf-8", "replace")
    matches = [hmac.compare_digest(given, key.encode()) for key in keys]
    return any(matches)


def require_key(headers: Mapping[str, str], keys: Sequence[str]) -> None:
    """Unauthorized unless it does."""
    if not has_key(headers, keys):
        raise Unauthorized


def _given(headers: Mapping[str, str]) -> str:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return token.strip()
    return headers.get("x-api-key", "")
