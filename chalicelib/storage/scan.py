"""The recount's read path: whole pages of documents, without an object per attribute.

botocore builds several objects for each attribute of each item, which costs more than all that
a recount does with a document. Its `before-parse` event lets us read the page's JSON ourselves.
"""

import json
from collections.abc import Iterator
from typing import Any

from chalicelib.services.store import Page

_EVENT = "before-parse.dynamodb.Scan"


def scan_pages(
    client: Any, table: str, segment: int, segments: int, now_seconds: int, start: str | None
) -> Iterator[Page]:
    """The unexpired documents of one segment, page by page of up to 1 MB, eventually consistent."""
    client.meta.events.register(_EVENT, _keep_raw_items, unique_id="leansplit-scan")
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
        answer = client.scan(**request)
        start = answer["LastEvaluatedKey"]["id"]["S"] if "LastEvaluatedKey" in answer else None
        yield Page(answer["documents"], start)
        if start is None:
            return


def _keep_raw_items(response_dict: Any, customized_response_dict: Any, **_: Any) -> None:
    if response_dict["status_code"] != 200:
        return
    page = json.loads(response_dict["body"])
    customized_response_dict["documents"] = [
        (item["id"]["S"], item.get("body", _NO_BODY)["S"]) for item in page.pop("Items")
    ]
    response_dict["body"] = json.dumps(page).encode()


_NO_BODY = {"S": ""}
