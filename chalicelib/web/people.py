"""Erasing people: one visitor by its address, or users and visitors by a list."""

from chalice.app import Blueprint, Response

from chalicelib import wiring
from chalicelib.config import settings
from chalicelib.domain.errors import InvalidInput, NotFound
from chalicelib.domain.instant import Instant
from chalicelib.domain.name import is_visitor_id
from chalicelib.services.erase import erase
from chalicelib.web.responses import answer, answered
from chalicelib.web.server import authorized_now, each_of, request_body
from chalicelib.web.serverbatch import Result, done, respond
from chalicelib.web.token import signed_id
from chalicelib.web.who import who_from

people = Blueprint(__name__)


@people.route("/v1/visitors/{visitor}", methods=["DELETE"])
@answered
def erase_visitor(visitor: str) -> Response:
    """Everything about the person whose token or visitor's id this is."""
    now = authorized_now()
    visitor_id = visitor if is_visitor_id(visitor) else signed_id(visitor, settings().token_keys)
    if visitor_id is None:
        raise InvalidInput("visitor", "must be a visitor's token or id")
    return answer({"erased_documents": erase(wiring.store(), visitor_id, now)})


@people.route("/v1/erase", methods=["POST"])
@answered
def erase_people() -> Response:
    """The same for users, whose ids may hold what an address cannot, and for many at once."""
    now = authorized_now()
    return respond(
        request_body(),
        lambda fields, path: who_from(fields, path, settings().token_keys).visitor_id,
        lambda parsed: each_of(parsed, lambda visitor_id: _erase(visitor_id, now)),
    )


def _erase(visitor_id: str, now: Instant) -> Result:
    try:
        return done(erased_documents=erase(wiring.store(), visitor_id, now))
    except NotFound as problem:
        return {"status": 404, "error": str(problem)}
