"""One structured line for each thing that happened, and metrics in the same log."""

import json
from collections.abc import Mapping
from functools import partial
from typing import Any

from aws_lambda_powertools import Logger, single_metric
from aws_lambda_powertools.metrics import MetricUnit

from chalicelib.config import settings

_in_ascii = partial(json.dumps, default=str, separators=(",", ":"))
"""What is logged may hold halves of characters, and no line may be lost for that."""

_logger = Logger(service="leansplit", json_serializer=_in_ascii)


def log(event: str, **fields: Any) -> None:
    """A line with its fields."""
    _logger.info(event, extra=fields)


def warn(event: str, **fields: Any) -> None:
    """A line that somebody should look at."""
    _logger.warning(event, extra=fields)


def failed(event: str, **fields: Any) -> None:
    """A line with the exception that is being handled."""
    _logger.exception(event, extra=fields)


def count(metric: str, reasons: Mapping[str, int]) -> None:
    """A metric with one value for each reason."""
    for reason, amount in reasons.items():
        with single_metric(metric, MetricUnit.Count, amount, namespace=_namespace()) as single:
            single.add_dimension("reason", reason)


def measure(metric: str, amount: int) -> None:
    """A metric that an alarm of infra/app.yaml watches."""
    with single_metric(metric, MetricUnit.Count, amount, namespace=_namespace()):
        pass


def _namespace() -> str:
    return f"leansplit/{settings().stage}"
