"""Secret keys: whether a request carries one of those that a setting holds."""

import hmac
from collections.abc import Mapping, Sequence


class Unauthorized(Exception):
    """No key, or a wrong one."""


def has_key(headers: Mapping[str, str], keys: Sequence[str]) -> bool:
    """Whether `Authorization: Bearer …` or `X-API-Key` holds one of the keys; in constant time."""
    return is_one_of(_given(headers), keys)


def is_one_of(given: str, keys: Sequence[str]) -> bool:
    """The same of a bare key."""
    matches = [hmac.compare_digest(given.encode("utf-8", "replace"), key.encode()) for key in keys]
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
