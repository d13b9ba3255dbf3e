"""Which variation the hash gives to whom: the same here, in the snippet and in GrowthBook's SDKs.

FNV-1a (32 bits, over UTF-16 code units), GrowthBook's hash versions 1 and 2, half-open ranges.
"""

from collections.abc import Iterable, Sequence

BucketRange = tuple[float, float]

BUCKETS = 10_000

_OFFSET = 0x811C9DC5
_PRIME = 0x01000193


def bucket(seed: str, visitor_id: str, version: int = 2) -> float | None:
    """Where in [0, 1) a visitor falls, in steps of 1/10000 (v2) or 1/1000 (v1); None for another version."""
    if version == 2:
        return _fnv1a32(str(_fnv1a32(seed + visitor_id))) % 10_000 / 10_000
    if version == 1:
        return _fnv1a32(visitor_id + seed) % 1_000 / 1_000
    return None


def bucket_ranges(count: int, coverage: float, weights: Sequence[float] | None) -> list[BucketRange]:
    """The range of each of `count` variations.

    Each range begins where the full weights put it, and coverage cuts its end: so a growing
    coverage lets visitors in and moves nobody. Weights of a wrong number or a sum outside
    0.99–1.01 count as equal.
    """
    coverage = min(max(coverage, 0.0), 1.0)
    if weights is None or len(weights) != count or not 0.99 <= sum(weights) <= 1.01:
        weights = equal_weights(count)
    ranges, start = [], 0.0
    for weight in weights:
        ranges.append((start, start + coverage * weight))
        start += weight
    return ranges


def bucket_spans(count: int, coverage: float, weights: Sequence[float] | None) -> list[tuple[int, int]]:
    """Which of the hash's ten thousand buckets each variation has: from the first to before the second."""
    spans, taken = [], 0
    for low, high in bucket_ranges(count, coverage, weights):
        first, end = max(_bucket_from(low), taken), _bucket_from(high)
        spans.append((first, max(first, end)))
        taken = max(taken, end)
    return spans


def bucket_counts(count: int, coverage: float, weights: Sequence[float] | None) -> list[int]:
    """How many buckets each variation has: its true share of the visitors."""
    return [end - first for first, end in bucket_spans(count, coverage, weights)]


def equal_weights(count: int) -> list[float]:
    """`count` weights that share 1; none for a count below 1."""
    return [1.0 / count] * count if count >= 1 else []


def choose(position: float, ranges: Iterable[BucketRange]) -> int | None:
    """The index of the first range that holds the position; None if none does."""
    return next((index for index, (low, high) in enumerate(ranges) if low <= position < high), None)


def in_namespace(visitor_id: str, namespace: str, low: float, high: float) -> bool:
    """Whether a visitor belongs to the part [low, high) of a namespace, by hash version 1."""
    position = bucket("__" + namespace, visitor_id, 1)
    return position is not None and low <= position < high


def _bucket_from(edge: float) -> int:
    """The first bucket whose place is not below an edge, by the comparison that `choose` makes."""
    place = min(max(int(edge * BUCKETS) - 1, 0), BUCKETS)
    while place < BUCKETS and place / BUCKETS < edge:
        place += 1
    return place


def _fnv1a32(text: str) -> int:
    value = _OFFSET
    for unit in _code_units(text):
        value = ((value ^ unit) * _PRIME) & 0xFFFFFFFF
    return value


def _code_units(text: str) -> Iterable[int]:
    if text.isascii():
        return text.encode("ascii")
    return memoryview(text.encode("utf-16-le", "surrogatepass")).cast("H")
