"""What your servers ask for before they send a mail: the address of a goal's picture."""

from typing import Any
from urllib.parse import quote

from chalice.app import Blueprint, Response

from chalicelib import wiring
from chalicelib.config import settings
from chalicelib.domain.errors import InvalidInput
from chalicelib.domain.instant import iso_at
from chalicelib.domain.name import checked_name
from chalicelib.web.http.auth import require_key
from chalicelib.web.http.pixel_token import PIXEL_LIFE, sign_pixel
from chalicelib.web.http.responses import answer, answered, object_body
from chalicelib.web.http.token import signed_id

pixels = Blueprint(__name__)


@pixels.route("/v1/pixels", methods=["POST"])
@answered
def make_pixel() -> Response:
    """`{"visitor": token, "goal": name}` → the path of a picture that counts it for 90 days."""
    require_key(pixels.current_request.headers, settings().server_keys)
    fields = object_body(pixels.current_request.raw_body)
    goal, visitor_id = checked_name(fields.get("goal"), "goal"), _visitor_id(fields.get("visitor"))
    expires_at = wiring.now() + PIXEL_LIFE
    token = sign_pixel(visitor_id, goal, expires_at, settings().token_keys)
    return answer({"path": f"/e/goal/{goal}?visitor={quote(token)}", "expires_at": iso_at(expires_at)}, 201)


def _visitor_id(token: Any) -> str:
    visitor_id = signed_id(token, settings().token_keys) if isinstance(token, str) else None
    if visitor_id is None:
        raise InvalidInput("visitor", "must be the token of the cookie or of an answer")
    return visitor_id
