"""What is answered when something is wrong, by leansplit or by API Gateway in front of it."""

from collections.abc import Mapping
from typing import Literal

from msgspec import UNSET, Struct, UnsetType

from infra.contract.operation import Answer, Header, json_answer

NO_STORE = {"Cache-Control": Header("nobody may keep it", Literal["no-store"])}
_OUR_STORE = {"Cache-Control": Header("where leansplit answered", Literal["no-store"], always=False)}
_LATER = {"Retry-After": Header("seconds to wait, where API Gateway throttled", Literal["1"], always=False)}


class Problem(Struct, forbid_unknown_fields=True):
    """`error` says what is wrong and what to do; `field` is the path of the value at fault, if one is."""

    error: str
    field: str | UnsetType = UNSET


def _problem(description: str, name: str, headers: Mapping[str, Header] = NO_STORE) -> Answer:
    return json_answer(Problem, description, headers, name)


BAD = _problem("a value is missing or wrong: `field` names it", "BadRequest")
UNAUTHORIZED = _problem("no valid key", "Unauthorized")
FORBIDDEN = _problem("the request did not come through CloudFront", "Forbidden", _OUR_STORE)
NOT_FOUND = _problem("what the request names does not exist", "NotFound")
CONFLICT = _problem(
    "it cannot be done as things stand, and `error` says what to do first; or another request changed it at "
    "the same moment: read it and try again",
    "Conflict",
)
TOO_LONG = _problem("more than 10 MB", "TooLong", {})
TOO_MANY = _problem("the body is longer than 1 MiB, or has more than 500 items", "TooMany", _OUR_STORE)
MEDIA_TYPE = _problem("a content type that is not accepted", "UnsupportedMediaType", NO_STORE)
THROTTLED = _problem("too many requests a second: try again", "TooManyRequests", _LATER)
INTERNAL = _problem("an internal error, which is in the log", "InternalError", _OUR_STORE)
BAD_GATEWAY = _problem("the function died: try again", "BadGateway", {})
BUSY = _problem(
    "the store is busy: the same request again is harmless and may succeed",
    "Unavailable",
    {**NO_STORE, "Retry-After": Header("seconds to wait", Literal["2"])},
)
TIMEOUT = _problem("no answer within 29 seconds", "GatewayTimeout", {})

ANYWHERE = {
    403: FORBIDDEN,
    413: TOO_LONG,
    415: MEDIA_TYPE,
    429: THROTTLED,
    500: INTERNAL,
    502: BAD_GATEWAY,
    504: TIMEOUT,
}
"""What any route may answer."""

STORED = {**ANYWHERE, 503: BUSY}
"""What a route may answer that reads or writes the tables."""
