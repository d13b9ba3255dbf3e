"""A naive reader of what people did: every report day from the raw events, the slow way."""

from collections import defaultdict
from fractions import Fraction

from chalicelib.domain.event import Confirmed, Enrolled, Reached
from chalicelib.domain.identity import hashed_id
from chalicelib.domain.instant import DAY, day_of


def naive_report(definitions, people, day):
    """By (experiment, phase, variation): n, and by goal (conversions, Σ number, Σ number²).

    `people` is a list of persons, each a list of (the id that told it, event), each event once.
    """
    found = defaultdict(lambda: {"n": 0, "conflicts": 0, "goals": defaultdict(lambda: [0, 0, 0])})
    for told in people:
        for name, experiment in definitions.experiments.items():
            _add_person(definitions, experiment, name, told, day, found)
    return {
        key: (
            arm["n"],
            arm["conflicts"],
            {goal: tuple(row) for goal, row in arm["goals"].items() if any(row)},
        )
        for key, arm in found.items()
        if arm["n"] or arm["conflicts"]
    }


def _add_person(definitions, experiment, name, told, day, found):
    end = (day + 1) * DAY
    seen = sorted(
        (event.at, event.phase or 1, event.id, variation_of(experiment, who, event))
        for who, event in told
        if isinstance(event, Enrolled) and event.experiment == name and experiment.was_enabled(event.at)
    )
    confirmed = [event.at for _, event in told if isinstance(event, Confirmed)]
    if not seen or not confirmed or seen[0][0] >= end:
        return
    enrolled_at, phase, _, variation = seen[0]
    if min(confirmed) > enrolled_at and not experiment.was_enabled(min(confirmed)):
        return
    arm = found[name, phase, variation]
    if any(other != variation for at, _, _, other in seen if at < end):
        arm["conflicts"] += 1
        return
    arm["n"] += 1
    facts = [event for _, event in told if isinstance(event, Reached) and event.at < end]
    _add_goals(definitions, experiment, enrolled_at, facts, arm["goals"], day)


def variation_of(experiment, who, event):
    return experiment.phases[(event.phase or 1) - 1].variation_of(hashed_id(who))


def counted(goal, experiment, enrolled_at, facts):
    return sorted(
        (fact.at, fact.id, fact.value)
        for fact in facts
        if fact.goal == goal.name
        and fact.at >= max(enrolled_at, goal.declared_at)
        and (goal.window_days is None or fact.at < enrolled_at + goal.window_days * DAY)
        and experiment.was_enabled(fact.at)
    )


def _add_goals(definitions, experiment, enrolled_at, facts, rows, day):
    reached = False
    for goal in definitions.goals_of(experiment).values():
        mine = counted(goal, experiment, enrolled_at, facts)
        if mine:
            reached = True
            number = sum(value or 0 for _, _, value in mine)
            rows[goal.name][0] += 1
            rows[goal.name][1] += number
            rows[goal.name][2] += number * number
    if reached:
        rows["any"][0] += 1


def tallied_report(tally, day):
    """The same from a tally."""
    found = {}
    for key, arm in tally.arms.items():
        rows = {goal: _row(days, day) for goal, days in arm.goals.items()}
        n = sum(count for at, count in arm.enrolled.items() if at <= day)
        conflicts = sum(count for at, count in arm.conflicts.items() if at <= day)
        if n or conflicts:
            found[key] = (n, conflicts, {goal: row for goal, row in rows.items() if any(row)})
    return found


def _row(days, day):
    rows = [counts.as_row() for at, counts in days.items() if at <= day]
    return tuple(sum(column) for column in zip(*rows, strict=True)) if rows else (0, 0, 0)


__all__ = ["Fraction", "counted", "day_of", "naive_report", "tallied_report", "variation_of"]
