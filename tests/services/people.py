"""A naive reader of what people did: every number of every report day from the raw events, the slow way.

A person is a list of events, each once, each with the id that told it: devices united with their
user. A report is, by (experiment, phase, variation), how many participants, how many conflicts,
the conversions by goal, and by goal the sums that the statistics are computed from.
"""

from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from chalicelib.domain.event import Confirmed, Enrolled, Reached
from chalicelib.domain.goal import VALUE_SCALE, GoalType, Metric
from chalicelib.domain.identity import hashed_id
from chalicelib.domain.instant import DAY, day_of, parse_day
from chalicelib.services.analysis import phase_request
from chalicelib.services.frame import frame

SQUARE_SCALE = VALUE_SCALE**2


@dataclass(frozen=True)
class Place:
    """One person in one experiment: `facts` are those that count, `before` the covariates, by goal."""

    arm: tuple[str, int, str]
    enrolled_at: int
    conflict_at: int | None
    facts: dict[str, list[Reached]]
    before: dict[str, int]


def places_of(definitions, people):
    """Everybody's place in every experiment in which they take part."""
    found = [
        _place(definitions, experiment, told)
        for told in people
        for experiment in definitions.experiments.values()
    ]
    return [place for place in found if place is not None]


def _place(definitions, experiment, told):
    seen = sorted(
        (event.at, event.phase or 1, event.id, variation_of(experiment, who, event))
        for who, event in told
        if isinstance(event, Enrolled)
        and event.experiment == experiment.name
        and experiment.was_enabled(event.at)
    )
    confirmed = [event.at for _, event in told if isinstance(event, Confirmed)]
    if not seen or not confirmed:
        return None
    enrolled_at, phase, _, variation = seen[0]
    if min(confirmed) > enrolled_at and not experiment.was_enabled(min(confirmed)):
        return None
    facts = [event for _, event in told if isinstance(event, Reached)]
    goals = definitions.goals_of(experiment).values()
    return Place(
        (experiment.name, phase, variation),
        enrolled_at,
        min((at for at, _, _, other in seen if other != variation), default=None),
        {goal.name: counted(goal, experiment, enrolled_at, facts) for goal in goals},
        {goal.name: covariate(goal, enrolled_at, facts) for goal in goals if goal.covariate_days},
    )


def variation_of(experiment, who, event):
    return experiment.phases[(event.phase or 1) - 1].variation_of(hashed_id(who))


def counted(goal, experiment, enrolled_at, facts):
    """The facts of a goal that count, oldest first; of those at one instant the larger value last."""
    mine = [
        fact
        for fact in facts
        if fact.goal == goal.name
        and fact.at >= max(enrolled_at, goal.declared_at)
        and (goal.window_days is None or fact.at < enrolled_at + goal.window_days * DAY)
        and experiment.was_enabled(fact.at)
    ]
    return sorted(mine, key=lambda fact: (fact.at, fact.value is not None, fact.value or 0))


def covariate(goal, enrolled_at, facts):
    """What was reached on the whole days before that of the enrolment, in ten-thousandths."""
    before = [
        fact
        for fact in facts
        if fact.goal == goal.name
        and fact.at >= goal.declared_at
        and 1 <= day_of(enrolled_at) - day_of(fact.at) <= goal.covariate_days
    ]
    if goal.metric is Metric.COUNT:
        return len(before) * VALUE_SCALE
    return sum(fact.value or 0 for fact in before)


def naive_report(definitions, places, day):
    """The report of a day, without arms in which nobody is."""
    end, report = (day + 1) * DAY, {}
    for name, phase in {place.arm[:2] for place in places}:
        begun = [place for place in places if place.arm[:2] == (name, phase) and place.enrolled_at < end]
        clean = [place for place in begun if place.conflict_at is None or place.conflict_at >= end]
        goals = definitions.goals_of(definitions.experiments[name]).values()
        caps = {goal.name: _quantile(goal, clean, day) for goal in goals if goal.winsorize is not None}
        for arm in {place.arm for place in begun}:
            mine = [place for place in clean if place.arm == arm]
            conflicts = sum(place.arm == arm for place in begun) - len(mine)
            rows = {goal.name: _row(goal, mine, caps.get(goal.name, goal.cap), day) for goal in goals}
            report[arm] = len(mine), conflicts, _conversions(mine, day), _without_zeros(rows)
    return report


def _conversions(places, day):
    reached = [{goal for goal, facts in place.facts.items() if _until(facts, day)} for place in places]
    rows = {goal: sum(goal in each for each in reached) for goal in set().union(*reached)}
    return {**rows, "any": sum(map(bool, reached))} if rows else {}


def _until(facts, day):
    return [fact for fact in facts if fact.at < (day + 1) * DAY]


def _row(goal, places, cap, day):
    if goal.type is GoalType.CONVERSION:
        return {"conversions": sum(bool(_until(place.facts[goal.name], day)) for place in places)}
    if goal.parts:
        numerator, denominator = (
            [_number(part.metric, place, part.goal, day) for place in places] for part in goal.parts
        )
        return {
            **_sums("numerator_", numerator),
            **_sums("denominator_", denominator),
            "sum_products": _product(numerator, denominator),
        }
    numbers = [_number(goal.metric, place, goal.name, day) for place in places]
    if cap is not None:
        numbers = [min(number, cap) for number in numbers]
    row = _sums("", numbers)
    if goal.covariate_days:
        before = [place.before[goal.name] for place in places]
        row |= {**_sums("pre_", before), "sum_post_pre": _product(numbers, before)}
    return row if goal.winsorize is None else {**row, "cap": None if cap is None else Fraction(cap) / 10_000}


def _sums(prefix, numbers):
    return {
        f"{prefix}sum": Fraction(sum(numbers)) / VALUE_SCALE,
        f"{prefix}sum_squares": _product(numbers, numbers),
    }


def _product(one, other):
    return Fraction(sum(a * b for a, b in zip(one, other, strict=True))) / SQUARE_SCALE


def _number(metric, place, goal, day):
    """One person's number as of a day, in ten-thousandths."""
    facts = _until(place.facts[goal], day)
    if metric is Metric.COUNT:
        return len(facts) * VALUE_SCALE
    values = [fact.value for fact in facts if fact.value is not None]
    if metric is Metric.LAST:
        return values[-1] if values else 0
    if metric is Metric.MEAN:
        return Fraction(sum(values), len(facts)) if facts else 0
    if metric is Metric.PER_DAY:
        return Fraction(sum(values), day - day_of(place.enrolled_at) + 1)
    return sum(values)


def _quantile(goal, places, day):
    numbers = sorted(_number(goal.metric, place, goal.name, day) for place in places)
    return numbers[ceil(Fraction(goal.winsorize) * len(numbers)) - 1] if numbers else None


def _without_zeros(rows):
    """A row of zeros says the same as none, whatever the quantile of all arms."""
    return {
        goal: row
        for goal, row in rows.items()
        if any(number for name, number in row.items() if name != "cap")
    }


def told_reports(definitions, tally, days):
    """By day the same from a tally, by the way that reports go."""
    numbers, reports = _told_numbers(definitions, tally, max(days)), {}
    for day in days:
        heads = tallied_report(tally, day)
        today = {arm: rows for arm, found in numbers.get(day, {}).items() if (rows := _without_zeros(found))}
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
        days = {parse_day(each["day"]): each["arms"] for each in goal["history"]}
        for day, arms in {**days, last: goal["arms"]}.items():
            for row in arms:
                found.setdefault(day, {}).setdefault((name, phase, row["key"]), {})[goal["key"]] = _exact(row)
    return found


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


def _exact(row):
    numbers = {name: number for name, number in row.items() if name not in ("key", "n")}
    return {name: None if number is None else Fraction(number) for name, number in numbers.items()}


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
    return tuple(sum(column) for column in zip(*rows, strict=True)) if rows else (0, 0, 0)
