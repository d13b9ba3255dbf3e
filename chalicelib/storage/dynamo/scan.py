"""The recount's read path: whole pages of documents, without an object per attribute.

botocore builds several objects for each attribute of each item, which costs more than all that
a recount does with a document. Its `before-parse` event lets us read the page's JSON ourselves.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from chalicelib.services.store import Page
from chalicelib.storage.document import page_of

_EVENT = "before-parse.dynamodb.Scan"


def scan_pages(
    client: Any, table: str, segment: int, segments: int, now_seconds: int, start: str | None
) -> Iterator[Page]:
    """The unexpired documents of one segment, page by page of up to 1 MB, eventually consistent."""
    client.meta.events.register(_EVENT, _keep_page, unique_id="leansplit-scan")
    request: dict[str, Any] = {
        "TableName": table,
        "Segment": segment,
        "TotalSegments": segments,
        "ProjectionExpression": "id, body",
        "FilterExpression": "expires_at > :now",
        "ExpressionAttributeValues": {":now": {"N": str(now_seconds)}},
    }
    while True:
        if start is not None:
            request["ExclusiveStartKey"] = {"id": {"S": start}}
        answer = client.scan(**request)["page"]
        start = None if answer.LastEvaluatedKey is None else answer.LastEvaluatedKey.id.S
        yield page_of(((item.id.S, item.body.S) for item in answer.Items), start)
        if start is None:
            return


class _Text(msgspec.Struct, frozen=True):
    S: str


class _Item(msgspec.Struct, frozen=True):
    id: _Text
    body: _Text = _Text("")


class _Page(msgspec.Struct, frozen=True):
    Items: list[_Item]
    LastEvaluatedKey: _Item | None = None


_read = msgspec.json.Decoder(_Page).decode


def _keep_page(response_dict: Any, customized_response_dict: Any, **_: Any) -> None:
    if response_dict["status_code"] == 200:
        customized_response_dict["page"] = _read(response_dict["body"])
        response_dict["body"] = b"{}"
