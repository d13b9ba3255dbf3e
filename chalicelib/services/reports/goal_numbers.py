"""From what each day added to an arm to the numbers of a goal as of every day.

The numbers are exact: whole ten-thousandths, or fractions of them where a goal divides (mean, per day).
"""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import accumulate
from typing import Any

from chalicelib.domain.counting.goal_series import ArmSeries, GoalSeries
from chalicelib.domain.instant import Day, iso_day
from chalicelib.domain.values import VALUE_SCALE

Parts = dict[str, list[int]]
Row = tuple[int | Fraction, ...]


class Arm:
    """One arm's tally from a report, from the phase's first day to the last."""

    def __init__(self, tally: Mapping[str, Any], first: Day, last: Day) -> None:
        self.key = tally["variation"]
        self.days = range(first, last + 1)
        self._names = [iso_day(day) for day in self.days]
        self._goals: Mapping[str, Any] = tally.get("goals", {})
        self._parts: Mapping[str, Any] = tally.get("parts", {})
        self._scores: Mapping[str, Any] = tally.get("scores", {})
        self.n = list(accumulate(tally.get("enrolled", {}).get(name, 0) for name in self._names))

    def totals(self, goal: str) -> list[tuple[int, int, int, int]]:
        """Conversions, sum, sum of squares and numbers that are not 0 as of each day."""
        added, totals, now = self._goals.get(goal, {}), [], (0, 0, 0, 0)
        for name in self._names:
            if name in added:
                x, total, squares, *rest = added[name]
                # Reports of version 1 don't say how many are 0: whoever reached the goal had a value.
                now = now[0] + x, now[1] + total, now[2] + squares, now[3] + (rest[0] if rest else x)
            totals.append(now)
        return totals

    def scores(self) -> list[list[int]]:
        """Participants, sum and sum of squares of what your function gave them as of each day; zeros for a
        day without scores."""
        return [self._scores.get(name, _NO_SCORES) for name in self._names]

    def parts(self, goal: str) -> Iterator[Parts]:
        """What stands under each key as of each day; the same dict every time."""
        added: Mapping[str, Any] = self._parts.get(goal, {})
        now: Parts = {}
        for name in self._names:
            for key, numbers in added.get(name, {}).items():
                known = now.get(key)
                now[key] = (
                    list(numbers) if known is None else [a + b for a, b in zip(known, numbers, strict=True)]
                )
            yield now


def goal_series(goal: Mapping[str, Any], arms: Sequence[Arm]) -> GoalSeries:
    """By day the numbers of every arm."""
    if goal.get("winsorize") is not None:
        return _winsorized(goal, arms)
    scale = 1 if goal["type"] == "conversion" else VALUE_SCALE
    return GoalSeries(tuple(_series(goal, arm) for arm in arms), scale)


def _series(goal: Mapping[str, Any], arm: Arm) -> ArmSeries:
    if goal.get("source") == "function":
        n, total, squares, _ = zip(*arm.scores(), strict=True)
        return ArmSeries(arm.key, n, (total, squares), list(map(_least, total, squares)))
    if goal["type"] == "ratio":
        ratios = [parts.get("ratio", _NO_RATIO)[:] for parts in arm.parts(goal["key"])]
        sums = tuple(zip(*ratios, strict=True))
        counted = [row[3] for row in arm.totals(goal["key"])]
        return ArmSeries(arm.key, arm.n, sums[:5], _at_least(counted, sums[2], sums[3]))
    totals, rows = arm.totals(goal["key"]), list[Row]()
    reached = [row[0] for row in totals]
    if goal["type"] == "conversion":
        return ArmSeries(arm.key, arm.n, (reached,), reached)
    if goal.get("metric") in ("mean", "per_day"):
        rows = [_divided(goal, each, arm.days[i]) for i, each in enumerate(arm.parts(goal["key"]))]
    else:
        parts = arm.parts(goal["key"])
        rows = [
            (*row[1:3], *_pre(goal, each, each.get("pre", _NO_PRE)[2]))
            for row, each in zip(totals, parts, strict=True)
        ]
    columns = tuple(zip(*rows, strict=True))
    nonzero = _at_least([row[3] for row in totals], *columns[:2])
    return ArmSeries(arm.key, arm.n, columns[:2], nonzero, columns[2:])


def _at_least(
    counted: Sequence[int], totals: Sequence[int | Fraction], squares: Sequence[int | Fraction]
) -> list[int]:
    """The numbers that are not 0; where a report of version 1 counted none, as many as the sums need."""
    return [max(x, _least(s, q)) for x, s, q in zip(counted, totals, squares, strict=True)]


def _least(total: int | Fraction, squares: int | Fraction) -> int:
    """So many values are not 0 at least (Cauchy–Schwarz)."""
    return -int(-(total * total) // squares) if squares else 0


def _pre(goal: Mapping[str, Any], parts: Parts, products: int | Fraction) -> Row:
    if goal.get("covariate_days") is None:
        return ()
    total, squares, _ = parts.get("pre", _NO_PRE)
    return total, squares, products


def _divided(goal: Mapping[str, Any], parts: Parts, day: Day) -> Row:
    total = squares = products = Fraction(0)
    for key, row in parts.items():
        if key != "pre":
            divisor = int(key) if goal["metric"] == "mean" else day - int(key) + 1
            total += Fraction(row[0], divisor)
            squares += Fraction(row[1], divisor * divisor)
            products += Fraction(row[2], divisor)
    return total, squares, *_pre(goal, parts, products)


def _winsorized(goal: Mapping[str, Any], arms: Sequence[Arm]) -> GoalSeries:
    caps: list[int | None] = []
    rows: list[list[Row]] = [[] for _ in arms]
    for i, parts in enumerate(zip(*(arm.parts(goal["key"]) for arm in arms), strict=True)):
        cap, day = _capped(goal, [arm.n[i] for arm in arms], parts)
        caps.append(cap)
        for mine, row in zip(rows, day, strict=True):
            mine.append(row)
    found = []
    for arm, mine in zip(arms, rows, strict=True):
        columns: list[Any] = list(zip(*mine, strict=True))
        found.append(ArmSeries(arm.key, arm.n, tuple(columns[1:3]), columns[0], tuple(columns[3:])))
    return GoalSeries(tuple(found), VALUE_SCALE, caps)


def _capped(
    goal: Mapping[str, Any], sizes: Sequence[int], parts: Sequence[Parts]
) -> tuple[int | None, list[Row]]:
    """The cap, and by arm: values that are not 0, sum, squares, then the covariate's numbers."""
    values = [_values(n, each) for n, each in zip(sizes, parts, strict=True)]
    cap = quantile(Fraction(goal["winsorize"]), values)
    found: list[Row] = []
    for each, part in zip(values, parts, strict=True):
        total = squares = products = nonzero = 0
        for value, (count, before) in each.items():
            value = value if cap is None else min(value, cap)
            total += value * count
            squares += value * value * count
            products += value * before
            nonzero += count if value else 0
        found.append((nonzero, total, squares, *_pre(goal, part, products)))
    return cap, found


def _values(n: int, parts: Parts) -> dict[int, tuple[int, int]]:
    """By number how many visitors have it and the sum of their covariates; who reached nothing has 0."""
    values = {int(key): (row[0], row[1]) for key, row in parts.items() if key != "pre"}
    rest = n - sum(count for count, _ in values.values())
    before = parts.get("pre", _NO_PRE)[0] - sum(before for _, before in values.values())
    none = values.get(0, (0, 0))
    return {**values, 0: (none[0] + rest, none[1] + before)}


def quantile(q: Fraction, arms: Sequence[Mapping[int, tuple[int, int]]]) -> int | None:
    """The smallest number that at least the share q of all values other than 0 does not exceed, at least 0;
    None where nobody has one.

    Where few visitors buy, a quantile over everybody would be 0 and take all away.
    """
    counts: dict[int, int] = {}
    for values in arms:
        for value, (count, _) in values.items():
            if value:
                counts[value] = counts.get(value, 0) + count
    wanted, reached = q * sum(counts.values()), 0
    for value in sorted(counts):
        reached += counts[value]
        if counts[value] and reached >= wanted:
            return max(value, 0)
    return None


_NO_PRE = [0, 0, 0]
_NO_RATIO = [0] * 5
_NO_SCORES = [0, 0, 0, 0]
