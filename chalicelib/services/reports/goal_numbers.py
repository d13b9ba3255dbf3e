"""From what each day added to an arm to the numbers of a goal as of every day.

The numbers are exact: whole, decimal text, or fractions where a goal divides (mean, per day).
"""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import accumulate
from typing import Any

from chalicelib.domain.instant import Day, iso_day
from chalicelib.domain.values import VALUE_SCALE, unscaled

Numbers = dict[str, Any]
Parts = dict[str, list[int]]
_SQUARE_SCALE = VALUE_SCALE * VALUE_SCALE
_RATIO = (
    "numerator_sum",
    "numerator_sum_squares",
    "denominator_sum",
    "denominator_sum_squares",
    "sum_products",
)


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

    def totals(self, goal: str) -> list[tuple[int, int, int]]:
        """Conversions, sum and sum of squares as of each day."""
        added, totals, now = self._goals.get(goal, {}), [], (0, 0, 0)
        for name in self._names:
            if name in added:
                counts = added[name]
                now = now[0] + counts[0], now[1] + counts[1], now[2] + counts[2]
            totals.append(now)
        return totals

    def scores(self) -> list[Numbers]:
        """What your function gave the participants as of each day; nothing for a day without scores."""
        found = []
        for name in self._names:
            n, total, squares, _ = self._scores.get(name, _NO_SCORES)
            found.append({"key": self.key, "n": n, **_sums(total, squares)})
        return found

    def scored(self, index: int) -> bool:
        """Whether there are scores of that day."""
        return self._names[index] in self._scores

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


def goal_arms(goal: Mapping[str, Any], arms: Sequence[Arm]) -> list[list[Numbers]]:
    """By day the numbers of every arm, in the form of the analysis request."""
    if goal.get("winsorize") is not None:
        return _winsorized(goal, arms)
    return [list(day) for day in zip(*(_rows(goal, arm) for arm in arms), strict=True)]


def _rows(goal: Mapping[str, Any], arm: Arm) -> list[Numbers]:
    if goal.get("source") == "function":
        return arm.scores()
    if goal["type"] == "ratio":
        return [_numbers(arm, i, _ratio(parts)) for i, parts in enumerate(arm.parts(goal["key"]))]
    if goal["type"] == "conversion":
        return [_numbers(arm, i, {"conversions": each[0]}) for i, each in enumerate(arm.totals(goal["key"]))]
    if goal.get("metric") in ("mean", "per_day"):
        parts = enumerate(arm.parts(goal["key"]))
        return [_numbers(arm, i, _divided(goal, each, arm.days[i])) for i, each in parts]
    whole = zip(arm.totals(goal["key"]), arm.parts(goal["key"]), strict=True)
    return [
        _numbers(arm, i, _sums(total, squares) | _pre(goal, parts, parts.get("pre", _NO_PRE)[2]))
        for i, ((_, total, squares), parts) in enumerate(whole)
    ]


def _numbers(arm: Arm, index: int, numbers: Numbers) -> Numbers:
    return {"key": arm.key, "n": arm.n[index], **numbers}


def _sums(total: int, squares: int) -> Numbers:
    return {"sum": unscaled(total), "sum_squares": unscaled(squares, _SQUARE_SCALE)}


def _pre(goal: Mapping[str, Any], parts: Parts, products: int | Fraction) -> Numbers:
    if goal.get("covariate_days") is None:
        return {}
    total, squares, _ = parts.get("pre", _NO_PRE)
    return {
        "pre_sum": unscaled(total),
        "pre_sum_squares": unscaled(squares, _SQUARE_SCALE),
        "sum_post_pre": Fraction(products) / _SQUARE_SCALE,
    }


def _divided(goal: Mapping[str, Any], parts: Parts, day: Day) -> Numbers:
    total = squares = products = Fraction(0)
    for key, row in parts.items():
        if key != "pre":
            divisor = int(key) if goal["metric"] == "mean" else day - int(key) + 1
            total += Fraction(row[0], divisor)
            squares += Fraction(row[1], divisor * divisor)
            products += Fraction(row[2], divisor)
    sums = {"sum": total / VALUE_SCALE, "sum_squares": squares / _SQUARE_SCALE}
    return sums | _pre(goal, parts, products)


def _ratio(parts: Parts) -> Numbers:
    row = parts.get("ratio", [0] * 5)
    scales = (VALUE_SCALE, _SQUARE_SCALE, VALUE_SCALE, _SQUARE_SCALE, _SQUARE_SCALE)
    return {name: unscaled(number, scale) for name, number, scale in zip(_RATIO, row, scales, strict=True)}


def _winsorized(goal: Mapping[str, Any], arms: Sequence[Arm]) -> list[list[Numbers]]:
    return [
        [
            _numbers(arm, i, numbers)
            for arm, numbers in zip(arms, _capped(goal, [arm.n[i] for arm in arms], parts), strict=True)
        ]
        for i, parts in enumerate(zip(*(arm.parts(goal["key"]) for arm in arms), strict=True))
    ]


def _capped(goal: Mapping[str, Any], sizes: Sequence[int], parts: Sequence[Parts]) -> list[Numbers]:
    values = [_values(n, each) for n, each in zip(sizes, parts, strict=True)]
    cap = quantile(Fraction(goal["winsorize"]), values)
    found = []
    for each, part in zip(values, parts, strict=True):
        total = squares = products = 0
        for value, (count, before) in each.items():
            value = value if cap is None else min(value, cap)
            total += value * count
            squares += value * value * count
            products += value * before
        numbers = _sums(total, squares) | _pre(goal, part, products)
        found.append({**numbers, "cap": None if cap is None else unscaled(cap)})
    return found


def _values(n: int, parts: Parts) -> dict[int, tuple[int, int]]:
    """By number how many visitors have it and the sum of their covariates; who reached nothing has 0."""
    values = {int(key): (row[0], row[1]) for key, row in parts.items() if key != "pre"}
    rest = n - sum(count for count, _ in values.values())
    before = parts.get("pre", _NO_PRE)[0] - sum(before for _, before in values.values())
    none = values.get(0, (0, 0))
    return {**values, 0: (none[0] + rest, none[1] + before)}


def quantile(q: Fraction, arms: Sequence[Mapping[int, tuple[int, int]]]) -> int | None:
    """The smallest number that at least the share q of all visitors does not exceed; None for nobody."""
    counts: dict[int, int] = {}
    for values in arms:
        for value, (count, _) in values.items():
            counts[value] = counts.get(value, 0) + count
    wanted, reached = q * sum(counts.values()), 0
    for value in sorted(counts):
        reached += counts[value]
        if counts[value] and reached >= wanted:
            return value
    return None


_NO_PRE = [0, 0, 0]
_NO_SCORES = [0, 0, 0, 0]
