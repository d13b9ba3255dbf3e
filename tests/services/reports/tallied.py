"""The reports of a tally, in the form of the naive ones of `people.py`."""

from fractions import Fraction

from chalicelib.domain.instant import DAY, day_of, iso_day
from chalicelib.services.reports.analysis_request import phase_request
from chalicelib.services.reports.report_frame import frame
from chalicelib.stats.input.arms import PRE, SUMS
from chalicelib.stats.input.goals import DEGREES, PRE_DEGREES
from tests.services.visitors.people import naive_report, without_zeros


def differences(definitions, tally, places):
    """By arm (what a tally gives, what a naive reader finds) on the first day on which they differ."""
    days = _eventful_days(tally, places)
    reports = told_reports(definitions, tally, days)
    for day in days:
        told, naive = reports[day], naive_report(definitions, places, day)
        if told != naive:
            arms = [arm for arm in told | naive if told.get(arm) != naive.get(arm)]
            return {(iso_day(day), *arm): (told.get(arm), naive.get(arm)) for arm in arms}
    return {}


def _eventful_days(tally, places):
    """Days on which something counts for either, the days after them, and a month after the last."""
    days = {day_of(place.enrolled_at) for place in places}
    days |= {day_of(place.conflict_at) for place in places if place.conflict_at is not None}
    days |= {day_of(fact.at) for place in places for facts in place.facts.values() for fact in facts}
    for arm in tally.arms.values():
        days = days.union(arm.enrolled, arm.conflicts, *arm.goals.values(), *arm.parts.values())
    return sorted({day + more for day in days for more in (0, 1)} | {max(days, default=0) + 30})


def told_reports(definitions, tally, days):
    """By day the same from a tally, by the way that reports go."""
    numbers, reports = _told_numbers(definitions, tally, max(days)), {}
    for day in days:
        heads = tallied_report(tally, day)
        today = {arm: rows for arm, found in numbers.get(day, {}).items() if (rows := without_zeros(found))}
        reports[day] = {
            arm: (*_head(heads.get(arm, (0, 0, {}))), today.get(arm, {})) for arm in today | heads
        }
    return reports


def _head(report):
    n, conflicts, rows = report
    return n, conflicts, {goal: row[0] for goal, row in rows.items() if row[0]}


def _told_numbers(definitions, tally, last):
    found = {}
    for name, phase, goal in _told_goals(definitions, tally, last):
        for key, rows in rows_of(goal["type"], goal["arms"]).items():
            for back, row in enumerate(reversed(rows)):
                found.setdefault(last - back, {}).setdefault((name, phase, key), {})[goal["key"]] = row
    return found


def rows_of(kind, series):
    """By arm the numbers of every day, by name."""
    found = {}
    for arm in series.arms:
        names = list(zip(SUMS[kind], DEGREES[kind], arm.sums, strict=True))
        names += list(zip(PRE, PRE_DEGREES, arm.pre, strict=False))
        found[arm.key] = [
            {name: Fraction(column[i]) / series.scale**degree for name, degree, column in names}
            | (_cap(series, i) if series.caps else {})
            for i in range(len(arm.n))
        ]
    return found


def _cap(series, i):
    return {"cap": None if series.caps[i] is None else Fraction(series.caps[i]) / series.scale}


def _told_goals(definitions, tally, last):
    """What goes to the statistics, by experiment and phase; a goal of which the tally has nothing is 0."""
    for name, phase in sorted({key[:2] for key in tally.arms}):
        told = set()
        for key, arm in tally.arms.items():
            told |= arm.goals.keys() | arm.parts.keys() if key[:2] == (name, phase) else set()
        report = frame(definitions, definitions.experiments[name], tally, {}, last, (last + 400) * DAY)
        report["goals"] = [goal for goal in report["goals"] if goal["key"] in told - {"any"}]
        for goal in phase_request(report, phase, last)["goals"]:
            yield name, phase, goal


def tallied_report(tally, day):
    """By arm n, conflicts, and by goal (conversions, sum, sum of squares) as the tally holds them."""
    found = {}
    for key, arm in tally.arms.items():
        rows = {goal: _tallied_row(days, day) for goal, days in arm.goals.items()}
        n = sum(count for at, count in arm.enrolled.items() if at <= day)
        conflicts = sum(count for at, count in arm.conflicts.items() if at <= day)
        if n or conflicts:
            found[key] = (n, conflicts, {goal: row for goal, row in rows.items() if any(row)})
    return found


def _tallied_row(days, day):
    rows = [counts.as_row() for at, counts in days.items() if at <= day]
    return tuple(sum(column) for column in zip(*rows, strict=True))[:3] if rows else (0, 0, 0)
