"""The arms of a goal: a visitor count and exact sums, checked to be possible."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib.stats.errors import RequestError
from chalicelib.stats.exact import Exact, count, exact

SUMS = {
    "conversion": ("conversions",),
    "engagement": ("sum", "sum_squares"),
    "ratio": (
        "numerator_sum",
        "numerator_sum_squares",
        "denominator_sum",
        "denominator_sum_squares",
        "sum_products",
    ),
}
PRE = ("pre_sum", "pre_sum_squares", "sum_post_pre")


@dataclass(frozen=True, slots=True)
class Arm:
    """n visitors; `sums` in the order of SUMS, `pre` (CUPED) in the order of PRE or empty."""

    key: str
    n: int
    sums: tuple[Exact, ...]
    pre: tuple[Exact, ...]


Known = dict[tuple[int, str], list[Arm]]
"""Rows that were read already, by their identity and kind: the reports of many days share them."""


def arms_of(values: Sequence[Any], kind: str, path: str) -> list[Arm]:
    """Two or more arms with keys of their own; the first one is the control."""
    if len(values) < 2:
        raise RequestError(path, "needs two arms or more, the control first")
    arms = [_arm(value, kind, f"{path}[{i}]") for i, value in enumerate(values)]
    seen: set[str] = set()
    for i, arm in enumerate(arms):
        if not arm.key:
            raise RequestError(f"{path}[{i}].key", "must be a text that is not empty")
        if arm.key in seen:
            raise RequestError(f"{path}[{i}].key", f"{arm.key!r} is there twice")
        if bool(arm.pre) != bool(arms[0].pre):
            raise RequestError(f"{path}[{i}].{PRE[0]}", "must be in every arm or in none")
        seen.add(arm.key)
    return arms


def days_of(
    values: Sequence[Any], kind: str, arms: Sequence[Arm], path: str, known: Known
) -> list[list[Arm]]:
    """The same arms, in the same order, on each earlier final day (oldest first)."""
    return [_day(value, kind, arms, f"{path}[{i}]", known) for i, value in enumerate(values)]


def _day(value: Any, kind: str, arms: Sequence[Arm], path: str, known: Known) -> list[Arm]:
    row = value.get("arms") if isinstance(value, Mapping) else None
    if not isinstance(row, (list, tuple)) or len(row) != len(arms):
        raise RequestError(f"{path}.arms", f"must be an array of {len(arms)} arms")
    read = known.get((id(row), kind))
    if read is None:
        read = known[id(row), kind] = [_arm(arm, kind, f"{path}.arms[{i}]") for i, arm in enumerate(row)]
    return read


def _arm(value: Any, kind: str, path: str) -> Arm:
    if not isinstance(value, Mapping):
        raise RequestError(path, "must be an object")
    n = count(value.get("n"), f"{path}.n")
    if kind == "conversion":
        sums: tuple[Exact, ...] = (_conversions(value.get("conversions"), n, path),)
    else:
        sums = tuple(exact(value.get(name), f"{path}.{name}") for name in SUMS[kind])
        _possible_sums(n, sums, SUMS[kind], path)
    pre = _pre(value, n, sums, path) if PRE[0] in value and kind != "ratio" else ()
    key = value.get("key")
    return Arm(key if isinstance(key, str) else "", n, sums, pre)


def _conversions(value: Any, n: int, path: str) -> int:
    x = count(value, f"{path}.conversions")
    if x > n:
        raise RequestError(f"{path}.conversions", "must not exceed n")
    return x


def _pre(value: Mapping[str, Any], n: int, sums: tuple[Exact, ...], path: str) -> tuple[Exact, ...]:
    pre = tuple(exact(value.get(name), f"{path}.{name}") for name in PRE)
    _possible_pair(n, pre[0], pre[1], f"{path}.{PRE[1]}")
    post = (sums[0], sums[-1]) if len(sums) < 3 else sums[:2]
    _possible_product(n, post, pre[:2], pre[2], f"{path}.{PRE[2]}")
    return pre


def _possible_sums(n: int, sums: tuple[Exact, ...], names: Sequence[str], path: str) -> None:
    for i in range(0, len(sums) - 1, 2):
        _possible_pair(n, sums[i], sums[i + 1], f"{path}.{names[i + 1]}")
    if len(sums) == 5:
        _possible_product(n, sums[:2], sums[2:4], sums[4], f"{path}.{names[4]}")


def _possible_pair(n: int, total: Exact, squares: Exact, path: str) -> None:
    if n * squares < total * total or (n == 0 and squares):
        raise RequestError(path, "is smaller than the sum and n allow" if n else "must be 0 where n is 0")


def _possible_product(n: int, a: tuple[Exact, ...], b: tuple[Exact, ...], product: Exact, path: str) -> None:
    covariance = n * product - a[0] * b[0]
    spread = (n * a[1] - a[0] * a[0]) * (n * b[1] - b[0] * b[0])
    if covariance * covariance > spread or (n == 0 and product):
        raise RequestError(path, "is further out than the other sums allow")
