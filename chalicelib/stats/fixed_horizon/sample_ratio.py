"""Sample-ratio mismatch: did as many visitors come to each arm as its weight says?"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from chalicelib.stats.distributions.chi_square import log10_survival, survival
from chalicelib.stats.exact import Exact
from chalicelib.stats.input.request import Request

THRESHOLD = 0.001


def checks(requests: Sequence[Request]) -> list[dict[str, Any]]:
    """The `srm` block of each report: χ² = Σ(O−E)²/E over the arms with weight, df = their number − 1."""
    rows = [_statistic(request.visitors, request.weights) for request in requests]
    chi2 = np.array([row[0] for row in rows], dtype=np.float64)
    df = np.array([row[1] for row in rows], dtype=np.float64)
    logs, tails = log10_survival(df, chi2), survival(df, chi2)
    return [
        _block(request, row, float(p), float(log10_p))
        for request, row, p, log10_p in zip(requests, rows, tails, logs, strict=True)
    ]


def _statistic(visitors: Mapping[str, int], weights: Mapping[str, Exact]) -> tuple[float, int, bool]:
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


def _block(request: Request, row: tuple[float, int, bool], p: float, log10_p: float) -> dict[str, Any]:
    chi2, df, stray = row
    known = df > 0 and chi2 == chi2
    return {
        "chi2": chi2 if known else None,
        "df": df,
        "p_value": 0.0 if stray else (p if known else None),
        "log10_p": log10_p + 0.0 if known and not stray else None,
        "threshold": THRESHOLD,
        "verdict": _verdict(chi2, p if known else 1.0, stray),
        "observed": dict(request.visitors),
        "expected": _expected(request),
    }


def _verdict(chi2: float, p: float, stray: bool) -> str:
    if stray:
        return "impossible_assignment"
    if chi2 != chi2:
        return "no_data"
    return "mismatch" if p < THRESHOLD else "ok"


def _expected(request: Request) -> dict[str, float]:
    total = sum(n for key, n in request.visitors.items() if request.weights.get(key))
    sum_of_weights = sum(request.weights.values())
    return {
        key: float(Fraction(request.weights.get(key, 0) * total) / sum_of_weights) for key in request.visitors
    }
