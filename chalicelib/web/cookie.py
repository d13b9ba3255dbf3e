"""Who calls: the visitor of the cookie or of the request, and the cookie that remembers it."""

from collections.abc import Sequence
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie

from chalicelib.domain.name import is_visitor_id
from chalicelib.web.token import new_visitor_id, sign, signed_id

_LIFE_SECONDS = 400 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Caller:
    """`signed`: the id came with our signature. `known`: it came at all."""

    visitor_id: str
    signed: bool
    known: bool = True


def caller(cookies: str, named: object, keys: Sequence[str]) -> Caller:
    """The visitor of the Cookie header, else of the token or bare id that was named, else a new one."""
    candidates = [_cookie_value(cookies), named if isinstance(named, str) else ""]
    for text in candidates:
        visitor_id = signed_id(text, keys)
        if visitor_id is not None:
            return Caller(visitor_id, signed=True)
    if is_visitor_id(named):
        return Caller(str(named), signed=False)
    return nobody()


def nobody() -> Caller:
    """A new visitor."""
    return Caller(new_visitor_id(), signed=True, known=False)


def set_cookie(visitor_id: str, keys: Sequence[str], development: bool) -> str:
    """The Set-Cookie header that keeps the visitor for 400 days; plain http only in development."""
    safety = "SameSite=Lax" if development else "SameSite=Lax; Secure"
    return f"{_name(development)}={sign(visitor_id, keys)}; Path=/; Max-Age={_LIFE_SECONDS}; {safety}"


def _name(development: bool) -> str:
    return "leansplit" if development else "__Host-leansplit"


def _cookie_value(header: str) -> str:
    try:
        cookies = SimpleCookie(header)
    except CookieError:
        return ""
    for name in (_name(False), _name(True)):
        if name in cookies:
            return cookies[name].value
    return ""
