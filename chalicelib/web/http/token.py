"""The visitor token `v1.<id>.<signature>`: it means "count for this visitor" and nothing else.

The id of a visitor stands there as it is; that of a user who is its own visitor is
percent-encoded, dots too.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from urllib.parse import quote, unquote

from chalicelib.domain.visitors.identity import is_known_form

_VERSION = "v1"
_COOKIE = b"leansplit visitor cookie"


def new_visitor_id() -> str:
    """128 random bits in 22 characters."""
    return secrets.token_urlsafe(16)


def sign(visitor_id: str, keys: Sequence[str]) -> str:
    """The token of a visitor, signed with the first key."""
    return f"{_VERSION}.{_quoted(visitor_id)}.{_signature(visitor_id, keys[0])}"


def signed_id(token: str, keys: Sequence[str]) -> str | None:
    """The visitor of a token that any of the keys signed; None for every other text."""
    version, _, rest = token.partition(".")
    quoted, _, signature = rest.rpartition(".")
    visitor_id = unquote(quoted, errors="replace")
    if version != _VERSION or not is_known_form(visitor_id) or quoted != _quoted(visitor_id):
        return None
    given = signature.encode("utf-8", "replace")
    matches = [hmac.compare_digest(given, _signature(visitor_id, key).encode()) for key in keys]
    return visitor_id if any(matches) else None


def signed_id_of_path(text: str, keys: Sequence[str]) -> str | None:
    """The same of a token in a path, which may come quoted once more, or decoded."""
    version, _, rest = text.partition(".")
    named, _, signature = rest.rpartition(".")
    decoded = f"{version}.{_quoted(named)}.{signature}"
    forms = (signed_id(each, keys) for each in (text, unquote(text), decoded))
    return next((visitor_id for visitor_id in forms if visitor_id is not None), None)


def _quoted(visitor_id: str) -> str:
    return quote(visitor_id, safe="").replace(".", "%2E")


def _signature(visitor_id: str, key: str) -> str:
    purpose = hmac.digest(key.encode(), _COOKIE, hashlib.sha256)
    digest = hmac.digest(purpose, visitor_id.encode(), hashlib.sha256)[:16]
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
