"""What browsers call: assignment, the snippet's batch, the pixel."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace

from chalice.app import Blueprint, Response

from chalicelib import wiring
from chalicelib.config import settings
from chalicelib.domain.errors import (
    Conflict,
    InvalidInput,
    LeansplitError,
    Refused,
    Unavailable,
    UnreadableDocument,
)
from chalicelib.domain.instant import Instant
from chalicelib.domain.visitors.event import BROWSER, SERVER, Event, Reached, hashed_event
from chalicelib.domain.visitors.event_input import event_from
from chalicelib.services.visitors import collect as collecting
from chalicelib.services.visitors.assign import assigned
from chalicelib.services.visitors.collect import Collected
from chalicelib.web.browser.batch import Batch, batch_from
from chalicelib.web.browser.cookie import Caller, CookieForm, caller, cookie_form, nobody, set_cookie
from chalicelib.web.events.definitions import definitions_for
from chalicelib.web.events.refusals import count_mail_proxy, count_refused, exclude_request
from chalicelib.web.events.undeclared import check_experiments, undeclared
from chalicelib.web.http.auth import has_key
from chalicelib.web.http.bots import bot_reason
from chalicelib.web.http.cors import is_stranger, key_of
from chalicelib.web.http.pixel_token import mailed_of
from chalicelib.web.http.responses import answer, answered, error, no_content, pixel
from chalicelib.web.http.telemetry import count, failed, log, measure, warn
from chalicelib.web.http.token import new_visitor_id, sign

public = Blueprint(__name__)
_TYPES = ["application/json", "text/plain", "application/x-www-form-urlencoded"]
_MAX_NAMES = 100


@public.route("/e/assign", methods=["GET"])
@answered
def assign() -> Response:
    """The variation of each experiment for the caller; writes nothing.

    A visitor that the address names is answered and never becomes the cookie.
    """
    request = public.current_request
    query: Mapping[str, str] = request.query_params or {}
    names = [name for name in query.get("experiments", "").split(",") if name]
    if len(names) > _MAX_NAMES:
        raise InvalidInput("experiments", f"must not name more than {_MAX_NAMES}")
    check_experiments(names, "experiments")
    who, definitions = _caller(query.get("visitor")), wiring.definitions()
    try:
        found = assigned(wiring.store(), definitions, who.visitor_id, names, wiring.now(), who.signed)
    except Refused:
        who = nobody()
        found = assigned(wiring.store(), definitions, who.visitor_id, names, wiring.now())
    who = replace(who, visitor_id=found.visitor_id)
    assignments = {name: asdict(each) for name, each in found.assignments.items()}
    token = sign(who.visitor_id, settings().token_keys)
    # A link that names a visitor must not make whoever follows it that visitor.
    headers = {} if who.named else _remember(who)
    return answer({"visitor": token, "assignments": assignments}, headers=headers)


@public.route("/e/collect", methods=["POST"], content_types=_TYPES)
@answered
def collect() -> Response:
    """One batch: confirmation, enrolments, goals. 204 whatever happened, but in development."""
    request, now = public.current_request, wiring.now()
    server = has_key(request.headers, settings().server_keys)
    try:
        batch = batch_from(request.raw_body, now)
    except InvalidInput as problem:
        count("refused_events", {"bad_batch": 1})
        return _to_browser(problem)
    reason = None if server else _reason(batch)
    if reason is not None:
        exclude_request(batch.experiments, reason, now)
        return no_content()
    who = _caller(batch.visitor)
    try:
        who, collected = _take(who, batch.events, now, server)
    except (Conflict, Unavailable) as problem:
        # Not 204: that would tell the script to forget events which were not written.
        raise Unavailable from problem
    except UnreadableDocument as problem:
        # After a rollback an older version may meet what a later one wrote: the browser keeps its events.
        measure("unreadable_documents", 1)
        raise Unavailable("the visitor's document cannot be read") from problem
    except LeansplitError:
        failed("collect")
        return no_content()
    _say_refused(batch, collected, now)
    return _to_browser(_problem(batch, collected), _remember(who))


@public.route("/e/goal", methods=["GET"])
def goal_without_name() -> Response:
    """The pixel of nothing."""
    return pixel()


@public.route("/e/goal/{goal}", methods=["GET"])
def goal(goal: str) -> Response:
    """A goal by picture: always 200 and the picture, whatever happened."""
    try:
        _reach(goal)
    except Exception:  # noqa: BLE001 the visitor's page must not break
        failed("pixel", goal=goal)
    log("goal", goal=goal)
    return pixel()


def _reach(goal: str) -> None:
    query: Mapping[str, str] = public.current_request.query_params or {}
    now, token = wiring.now(), query.get("visitor", "")
    mailed = mailed_of(token, goal, now, settings().token_keys)
    if mailed is None:
        _reach_by_page(goal, _caller(token), query, now)
    else:
        # A picture in a mail is fetched as often as the mail is read, and counts once.
        event = Reached(hashed_event(token[-40:]), now, goal, mailed.value)
        _reach_by_mail(Caller(mailed.visitor_id, signed=True), event, now)


def _reach_by_page(goal: str, who: Caller, query: Mapping[str, str], now: Instant) -> None:
    reason = bot_reason(public.current_request.headers)
    if reason is not None:
        exclude_request([], reason, now)
    elif who.known:
        event_id = query.get("id") or new_visitor_id()
        fields = {"type": "goal", "id": event_id, "goal": goal, "value": query.get("value")}
        try:
            event = event_from(fields, now)
        except InvalidInput as problem:
            warn("pixel", goal=goal, problem=str(problem))
            count("refused_events", {"pixel": 1})
        else:
            _count_pixel(who, event, now)


def _reach_by_mail(who: Caller, event: Reached, now: Instant) -> None:
    """Mail providers fetch pictures for their readers: the token is proof enough, and they are told apart."""
    proxied = bot_reason(public.current_request.headers) is not None
    if proxied and not settings().count_mail_proxies:
        exclude_request([], "mail_proxy", now)
    elif _count_pixel(who, event, now) and proxied:
        count_mail_proxy(event.goal, now)


def _count_pixel(who: Caller, event: Event, now: Instant) -> bool:
    """Whether it was new."""
    try:
        collected = _collect(who, [event], now, server=False)
    except Refused as problem:
        warn("pixel", problem=str(problem))
        count("refused_events", {"pixel": 1})
        return False
    count_refused([event], collected, now)
    return collected.written and not collected.refused


def _take(who: Caller, events: Sequence[Event], now: Instant, server: bool) -> tuple[Caller, Collected]:
    """Collect for the caller, or for a new visitor when it may not speak for the one it names."""
    try:
        collected = _collect(who, events, now, server)
        return replace(who, visitor_id=collected.visitor.id), collected
    except Refused as problem:
        if problem.reason not in ("claimed", "erased"):
            raise
    who = nobody()
    return who, _collect(who, events, now, server)


def _collect(who: Caller, events: Sequence[Event], now: Instant, server: bool) -> Collected:
    source = SERVER if server else BROWSER
    definitions, signed = definitions_for(events, now), who.signed and who.known
    return collecting.collect(wiring.store(), definitions, who.visitor_id, events, now, source, signed)


def _reason(batch: Batch) -> str | None:
    """Why a batch counts for nobody."""
    headers = public.current_request.headers
    if is_stranger(headers, key_of(public.current_request.query_params), settings()):
        return "origin"
    return "webdriver" if batch.webdriver else bot_reason(headers)


def _caller(named: object) -> Caller:
    cookies = public.current_request.headers.get("cookie", "")
    return caller(cookies, named, settings().token_keys, _form())


def _remember(who: Caller) -> dict[str, str]:
    cookie = set_cookie(who.visitor_id, settings().token_keys, _form())
    return {"Set-Cookie": cookie, "X-Leansplit-Visitor": sign(who.visitor_id, settings().token_keys)}


def _say_refused(batch: Batch, collected: Collected, now: Instant) -> None:
    count_refused(batch.events, collected, now, len(batch.problems))
    if batch.problems or collected.refused:
        problems = [str(each) for each in batch.problems]
        warn("refused", reasons=dict(collected.reasons), problems=problems)


def _problem(batch: Batch, collected: Collected) -> InvalidInput | None:
    return batch.problems[0] if batch.problems else undeclared(batch.events, collected.refused)


def _form() -> CookieForm:
    return cookie_form(settings().development, settings().cookie_domain)


def _to_browser(problem: InvalidInput | None, headers: dict[str, str] | None = None) -> Response:
    if problem is not None and settings().development:
        response = error(400, str(problem), problem.field)
        response.headers.update(headers or {})
        return response
    return no_content(headers)
