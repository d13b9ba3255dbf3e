"""What DynamoDB says that calls consumed."""

import contextlib
from collections import Counter
from collections.abc import Iterator
from typing import Any

from botocore.client import BaseClient


class Meter:
    """Adds up what DynamoDB says it consumed, by operation kind."""

    def __init__(self) -> None:
        self.units: Counter[str] = Counter()
        self.calls = 0

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        plain = BaseClient._make_api_call

        def metered(client: Any, operation: str, request: dict[str, Any]) -> Any:
            service = client.meta.service_model.service_name
            if service == "dynamodb" and operation not in ("DescribeTable",):
                request = {**request, "ReturnConsumedCapacity": "TOTAL"}
            answer = plain(client, operation, request)
            if service == "dynamodb":
                self.note(operation, answer)
            return answer

        BaseClient._make_api_call = metered
        try:
            yield
        finally:
            BaseClient._make_api_call = plain

    def note(self, operation: str, answer: dict[str, Any]) -> None:
        self.calls += 1
        found = answer.get("ConsumedCapacity") or []
        kind = "read" if operation in ("GetItem", "BatchGetItem", "Query", "Scan") else "write"
        for each in found if isinstance(found, list) else [found]:
            self.units[kind] += each["CapacityUnits"]
