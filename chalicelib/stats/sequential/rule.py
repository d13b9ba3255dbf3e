"""The rule that decides: with a plan Lan–DeMets at .8 of the level joined with the daily sequence at .2."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log

import numpy as np
from scipy.special import ndtr, ndtri_exp, stdtrit

from chalicelib.stats.arrays import Flags, Floats, Index
from chalicelib.stats.distributions.normal import LN2, LN10, quantile
from chalicelib.stats.distributions.student import log10_two_sided
from chalicelib.stats.evidence.rows import Rows
from chalicelib.stats.input.layout import Layout
from chalicelib.stats.input.request import Request
from chalicelib.stats.sequential import mixture
from chalicelib.stats.sequential.daily import Days, days_of, running_minimum
from chalicelib.stats.sequential.looks import Looks, first_crossing, log_p, looks_of
from chalicelib.stats.sequential.looks import boundary as look_boundary

PLANNED_SHARE, DAILY_SHARE = 0.8, 0.2
_SMALL_Z = 1.5


@dataclass(frozen=True)
class Rule:
    """Everything about the looks that doesn't depend on which z is asked about.

    `df` over rows: of the t distribution by which z is judged, inf for rates.
    """

    layout: Layout
    rows: Rows
    days: Days
    looks: Looks
    alpha: Floats
    df: Floats


@dataclass(frozen=True)
class Found:
    """What the rule makes of a z: over rows ln of the daily p so far, by comparison that of Lan–DeMets
    and ln of the p that decides, at most 0. `z` is what entered, NaN where a day has not enough data."""

    z: Floats
    daily: Floats
    planned: Floats
    log_p: Floats


def rule_of(layout: Layout, requests: Sequence[Request], rows: Rows, dead: Sequence[frozenset[int]]) -> Rule:
    open_day = np.array([request.provisional for request in requests], dtype=bool)[layout.request]
    alpha = np.array([request.alpha for request in requests])[layout.request]
    days = days_of(layout, rows, open_day)
    looks = looks_of(layout, requests, dead, rows.evidence.clock)
    return Rule(layout, rows, days, looks, alpha, _degrees(layout, rows))


def judge(rule: Rule, z: Floats, chosen: Flags | None = None) -> Found:
    """`z` over rows; `chosen` are the comparisons asked about (all)."""
    layout = rule.layout
    valid = rule.rows.enough if chosen is None else rule.rows.enough & chosen[layout.owner]
    z = np.where(valid, normal(z, rule.df), np.nan)
    daily = np.zeros(len(z))
    looks = np.flatnonzero(rule.days.look & np.isfinite(z))
    daily[looks] = mixture.log_p(z[looks], rule.days.label[looks])
    daily = running_minimum(layout, daily)
    planned = log_p(rule.looks, layout, z, PLANNED_SHARE * rule.alpha)
    last = daily[layout.today]
    joined = np.minimum(planned - log(PLANNED_SHARE), last - log(DAILY_SHARE))
    return Found(z, daily, planned, np.minimum(np.where(rule.looks.planned, joined, last), 0.0))


def crossed_at(rule: Rule, found: Found, level: Floats) -> Index:
    """By comparison the row on which the rule first crossed at `level`, −1: none."""
    planned = rule.looks.planned
    daily = np.log(np.where(planned, DAILY_SHARE * level, level))
    layout = rule.layout
    hit = np.flatnonzero(found.daily <= daily[layout.owner] * (1 - 1e-12))[::-1]
    first = np.full(len(layout.goal), len(layout.owner), dtype=np.intp)
    first[layout.owner[hit]] = hit
    if planned.any():
        look = first_crossing(rule.looks, layout, found.z, PLANNED_SHARE * level)
        first = np.minimum(first, np.where(look >= 0, look, len(layout.owner)))
    return np.where(first < len(layout.owner), first, -1)


def last_look(rule: Rule, found: Found, level: Floats) -> tuple[Index, Floats]:
    """By comparison the row of the last look (−1: none yet), and the boundary in force there, as |z|."""
    layout, size = rule.layout, len(rule.layout.goal)
    daily = _latest(layout, np.flatnonzero(rule.days.look), size)
    planned = np.full(size, -1, dtype=np.intp)
    share = np.where(rule.looks.planned, DAILY_SHARE, 1.0) * level
    reached = np.zeros(size, dtype=bool)
    if rule.looks.planned.any():
        np.logical_or.at(
            reached, layout.owner, np.abs(found.z) >= quantile(PLANNED_SHARE * level)[layout.owner]
        )
        planned = _latest(layout, _look_rows(rule, reached), size)
    row = np.maximum(daily, planned)
    at = np.maximum(row, 0)
    limit = np.where(row == daily, mixture.boundary(share, rule.days.label[at]), np.inf)
    if rule.looks.planned.any():
        other = look_boundary(rule.looks, layout, at, PLANNED_SHARE * level, reached)
        limit = np.minimum(limit, other)
    row = np.where(np.isfinite(limit), row, -1)
    return row, np.where(row >= 0, student(limit, rule.df[at]), np.nan)


def today_boundary(rule: Rule, level: Floats) -> Floats:
    """What today would have to reach if it were a look of the daily sequence: its provisional interval."""
    share = np.where(rule.looks.planned, DAILY_SHARE, 1.0) * level
    today = rule.layout.today
    return student(mixture.boundary(share, rule.days.label[today]), rule.df[today])


def normal(z: Floats, df: Floats) -> Floats:
    """The normal deviate with the tail of a t of this size: what a mean's z is worth in small samples."""
    found = z.copy()
    rows = np.flatnonzero((np.abs(z) > _SMALL_Z) & np.isfinite(df) & np.isfinite(z))
    tail = log10_two_sided(z[rows], df[rows]) * LN10 - LN2
    found[rows] = np.sign(z[rows]) * -ndtri_exp(tail)
    return found


def student(limit: Floats, df: Floats) -> Floats:
    """The t with the tail of a normal deviate: the inverse of `normal`."""
    found = limit.copy()
    rows = np.flatnonzero((limit > _SMALL_Z) & (limit < 37.0) & np.isfinite(df))
    found[rows] = -stdtrit(df[rows], ndtr(-limit[rows]))
    return found


def _latest(layout: Layout, rows: Index, size: int) -> Index:
    found = np.full(size, -1, dtype=np.intp)
    # Rows stand in the order of days: of a repeated index the last assignment stays.
    found[layout.owner[rows]] = rows
    return found


def _look_rows(rule: Rule, reached: Flags) -> Index:
    """The looks of the plan whose data are enough and whose boundaries are known."""
    rows = [rule.looks.row]
    for i, schedule in enumerate(rule.looks.schedules):
        if schedule is not None and not schedule.table and reached[i]:
            rows.append(int(rule.layout.start[i]) + np.array(schedule.places, np.intp))
    every = np.sort(np.concatenate(rows))
    return every[rule.rows.enough[every]]


def _degrees(layout: Layout, rows: Rows) -> Floats:
    """N − 2 for means, Welch and Satterthwaite's for ratios and adjusted means; rates have none."""
    found = rows.evidence
    a, b = found.var1, found.var2
    share, other = a / (a + b), b / (a + b)
    welch = 1.0 / (share**2 / (found.n1 - 1) + other**2 / (found.n2 - 1))
    kinds = [goal.type for goal in layout.goals]
    adjusted = [all(arm.pre for arm in goal.arms) and goal.type != "ratio" for goal in layout.goals]
    rate = np.array([k == "conversion" and not a for k, a in zip(kinds, adjusted, strict=True)], dtype=bool)
    mean = np.array([k == "engagement" and not a for k, a in zip(kinds, adjusted, strict=True)], dtype=bool)
    owner = layout.goal[layout.owner]
    df = np.where(mean[owner], found.n1 + found.n2 - 2, welch)
    return np.where(rate[owner] | ~(df > 0), np.inf, df)
