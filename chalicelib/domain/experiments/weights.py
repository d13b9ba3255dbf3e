"""Weights as people write them, and the shares of the traffic that they come to."""

from collections.abc import Sequence
from math import fsum

from chalicelib.domain.experiments.bucketing import BUCKETS
from chalicelib.domain.fields.reading import FieldError


def shares(weights: Sequence[float]) -> tuple[float, ...]:
    """Each weight's part of their sum; shares are what the hash is compared with."""
    total = fsum(weights)
    return tuple(weight / total for weight in weights)


def check_weights(weights: Sequence[float], field: str = "weights[{}]") -> None:
    """FieldError unless one at least is above 0, and each is 0 or large enough for one bucket."""
    total = fsum(weights)
    if total <= 0:
        raise FieldError("weights", "must not all be 0")
    for index, weight in enumerate(weights):
        if weight and weight / total < 1 / BUCKETS:
            least = f"1 / {BUCKETS} of the sum of all weights"
            raise FieldError(field.format(index), f"must be 0 or at least {least}")
