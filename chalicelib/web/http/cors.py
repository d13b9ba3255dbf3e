"""Pages of other origins: which of them may call, and the headers that let them read the answer."""

from collections.abc import Callable, Mapping
from urllib.parse import SplitResult, urlsplit

from chalice.app import Request, Response

from chalicelib.config import Settings, settings

_BROWSER = "/e/"


def share_with_origins(event: Request, get_response: Callable[[Request], Response]) -> Response:
    """Middleware: the answers under /e say which origin may read them, and that they differ by it."""
    response = get_response(event)
    if event.path.startswith(_BROWSER):
        response.headers.update(origin_headers(event.headers, key_of(event.query_params), settings()))
    return response


def key_of(query: Mapping[str, str] | None) -> str:
    """The public key that a page calls with, `?key=`; empty without one."""
    return (query or {}).get("key", "")


def origin_headers(headers: Mapping[str, str], key: str, known: Settings) -> dict[str, str]:
    """`Vary` always; the rest for an origin that may read, never a wildcard."""
    origin = headers.get("origin", "")
    if not origin or not _is_listed(origin, key, known):
        return {"Vary": "Origin"}
    return {
        "Vary": "Origin",
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Allow-Credentials": "true",
        "Access-Control-Expose-Headers": "X-Leansplit-Visitor, Retry-After",
    }


def is_stranger(headers: Mapping[str, str], key: str, known: Settings) -> bool:
    """Whether a page calls that ALLOWED_ORIGINS does not name; never without such a list.

    A request without an Origin passes, and one that the browser calls of the same origin.
    """
    origin = headers.get("origin", "")
    if not known.allowed_origins or not origin or headers.get("sec-fetch-site") == "same-origin":
        return False
    if _split(origin).netloc == headers.get("host"):
        return False
    return not _is_listed(origin, key, known)


def _split(origin: str) -> SplitResult:
    """The parts of an origin; none of one that cannot be read, which is no listed one."""
    try:
        return urlsplit(origin)
    except ValueError:
        return urlsplit("")


def _is_listed(origin: str, key: str, known: Settings) -> bool:
    return (key, origin) in known.allowed_origins or _is_ours(origin, known.cookie_domain)


def _is_ours(origin: str, domain: str) -> bool:
    """Whether a page lies under COOKIE_DOMAIN, where our cookie reaches it anyway."""
    host = _split(origin).hostname or ""
    return bool(domain) and (host == domain or host.endswith(f".{domain}"))
