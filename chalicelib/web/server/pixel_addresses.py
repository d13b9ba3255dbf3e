"""What your servers ask for before they send a mail: the address of a goal's picture."""

from urllib.parse import quote

from chalice.app import Blueprint, Response
from msgspec import Struct

from chalicelib import wiring
from chalicelib.config import settings
from chalicelib.domain.fields.exact import Amount
from chalicelib.domain.fields.reading import read
from chalicelib.domain.fields.text import GoalName, Token
from chalicelib.domain.instant import iso_at
from chalicelib.web.http.auth import require_server
from chalicelib.web.http.pixel_token import PIXEL_LIFE, sign_pixel
from chalicelib.web.http.responses import answer, answered, object_body
from chalicelib.web.server.subject import token_id

pixels = Blueprint(__name__)


class PixelInput(Struct, frozen=True, kw_only=True):
    """Whose picture it is, and which goal it counts, with which value."""

    visitor: Token
    goal: GoalName
    value: Amount | None = None


@pixels.route("/v1/pixels", methods=["POST"])
@answered
def make_pixel() -> Response:
    """`{"visitor": token, "goal": name, "value": …}` → the path of a picture that counts it for 90 days."""
    require_server(pixels.current_request.headers)
    written = read(PixelInput, object_body(pixels.current_request.raw_body))
    goal, visitor_id = written.goal, token_id(written.visitor, "visitor", settings().token_keys)
    expires_at = wiring.now() + PIXEL_LIFE
    token = sign_pixel(visitor_id, goal, expires_at, settings().token_keys, written.value)
    return answer({"path": f"/e/goal/{goal}?visitor={quote(token)}", "expires_at": iso_at(expires_at)}, 201)
