"""Sample-ratio mismatch: do as many visitors come to each arm as its share of the buckets says?

The gate is the Dirichlet-multinomial e-value (Lindon & Malek 2022) with a prior worth κ visitors around the
expected shares; it may be looked at every day, and blocks a phase for good once it reaches 100 on any day:
what came before the alarm is already in the sums. Pearson's chi-square of today stands beside it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import exp, log
from typing import Any

import numpy as np
from scipy.special import gammaln

from chalicelib.stats.arrays import Floats
from chalicelib.stats.distributions.chi_square import log10_survival, survival
from chalicelib.stats.exact import Exact
from chalicelib.stats.input.request import Phase, Request

THRESHOLD = 100.0
WATCHED = 0.01
PRIOR = 1000.0
_LARGEST_LOG = 690.0


@dataclass(frozen=True)
class Check:
    """`dead` are the earlier phases (by place) that are out, `blocked` whether the current one is."""

    block: dict[str, Any]
    dead: frozenset[int]
    blocked: bool


def checks(requests: Sequence[Request]) -> list[Check]:
    """One for each request: its `srm` block, and which of its phases are damaged."""
    owners = [i for i, request in enumerate(requests) for _ in request.phases]
    phases = [phase for request in requests for phase in request.phases]
    paths = log_e_values(phases)
    chi2 = [_chi_square(request.visitors, request.weights) for request in requests]
    statistic = np.array([row[0] for row in chi2], dtype=np.float64)
    df = np.array([row[1] for row in chi2], dtype=np.float64)
    tails, logs = survival(df, statistic), log10_survival(df, statistic)
    of: list[list[int]] = [[] for _ in requests]
    for place, owner in enumerate(owners):
        of[owner].append(place)
    return [
        _check(request, [paths[k] for k in of[i]], chi2[i], float(tails[i]), float(logs[i]))
        for i, request in enumerate(requests)
    ]


def log_e_values(phases: Sequence[Phase]) -> list[Floats]:
    """By phase ln E as of each of its days.

    ln E = lnΓ(κ) − lnΓ(κ + n) + Σ(lnΓ(κθ + x) − lnΓ(κθ)) − Σ x·ln θ over the arms with a share θ.
    """
    counts: list[float] = []
    shares: list[float] = []
    place: list[int] = []
    lengths: list[int] = []
    for phase in phases:
        weighted = {key: weight for key, weight in phase.weights.items() if weight}
        total = sum(weighted.values())
        days = len(next(iter(phase.visitors.values()))) if phase.visitors else 1
        start = sum(lengths)
        for key, weight in weighted.items():
            series = phase.visitors.get(key) or [0] * days
            counts += series
            shares += [float(Fraction(weight) / total)] * days
            place += range(start, start + days)
        lengths.append(days)
    x, share, at = np.array(counts, np.float64), np.array(shares, np.float64), np.array(place, np.intp)
    size = sum(lengths)
    n = np.bincount(at, x, size) if len(at) else np.zeros(size)
    terms = gammaln(PRIOR * share + x) - gammaln(PRIOR * share) - x * np.log(share)
    inner = np.bincount(at, terms, size) if len(at) else np.zeros(size)
    found = gammaln(PRIOR) - gammaln(PRIOR + n) + inner
    return np.split(found, np.cumsum(lengths)[:-1]) if lengths else []


def _check(
    request: Request, paths: Sequence[Floats], chi2: tuple[float, int, bool], p: float, log10_p: float
) -> Check:
    statistic, df, stray = chi2
    known = df > 0 and statistic == statistic
    highest = float(np.max(paths[-1]))
    over = np.flatnonzero(paths[-1] >= log(THRESHOLD))
    dead = frozenset(
        i
        for i, (phase, path) in enumerate(zip(request.phases[:-1], paths[:-1], strict=True))
        if np.max(path) >= log(THRESHOLD) or _stray(phase)
    )
    verdict = _verdict(statistic, p if known else 1.0, stray, len(over) > 0)
    block = {
        "chi2": statistic if known else None,
        "df": df,
        "p_value": 0.0 if stray else (p if known else None),
        "log10_p": log10_p + 0.0 if known and not stray else None,
        "e_value": exp(min(highest, _LARGEST_LOG)) if known else None,
        "log_e_value": highest if known else None,
        "always_valid_p": min(1.0, exp(-highest)) if known else None,
        "threshold": THRESHOLD,
        "blocked_since": int(over[0]) + 1 if len(over) else None,
        "watch": verdict == "watch",
        "verdict": verdict,
        "left_out": [request.phases[i].number for i in sorted(dead)],
        "observed": dict(request.visitors),
        "expected": _expected(request),
    }
    return Check(block, dead, verdict in ("mismatch", "impossible_assignment"))


def _chi_square(visitors: Mapping[str, int], weights: Mapping[str, Exact]) -> tuple[float, int, bool]:
    """χ², df, and whether a visitor is in an arm without weight; NaN if nobody is in the others."""
    weighted = [(visitors.get(key, 0), weight) for key, weight in weights.items() if weight]
    total, sum_of_weights = sum(n for n, _ in weighted), sum(weight for _, weight in weighted)
    stray = sum(visitors.values()) > total
    if not total:
        return np.nan, len(weighted) - 1, stray
    gaps = (
        Fraction((n * sum_of_weights - weight * total) ** 2) / (sum_of_weights * weight * total)
        for n, weight in weighted
    )
    return float(sum(gaps)), len(weighted) - 1, stray


def _stray(phase: Phase) -> bool:
    return any(series[-1] > 0 for key, series in phase.visitors.items() if not phase.weights.get(key))


def _verdict(chi2: float, p: float, stray: bool, over: bool) -> str:
    if stray:
        return "impossible_assignment"
    if over:
        return "mismatch"
    if chi2 != chi2:
        return "no_data"
    return "watch" if p < WATCHED else "ok"


def _expected(request: Request) -> dict[str, float]:
    total = sum(n for key, n in request.visitors.items() if request.weights.get(key))
    sum_of_weights = sum(request.weights.values())
    return {
        key: float(Fraction(request.weights.get(key, 0) * total) / sum_of_weights) for key in request.visitors
    }
