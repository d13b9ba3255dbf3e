"""The arms of a goal: visitor counts and exact sums by day, checked to be possible."""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import gt
from typing import Any

from chalicelib.domain.counting.goal_series import ArmSeries
from chalicelib.stats.errors import RequestError
from chalicelib.stats.exact import Exact
from chalicelib.stats.input.types import ARM_LISTS, ARMS, ArmFields, DayRequest, Text, read_request

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
NONZERO = {"engagement": "nonzero", "ratio": "denominator_nonzero"}
PRE = ("pre_sum", "pre_sum_squares", "sum_post_pre")
MATURED = "matured"
_COUNTED = {"conversion": 0, "engagement": 0, "ratio": 2}


@dataclass(frozen=True, slots=True)
class Row:
    """One arm on one day; `matured` are the visitors whose window is over, where they are given apart."""

    key: str
    n: int
    sums: tuple[Exact, ...]
    nonzero: int
    pre: tuple[Exact, ...]
    matured: "Row | None" = None


def rows_of(values: Sequence[Any], kind: str, path: str) -> list[Row]:
    """Two or more arms with keys of their own; the first one is the control."""
    if len(values) < 2:
        raise RequestError(path, "needs two arms or more, the control first")
    rows = _rows(values, kind, path)
    seen: set[str] = set()
    for i, row in enumerate(rows):
        read_request(Text, row.key, f"{path}[{i}].key")
        if row.key in seen:
            raise RequestError(f"{path}[{i}].key", f"{row.key!r} is there twice")
        _alike(row, rows[0], f"{path}[{i}]")
        seen.add(row.key)
    return rows


def day_of(value: Any, kind: str, arms: Sequence[Row], path: str) -> tuple[Any, list[Row]]:
    """The label of an earlier final day, and the same arms in the same order."""
    fields = read_request(DayRequest, value, path)
    if len(fields.arms) != len(arms):
        raise RequestError(f"{path}.arms", f"must be a list of {len(arms)} arms")
    found = _rows(fields.arms, kind, f"{path}.arms")
    for i, (row, arm) in enumerate(zip(found, arms, strict=True)):
        if row.key and row.key != arm.key:
            raise RequestError(f"{path}.arms[{i}].key", f"must be {arm.key!r}: the order is that of today")
        _alike(row, arm, f"{path}.arms[{i}]")
    return fields.day, found


def series_of(days: Sequence[Sequence[Row]]) -> list[ArmSeries]:
    """By arm what the days say, oldest first."""
    return [_series([day[i] for day in days]) for i in range(len(days[0]))]


def checked(arm: ArmSeries, path: str) -> None:
    """A tally's numbers: counts that are possible."""
    if min(arm.n, default=0) < 0:
        raise RequestError(f"{path}.n", "must be a whole number, zero or more")
    # Day by day without a loop of our own: there are as many as reports times days.
    if len(arm.sums) == 1 and (min(arm.sums[0], default=0) < 0 or any(map(gt, arm.sums[0], arm.n))):
        raise RequestError(f"{path}.conversions", "must not exceed n")


def _series(rows: Sequence[Row]) -> ArmSeries:
    if len(rows) == 1:
        row = rows[0]
        pre = tuple([value] for value in row.pre)
        return ArmSeries(row.key, [row.n], tuple([value] for value in row.sums), [row.nonzero], pre)
    return ArmSeries(
        rows[-1].key,
        [row.n for row in rows],
        tuple(list(column) for column in zip(*(row.sums for row in rows), strict=True)),
        [row.nonzero for row in rows],
        tuple(list(column) for column in zip(*(row.pre for row in rows), strict=True)),
    )


def _alike(row: Row, first: Row, path: str) -> None:
    if bool(row.pre) != bool(first.pre):
        raise RequestError(f"{path}.{PRE[0]}", "must be in every arm or in none")
    if (row.matured is None) != (first.matured is None):
        raise RequestError(f"{path}.{MATURED}", "must be in every arm or in none")
    if row.matured is not None and first.matured is not None:
        _alike(row.matured, first.matured, f"{path}.{MATURED}")


def _rows(values: Sequence[Any], kind: str, path: str) -> list[Row]:
    read: Sequence[ArmFields] = read_request(ARM_LISTS[kind], values, path)
    return [_row(fields, kind, f"{path}[{i}]") for i, fields in enumerate(read)]


def _row(fields: ArmFields, kind: str, path: str) -> Row:
    sums: tuple[Exact, ...] = tuple([getattr(fields, each) for each in SUMS[kind]])
    if kind == "conversion":
        nonzero = int(sums[0])
        if nonzero > fields.n:
            raise RequestError(f"{path}.conversions", "must not exceed n")
    else:
        _possible_sums(fields.n, sums, SUMS[kind], path)
        nonzero = _nonzero(fields, kind, sums, path)
    key = fields.key if isinstance(fields.key, str) else ""
    return Row(key, fields.n, sums, nonzero, _pre(fields, sums, path), _matured(fields, kind, path))


def _matured(fields: ArmFields, kind: str, path: str) -> Row | None:
    if fields.matured is None:
        return None
    place = f"{path}.{MATURED}"
    if MATURED in fields.matured:
        raise RequestError(f"{place}.{MATURED}", "is not known")
    row = _row(read_request(ARMS[kind], fields.matured, place), kind, place)
    if row.n > fields.n:
        raise RequestError(f"{place}.n", "must not exceed n")
    return row


def _nonzero(fields: ArmFields, kind: str, sums: tuple[Exact, ...], path: str) -> int:
    """How many values are not 0: as given, else as many as the sums need at least (Cauchy–Schwarz)."""
    total, squares = sums[_COUNTED[kind]], sums[_COUNTED[kind] + 1]
    least = -int(-(total * total) // squares) if squares else 0
    given: int | None = getattr(fields, NONZERO[kind])
    if given is None:
        return least
    place = f"{path}.{NONZERO[kind]}"
    if given > fields.n:
        raise RequestError(place, "must not exceed n")
    if given < least or (squares and not given):
        raise RequestError(place, "is smaller than the sums allow")
    return given


def _pre(fields: ArmFields, sums: tuple[Exact, ...], path: str) -> tuple[Exact, ...]:
    found = {each: getattr(fields, each, None) for each in PRE}
    pre = tuple([each for each in found.values() if each is not None])
    if not pre:
        return ()
    for each, value in found.items():
        if value is None:
            raise RequestError(f"{path}.{each}", "is missing: the sums of a covariate belong together")
    _possible_pair(fields.n, pre[0], pre[1], f"{path}.{PRE[1]}")
    post = (sums[0], sums[-1]) if len(sums) < 3 else sums[:2]
    _possible_product(fields.n, post, pre[:2], pre[2], f"{path}.{PRE[2]}")
    return pre


def _possible_sums(n: int, sums: tuple[Exact, ...], names: Sequence[str], path: str) -> None:
    for i in range(0, len(sums) - 1, 2):
        if n * sums[i + 1] < sums[i] * sums[i] or not n:
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
