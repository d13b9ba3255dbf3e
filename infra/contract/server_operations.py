"""Routes that your servers call: one item, or up to 500 with a result for each."""

from typing import Annotated, Any

from msgspec import Struct

from infra.contract import requests
from infra.contract.admin_operations import KEYED, done
from infra.contract.alternatives import either
from infra.contract.error_answers import ANYWHERE, BAD, CONFLICT, NO_STORE, NOT_FOUND, TOO_MANY, UNAUTHORIZED
from infra.contract.operation import Body, Operation, Parameter, json_answer
from infra.contract.visitor_answers import (
    AssignedBatch,
    Assignments,
    Erased,
    ErasedBatch,
    Identified,
    IdentifiedBatch,
    ItemProblem,
    PixelAddress,
    Recorded,
    RecordedBatch,
)

_REFUSED = json_answer(ItemProblem, "it was understood and must not count", NO_STORE, "Refused")
_FEW = {**KEYED, 413: TOO_MANY, 400: BAD, 409: CONFLICT}


def _batch(path: str, one: type[Struct], many: type[Struct], body: Any) -> Operation:
    answers = {200: done(Annotated[Any, either(one, many)], "the result, or a result for each item"), **_FEW}
    if path == "/v1/erase":
        return Operation("POST", path, "servers", "server", {**answers, 404: NOT_FOUND}, body=Body(body))
    return Operation("POST", path, "servers", "server", {**answers, 422: _REFUSED}, body=Body(body))


OPERATIONS = [
    _batch("/v1/assign", Assignments, AssignedBatch, requests.AssignRequest),
    _batch("/v1/goals", Recorded, RecordedBatch, requests.GoalsRequest),
    _batch("/v1/engagement", Recorded, RecordedBatch, requests.EngagementRequest),
    _batch("/v1/identify", Identified, IdentifiedBatch, requests.IdentifyRequest),
    Operation(
        "POST",
        "/v1/pixels",
        "servers",
        "server",
        {201: done(PixelAddress, "the address"), **ANYWHERE, 401: UNAUTHORIZED, 400: BAD},
        body=Body(requests.NewPixel),
    ),
    _batch("/v1/erase", Erased, ErasedBatch, requests.EraseRequest),
    Operation(
        "DELETE",
        "/v1/visitors/{visitor}",
        "servers",
        "server",
        {200: done(Erased, "erased"), **KEYED, 400: BAD, 404: NOT_FOUND, 409: CONFLICT},
        (Parameter("visitor", str, "a visitor's token or id", "path", True),),
    ),
]
