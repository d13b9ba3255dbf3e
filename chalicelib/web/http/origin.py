"""Whether a request came through CloudFront, which alone knows the origin key."""

from collections.abc import Callable

from chalice.app import Request, Response

from chalicelib.config import settings
from chalicelib.web.http.auth import is_one_of
from chalicelib.web.http.responses import error

HEADER = "x-leansplit-origin"


def only_through_the_front(event: Request, get_response: Callable[[Request], Response]) -> Response:
    """Middleware: 403 for who goes round the front door; without ORIGIN_KEYS everybody may."""
    keys = settings().origin_keys
    if keys and not is_one_of(event.headers.get(HEADER, ""), keys):
        return error(403, "this address is not for visitors")
    return get_response(event)
