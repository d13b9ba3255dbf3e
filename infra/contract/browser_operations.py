"""Routes that browsers call. Pages of other origins may read the answers if ALLOWED_ORIGINS names them."""

from typing import Literal

from infra.contract import requests
from infra.contract.error_answers import (
    ANYWHERE,
    BAD,
    CONFLICT,
    NO_STORE,
    NOT_FOUND,
    STORED,
)
from infra.contract.operation import JSON, Answer, Body, Header, Operation, Parameter, json_answer
from infra.contract.text_formats import Name, ObjectId, Token
from infra.contract.tracker_answers import Target, TrackedBatch
from infra.contract.visitor_answers import BrowserAssignments

_GATEWAY = (403, 413, 429, 502, 504)
"""Answers that no middleware of ours sees."""

_CROSS_ORIGIN = {
    "Vary": Header("answers differ by origin", Literal["Origin"]),
    "Access-Control-Allow-Origin": Header("the page's origin, where it may read the answer", always=False),
    "Access-Control-Allow-Credentials": Header(
        "where the page may read the answer", Literal["true"], always=False
    ),
    "Access-Control-Expose-Headers": Header("the headers that such a page may read", always=False),
}
_REMEMBERED = {
    "Set-Cookie": Header("the visitor's cookie, for 400 days", always=False),
    "X-Leansplit-Visitor": Header("the visitor's token, beside the cookie", Token, always=False),
}
_TYPES = (JSON, "text/plain", "application/x-www-form-urlencoded")
_KEY = Parameter("key", str, "the page's public key, where ALLOWED_ORIGINS or the tracker has one")
_COOKIE = Parameter(
    "__Host-leansplit",
    str,
    "the visitor's cookie; `__Secure-leansplit` with COOKIE_DOMAIN, `leansplit` in development",
    "cookie",
)
_VISITOR = Parameter("visitor", str, "the visitor's token or id, where there is no cookie")
_PIXEL = Answer("a transparent picture, whatever happened", {"image/gif": bytes}, NO_STORE)
_NOTHING = Answer("done, or nothing to tell a browser", headers=NO_STORE)
_BAD_EVENT = Answer(
    "what is wrong with the batch or its first bad event: only with DEVELOPMENT=1",
    BAD.bodies,
    {**NO_STORE, **_REMEMBERED},
)
_REDIRECT = Answer(
    "to the object's declared target",
    headers={
        **NO_STORE,
        "Location": Header("the target"),
        "Referrer-Policy": Header("the target sees the page's origin", Literal["origin"]),
    },
)


def _shared(answers: dict[int, Answer]) -> dict[int, Answer]:
    return {
        status: answer if status in _GATEWAY else answer.with_headers(_CROSS_ORIGIN, "Browser")
        for status, answer in answers.items()
    }


def _json(body: object, description: str) -> Answer:
    return json_answer(body, description, NO_STORE)


def _path(name: str, schema: object, description: str, example: str) -> Parameter:
    return Parameter(name, schema, description, "path", True, example)


OPERATIONS = [
    Operation(
        "GET",
        "/e/assign",
        "browsers",
        "none",
        _shared(
            {
                200: _json(BrowserAssignments, "the variations").with_headers(_REMEMBERED),
                **STORED,
                400: BAD,
            }
        ),
        (
            Parameter(
                "experiments", str, "names with commas between them; all enabled ones if it is missing"
            ),
            _VISITOR,
            _KEY,
            _COOKIE,
        ),
    ),
    Operation(
        "POST",
        "/e/collect",
        "browsers",
        "server or none",
        _shared(
            {
                204: _NOTHING.with_headers(_REMEMBERED),
                **STORED,
                400: _BAD_EVENT,
            }
        ),
        (_KEY, _COOKIE),
        Body(requests.EventBatch, content_types=_TYPES),
    ),
    Operation("GET", "/e/goal", "browsers", "none", _shared({200: _PIXEL, **ANYWHERE})),
    Operation(
        "GET",
        "/e/goal/{goal}",
        "browsers",
        "none",
        _shared({200: _PIXEL, **ANYWHERE}),
        (
            _path("goal", Name, "the goal's name", "buy"),
            Parameter("visitor", str, "a token of POST /v1/pixels, or the visitor's token or id"),
            Parameter("value", str, "the goal's value"),
            Parameter("id", str, "the event's id: a repeated one counts once"),
            _COOKIE,
        ),
    ),
    Operation(
        "POST",
        "/e/track",
        "browsers",
        "server or none",
        _shared(
            {
                200: _json(TrackedBatch, "for a server: a result for each event"),
                204: _NOTHING,
                **STORED,
                400: BAD,
                409: CONFLICT,
            }
        ),
        (_KEY,),
        Body(requests.TrackBatch, content_types=_TYPES),
    ),
    Operation(
        "GET",
        "/e/track/{tracker}/{object}/{field}",
        "browsers",
        "none",
        _shared({200: _PIXEL, **ANYWHERE}),
        (
            _path("tracker", Name, "the tracker's name", "products"),
            _path("object", ObjectId, "the object", "product:42"),
            _path("field", Name, "the field", "views"),
            Parameter("op", Literal["incr", "decr"], "`incr` if it is missing"),
            Parameter("by", str, "how much; 1 if it is missing"),
            _KEY,
        ),
    ),
    Operation(
        "GET",
        "/e/go/{tracker}/{object}",
        "browsers",
        "none",
        _shared(
            {
                200: _json(Target, "with `script=1`: the target"),
                302: _REDIRECT,
                **STORED,
                400: BAD,
                404: NOT_FOUND,
            }
        ),
        (
            _path("tracker", Name, "the tracker's name", "products"),
            _path("object", ObjectId, "the object", "product:42"),
            Parameter("script", str, "`1` answers with the target instead of leading there", example="1"),
            _KEY,
        ),
    ),
]
