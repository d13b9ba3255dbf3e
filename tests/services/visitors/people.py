"""A naive reader of what people did: every number of every report day from the raw events, the slow way.

A person is a list of events, each once, each with the id that told it: devices united with their
user. A report is, by (experiment, phase, variation), how many participants, how many conflicts,
the conversions by goal, and by goal the sums that the statistics are computed from.
"""

from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from chalicelib.domain.experiments.goal import GoalType, Metric
from chalicelib.domain.instant import DAY, day_of
from chalicelib.domain.values import VALUE_SCALE
from chalicelib.domain.visitors.event import Confirmed, Enrolled, Reached
from chalicelib.domain.visitors.identity import hashed_id

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
            report[arm] = len(mine), conflicts, _conversions(mine, day), without_zeros(rows)
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
    numbers = sorted(n for place in places if (n := _number(goal.metric, place, goal.name, day)))
    return max(0, numbers[ceil(Fraction(goal.winsorize) * len(numbers)) - 1]) if numbers else None


def without_zeros(rows):
    """A row of zeros says the same as none, whatever the quantile of all arms."""
    return {
        goal: row
        for goal, row in rows.items()
        if any(number for name, number in row.items() if name != "cap")
    }
