"""Runs in schemathesis' own environment: what its settings cannot say."""

from typing import Any

import schemathesis
from schemathesis.specs.openapi.checks import negative_data_rejection

PERSON = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
BATCHES = ("/v1/assign", "/v1/goals", "/v1/engagement", "/v1/identify", "/v1/erase", "/e/track")
FILE = "/admin/definitions"


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: dict[str, Any]) -> None:
    """A redirect is an answer, and who calls is a person."""
    kwargs["allow_redirects"] = False
    case.headers.setdefault("User-Agent", PERSON)


@schemathesis.check
def bad_items_are_refused(ctx: Any, response: Any, case: Any) -> bool | None:
    """Bad data is refused: the whole request, or what is wrong with it stands in the answer."""
    path = case.operation.path
    if path not in (*BATCHES, FILE) or (response.status_code == 200 and _is_told(path, response.json())):
        return None
    return bool(negative_data_rejection(ctx, response, case))


def _is_told(path: str, answer: Any) -> bool:
    if path == FILE:
        return bool(answer["warnings"])
    return any(each["status"] not in (200, "accepted") for each in answer.get("results", []))
