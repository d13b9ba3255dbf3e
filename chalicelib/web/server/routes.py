"""What your servers call, with a server key: one item or up to 500, a result for each."""

import itertools
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Annotated, Any

from chalice.app import Blueprint, Response
from msgspec import Meta, Struct

from chalicelib import wiring
from chalicelib.config import settings
from chalicelib.domain.errors import LeansplitError
from chalicelib.domain.fields.exact import At, UserId
from chalicelib.domain.fields.reading import joined, read
from chalicelib.domain.fields.text import Name, Token
from chalicelib.domain.instant import Instant
from chalicelib.domain.visitors.event import SERVER, check_instant, hashed_event
from chalicelib.domain.visitors.visitor import Confirmation
from chalicelib.services.visitors.assign import assigned
from chalicelib.services.visitors.assign_and_enroll import expose
from chalicelib.services.visitors.identify import identify as identifying
from chalicelib.web.events.undeclared import check_experiments
from chalicelib.web.http.auth import require_server
from chalicelib.web.http.responses import answered
from chalicelib.web.http.token import new_visitor_id, sign
from chalicelib.web.server.batch import Parsed, Result, done, failure, respond
from chalicelib.web.server.events import collect_all, fact_from, value_from
from chalicelib.web.server.subject import SubjectInput, Who, token_id, who_of

server = Blueprint(__name__)


class AssignInput(SubjectInput, frozen=True, kw_only=True):
    """Who asks, for which experiments; seeing them enrols."""

    experiments: Annotated[tuple[Name, ...], Meta(max_length=100)] = ()
    enroll: bool = True


class LoginInput(Struct, frozen=True, kw_only=True):
    """A visitor, by the token of its cookie, and the user that it is."""

    visitor: Token
    user_id: UserId
    at: At | None = None


@dataclass(frozen=True, slots=True)
class _Asked:
    who: Who
    names: list[str]
    enroll: bool


@dataclass(frozen=True, slots=True)
class _Login:
    visitor_id: str
    user_id: str
    confirmation: Confirmation


@server.route("/v1/assign", methods=["POST"])
@answered
def assign_visitors() -> Response:
    """What each sees; seeing a named experiment enrols, unless `enroll` is false."""
    now = authorized_now()
    return respond(request_body(), _asked, lambda parsed: each_of(parsed, lambda asked: _assign(asked, now)))


@server.route("/v1/goals", methods=["POST"])
@answered
def record_goals() -> Response:
    """Goals that were reached, with a value or without one."""
    now = authorized_now()
    ticks = itertools.count(now)
    return respond(
        request_body(),
        lambda fields, field: fact_from(fields, field, next(ticks)),
        lambda parsed: collect_all(parsed, now),
    )


@server.route("/v1/engagement", methods=["POST"])
@answered
def record_engagement() -> Response:
    """Values of goals: spend, visits, time."""
    now = authorized_now()
    ticks = itertools.count(now)
    return respond(
        request_body(),
        lambda fields, field: value_from(fields, field, next(ticks)),
        lambda parsed: collect_all(parsed, now),
    )


@server.route("/v1/identify", methods=["POST"])
@answered
def identify_visitors() -> Response:
    """A visitor, by the token of its cookie, is this user."""
    now = authorized_now()
    return respond(
        request_body(),
        lambda fields, field: _login(fields, field, now),
        lambda parsed: each_of(parsed, lambda login: _identify(login, now)),
    )


def each_of(parsed: Parsed, answer_one: Callable[[Any], Result]) -> None:
    """The result of each item, one after the other."""
    for index, item in parsed.items.items():
        try:
            parsed.results[index] = answer_one(item)
        except LeansplitError as problem:
            parsed.results[index] = failure(problem)


def _asked(fields: Mapping[str, Any], field: str) -> _Asked:
    written = read(AssignInput, fields, field)
    check_experiments(written.experiments, joined(field, "experiments"))
    who = who_of(written, field, settings().token_keys)
    return _Asked(who, list(written.experiments), written.enroll and bool(written.experiments))


def _assign(asked: _Asked, now: Instant) -> Result:
    definitions, who = wiring.definitions(), asked.who
    if asked.enroll:
        confirmation = Confirmation(now, hashed_event(new_visitor_id())) if who.registered else None
        found = expose(wiring.store(), definitions, who.visitor_id, asked.names, confirmation, now)
    else:
        found = assigned(wiring.store(), definitions, who.visitor_id, asked.names, now)
    assignments = {name: asdict(each) for name, each in found.assignments.items()}
    return done(visitor=sign(found.visitor_id, settings().token_keys), assignments=assignments)


def _login(fields: Mapping[str, Any], field: str, now: Instant) -> _Login:
    written = read(LoginInput, fields, field)
    visitor_id = token_id(written.visitor, joined(field, "visitor"), settings().token_keys)
    login = hashed_event(f"login {visitor_id} {written.user_id}")
    return _Login(visitor_id, written.user_id, Confirmation(now if written.at is None else written.at, login))


def _identify(login: _Login, now: Instant) -> Result:
    check_instant(login.confirmation.at, now, SERVER)
    found = identifying(
        wiring.store(), wiring.definitions(), login.visitor_id, login.user_id, login.confirmation, now
    )
    return done(visitor=sign(found.visitor_id, settings().token_keys), outcome=found.outcome.value)


def authorized_now() -> Instant:
    """The present, for who has a server key."""
    require_server(server.current_request.headers)
    return wiring.now()


def request_body() -> str | bytes:
    """What was posted."""
    body: str | bytes = server.current_request.raw_body
    return body
