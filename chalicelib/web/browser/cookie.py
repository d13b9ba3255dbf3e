"""Who calls: the visitor of the cookie or of the request, and the cookie that remembers it."""

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.domain.fields.text import is_visitor_id
from chalicelib.web.http.token import new_visitor_id, sign, signed_id

_LIFE_SECONDS = 400 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Caller:
    """`signed`: the id came with our signature. `known`: it came at all. `named`: outside of the cookie."""

    visitor_id: str
    signed: bool
    known: bool = True
    named: bool = False


@dataclass(frozen=True, slots=True)
class CookieForm:
    """What the visitor's cookie is called, and its attributes beside path and age."""

    name: str
    attributes: str


def cookie_form(development: bool, domain: str) -> CookieForm:
    """`__Host-leansplit` of one host, `__Secure-leansplit` of a domain; `leansplit` over plain http."""
    place = f"; Domain={domain}" if domain else ""
    if development:
        return CookieForm("leansplit", f"SameSite=Lax{place}")
    prefix = "__Secure-" if domain else "__Host-"
    return CookieForm(f"{prefix}leansplit", f"SameSite=Lax; Secure{place}")


def caller(cookies: str, named: object, keys: Sequence[str], form: CookieForm) -> Caller:
    """The visitor of the Cookie header, else of the token or bare id that was named, else a new one."""
    for token in _values(cookies, form.name):
        visitor_id = signed_id(token, keys)
        if visitor_id is not None:
            return Caller(visitor_id, signed=True)
    visitor_id = signed_id(named, keys) if isinstance(named, str) else None
    if visitor_id is not None:
        return Caller(visitor_id, signed=True, named=True)
    if is_visitor_id(named):
        return Caller(str(named), signed=False, named=True)
    return nobody()


def nobody() -> Caller:
    """A new visitor."""
    return Caller(new_visitor_id(), signed=True, known=False)


def set_cookie(visitor_id: str, keys: Sequence[str], form: CookieForm) -> str:
    """The Set-Cookie header that keeps the visitor for 400 days. The script may read it."""
    return f"{form.name}={sign(visitor_id, keys)}; Path=/; Max-Age={_LIFE_SECONDS}; {form.attributes}"


def _values(header: str, name: str) -> list[str]:
    # http.cookies gives up at the first cookie of another program that it cannot read.
    pairs = [part.strip().partition("=") for part in header.split(";")]
    return [value for key, _, value in pairs if key == name]
