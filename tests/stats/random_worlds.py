"""Random experiments: any types, splits, sizes, zeros, negative values, arms, goals, windows, phases."""

import numpy as np

from chalicelib.domain.counting.goal_series import ArmSeries, GoalSeries

KINDS = ("conversion", "engagement", "ratio")
SPLITS = ((1, 1), (9, 1), (99, 1), (1, 99), (1, 1, 1), (8, 1, 1), (97, 2, 1))


def world(rng):
    """A request as a report makes it."""
    split = SPLITS[rng.integers(len(SPLITS))]
    days = int(rng.choice([1, 1, 2, 5, 12, 40]))
    goals = [goal(rng, i, split, days) for i in range(int(rng.integers(1, 7)))]
    request = {
        "weights": {f"arm{i}": int(weight) for i, weight in enumerate(split)},
        "alpha": float(rng.choice([0.05, 0.05, 0.01, 0.2, 1e-6])),
        "days": days + int(rng.integers(0, 3)) * (days == 1) * 20,
        "provisional": bool(rng.random() < 0.1),
        "ended": bool(rng.random() < 0.3),
        "goals": goals,
    }
    if rng.random() < 0.5:
        request["planned_visitors"] = int(10 ** rng.uniform(2, 7))
    if rng.random() < 0.3:
        request["planned_days"] = int(rng.integers(1, 60))
    if rng.random() < 0.4:
        request["minimum_effect"] = float(rng.choice([0.01, 0.1, 0.5]))
    if rng.random() < 0.2:
        request["phases"] = [earlier(rng, goals, split, days)]
    return request


def earlier(rng, goals, split, days):
    """A phase of the same arms that began three days before the current one."""
    weights = {f"arm{i}": int(weight) for i, weight in enumerate(reversed(split))}
    again = {each["key"]: series(rng, each["type"], tuple(reversed(split)), days + 3) for each in goals}
    visitors = next(iter(again.values()))
    return {
        "weights": weights,
        "first": 0,
        "visitors_by_day": {arm.key: list(arm.n) for arm in visitors.arms},
        "goals": again,
    }


def goal(rng, i, split, days):
    kind = str(rng.choice(KINDS))
    found = {
        "key": "any" if i == 5 and kind == "conversion" else f"goal{i}",
        "type": kind,
        "role": str(rng.choice(["primary", "primary", "secondary", "guardrail"])),
        "direction": str(rng.choice(["increase", "decrease"])),
        "difference": str(rng.choice(["absolute", "absolute", "relative"])),
        "arms": series(rng, kind, split, days),
    }
    if rng.random() < 0.4:
        found["window_days"] = int(rng.integers(1, 15))
    if rng.random() < 0.3:
        found["margin"] = 0.05
    return found


def series(rng, kind, split, days):
    """Cumulative by day; sizes from tens to millions, effects from none to huge."""
    daily = 10 ** rng.uniform(0.5, 5.5) / sum(split)
    level = rng.choice([0.0, 1e-4, 0.02, 0.3, 0.9, 1.0], p=[0.04, 0.1, 0.26, 0.3, 0.26, 0.04])
    shift = float(rng.choice([0, 0, -0.02, 0.05, 0.3, 1.5]))
    mean, spread = float(rng.choice([-50, -1, 0, 1, 30, 1e6])), float(rng.choice([0, 1, 20, 500]))
    arms = []
    for k, weight in enumerate(split):
        n = rng.poisson(daily * weight, days)
        x = rng.binomial(n, min(1.0, level * (1 + shift * (k > 0))))
        if kind == "conversion":
            columns = (x,)
        else:
            columns = _values(rng, x, mean * (1 + shift * (k > 0)), spread, kind)
        sums = tuple(np.cumsum(np.array(column, dtype=object)).tolist() for column in columns)
        nonzero = np.cumsum(x).tolist()
        arms.append(ArmSeries(f"arm{k}", np.cumsum(n).tolist(), sums, nonzero))
    return GoalSeries(tuple(arms), 1)


def _values(rng, x, mean, spread, kind):
    """Sums of x values a day, drawn as a few groups of equal values, so that they stay possible."""
    total, squares, under, under2, product = ([] for _ in range(5))
    for count in x.tolist():
        groups = rng.multinomial(count, [0.25] * 4)
        values = [round(v) for v in rng.normal(mean, spread, 4)]
        parts = [int(v) for v in rng.integers(1, 4, 4)]
        total.append(sum(int(g) * v for g, v in zip(groups, values, strict=True)))
        squares.append(sum(int(g) * v * v for g, v in zip(groups, values, strict=True)))
        under.append(sum(int(g) * d for g, d in zip(groups, parts, strict=True)))
        under2.append(sum(int(g) * d * d for g, d in zip(groups, parts, strict=True)))
        product.append(sum(int(g) * v * d for g, v, d in zip(groups, values, parts, strict=True)))
    if kind == "engagement":
        return total, squares
    return total, squares, under, under2, product
