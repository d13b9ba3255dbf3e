"""The visitor token `v1.<id>.<signature>`: it means "count for this visitor" and nothing else."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence

from chalicelib.domain.name import is_visitor_id

_VERSION = "v1"
_COOKIE = b"leansplit visitor cookie"


def new_visitor_id() -> str:
    """128 random bits in 22 characters."""
    return secrets.token_urlsafe(16)


def sign(visitor_id: str, keys: Sequence[str]) -> str:
    """The token of a visitor, signed with the first key."""
    return f"{_VERSION}.{visitor_id}.{_signature(visitor_id, keys[0])}"


def signed_id(token: str, keys: Sequence[str]) -> str | None:
    """The visitor of a token that any of the keys signed; None for every other text."""
    version, _, rest = token.partition(".")
    visitor_id, _, signature = rest.rpartition(".")
    if version != _VERSION or not is_visitor_id(visitor_id):
        return None
    given = signature.encode("utf-8", "replace")
    matches = [hmac.compare_digest(given, _signature(visitor_id, key).encode()) for key in keys]
    return visitor_id if any(matches) else None


def _signature(visitor_id: str, key: str) -> str:
    purpose = hmac.digest(key.encode(), _COOKIE, hashlib.sha256)
    digest = hmac.digest(purpose, visitor_id.encode(), hashlib.sha256)[:16]
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
