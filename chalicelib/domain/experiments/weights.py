"""Weights as people write them, and the shares of the traffic that they come to."""

from collections.abc import Sequence

from chalicelib.domain.experiments.bucketing import BUCKETS, bucket_counts
from chalicelib.domain.fields.reading import FieldError


def shares(weights: Sequence[float]) -> tuple[float, ...]:
    """Each weight's part of their sum; shares are what the hash is compared with."""
    total = sum(weights)
    return tuple(weight / total for weight in weights)


def check_weights(weights: Sequence[float], field: str = "weights[{}]") -> None:
    """FieldError unless one at least is above 0, and each is 0 or gets one of the hash's buckets."""
    if not sum(weights) > 0:
        raise FieldError("weights", "must not all be 0")
    counts = bucket_counts(len(weights), 1.0, shares(weights))
    for index, (weight, count) in enumerate(zip(weights, counts, strict=True)):
        if weight and not count:
            raise FieldError(
                field.format(index), f"is too small to get any visitor: at least 1 / {BUCKETS} of all, or 0"
            )
