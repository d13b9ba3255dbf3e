"""What your servers call, with a server key: one item or up to 500, a result for each."""

import itertools
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from chalice.app import Blueprint, Response

from chalicelib import wiring
from chalicelib.config import settings
from chalicelib.domain.errors import InvalidInput, LeansplitError
from chalicelib.domain.instant import Instant
from chalicelib.domain.name import checked_name
from chalicelib.domain.visitors.event import SERVER, check_instant, hashed_event
from chalicelib.domain.visitors.identity import checked_user_id
from chalicelib.domain.visitors.visitor import Confirmation
from chalicelib.services.visitors.assign import assigned
from chalicelib.services.visitors.assign_and_enroll import expose
from chalicelib.services.visitors.identify import identify as identifying
from chalicelib.web.events.undeclared import check_experiments
from chalicelib.web.http.auth import require_key
from chalicelib.web.http.responses import answered
from chalicelib.web.http.token import new_visitor_id, sign
from chalicelib.web.server.batch import Parsed, Result, done, failure, respond
from chalicelib.web.server.events import collect_all, fact_from, instant_from, value_from
from chalicelib.web.server.subject import Who, token_id, who_from

server = Blueprint(__name__)
_MAX_NAMES = 100


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
        lambda fields, path: fact_from(fields, path, next(ticks)),
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
        lambda fields, path: value_from(fields, path, next(ticks)),
        lambda parsed: collect_all(parsed, now),
    )


@server.route("/v1/identify", methods=["POST"])
@answered
def identify_visitors() -> Response:
    """A visitor, by the token of its cookie, is this user."""
    now = authorized_now()
    return respond(
        request_body(),
        lambda fields, path: _login(fields, path, now),
        lambda parsed: each_of(parsed, lambda login: _identify(login, now)),
    )


def each_of(parsed: Parsed, answer_one: Callable[[Any], Result]) -> None:
    """The result of each item, one after the other."""
    for index, item in parsed.items.items():
        try:
            parsed.results[index] = answer_one(item)
        except LeansplitError as problem:
            parsed.results[index] = failure(problem)


def _asked(fields: Mapping[str, Any], path: str) -> _Asked:
    who = who_from(fields, path, settings().token_keys)
    written = fields.get("experiments", [])
    if not isinstance(written, list) or len(written) > _MAX_NAMES:
        raise InvalidInput(f"{path}experiments", f"must be a list of {_MAX_NAMES} names at the most")
    names = [checked_name(name, f"{path}experiments[{i}]") for i, name in enumerate(written)]
    check_experiments(names, f"{path}experiments")
    enrolls = fields.get("enroll", True)
    if not isinstance(enrolls, bool):
        raise InvalidInput(f"{path}enroll", "must be true or false")
    return _Asked(who, names, enrolls and bool(names))


def _assign(asked: _Asked, now: Instant) -> Result:
    definitions, who = wiring.definitions(), asked.who
    if asked.enroll:
        confirmation = Confirmation(now, hashed_event(new_visitor_id())) if who.registered else None
        found = expose(wiring.store(), definitions, who.visitor_id, asked.names, confirmation, now)
    else:
        found = assigned(wiring.store(), definitions, who.visitor_id, asked.names, now)
    assignments = {name: asdict(each) for name, each in found.assignments.items()}
    return done(visitor=sign(found.visitor_id, settings().token_keys), assignments=assignments)


def _login(fields: Mapping[str, Any], path: str, now: Instant) -> _Login:
    visitor_id = token_id(fields.get("visitor"), f"{path}visitor", settings().token_keys)
    user_id = checked_user_id(fields.get("user_id"), f"{path}user_id")
    at = instant_from(fields, path, now)
    return _Login(visitor_id, user_id, Confirmation(at, hashed_event(f"login {visitor_id} {user_id}")))


def _identify(login: _Login, now: Instant) -> Result:
    check_instant(login.confirmation.at, now, SERVER)
    found = identifying(
        wiring.store(), wiring.definitions(), login.visitor_id, login.user_id, login.confirmation, now
    )
    return done(visitor=sign(found.visitor_id, settings().token_keys), outcome=found.outcome.value)


def authorized_now() -> Instant:
    """The present, for who has a server key."""
    require_key(server.current_request.headers, settings().server_keys)
    return wiring.now()


def request_body() -> str | bytes:
    """What was posted."""
    body: str | bytes = server.current_request.raw_body
    return body
