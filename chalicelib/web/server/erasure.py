"""Erasing people: one visitor by its address, or users and visitors by a list."""

from chalice.app import Blueprint, Response

from chalicelib import wiring
from chalicelib.config import settings
from chalicelib.domain.errors import InvalidInput
from chalicelib.domain.fields.reading import read
from chalicelib.domain.fields.text import is_visitor_id
from chalicelib.domain.instant import Instant
from chalicelib.services.visitors.erase import Erased, erase, erase_all
from chalicelib.web.http.responses import answer, answered
from chalicelib.web.http.token import signed_id_of_path
from chalicelib.web.server.batch import Parsed, Result, done, failure, respond
from chalicelib.web.server.routes import authorized_now, request_body
from chalicelib.web.server.subject import ErasedInput, who_of

people = Blueprint(__name__)


@people.route("/v1/visitors/{visitor}", methods=["DELETE"])
@answered
def erase_visitor(visitor: str) -> Response:
    """Everything about the person whose token or visitor's id this is."""
    now = authorized_now()
    visitor_id = visitor if is_visitor_id(visitor) else signed_id_of_path(visitor, settings().token_keys)
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
        lambda fields, path: who_of(read(ErasedInput, fields, path), path, settings().token_keys).visitor_id,
        lambda parsed: _erase_all(parsed, now),
    )


def _erase_all(parsed: Parsed, now: Instant) -> None:
    answers = erase_all(wiring.store(), list(parsed.items.values()), now)
    parsed.results.update(zip(parsed.items, map(_result, answers), strict=True))


def _result(answer: Erased) -> Result:
    return done(erased_documents=answer) if isinstance(answer, int) else failure(answer)
