"""Small worlds for tests: definitions, events, and a naive reader of the raw event log."""

from collections import defaultdict

from chalicelib.domain.definitions import Definitions
from chalicelib.domain.experiments.experiment import disable, enable
from chalicelib.domain.experiments.experiment_input import experiment_from
from chalicelib.domain.experiments.goal import Goal, GoalType, Role
from chalicelib.domain.instant import DAY, day_of
from chalicelib.domain.visitors.event import Confirmed, Enrolled, Reached

START = 20_000 * DAY


def world() -> Definitions:
    """Two experiments, one of which was interrupted from day 10 to day 12; three goals, one with a window."""
    whole = enable(experiment_from({"name": "whole"}, START), START)
    broken = enable(experiment_from({"name": "broken", "goals": ["buy", "spend"]}, START), START)
    broken = enable(disable(broken, START + 10 * DAY), START + 12 * DAY)
    goals = [
        Goal("buy", START),
        Goal("spend", START + DAY, GoalType.ENGAGEMENT),
        Goal("soon", START, window_days=2),
        Goal("paid", START, GoalType.ENGAGEMENT, window_days=3),
        Goal("slow", START, role=Role.GUARDRAIL),
    ]
    return Definitions({"whole": whole, "broken": broken}, {goal.name: goal for goal in goals})


def naive_tally(definitions, log):
    """By (experiment, phase, variation, goal or None, day): what the raw log says, read the slow way.

    `log` maps visitor ids to their events, each once, in any order.
    """
    added = defaultdict(lambda: [0, 0, 0, 0])
    for visitor_id, events in log.items():
        confirmed = [event.at for event in events if isinstance(event, Confirmed)]
        for name, experiment in definitions.experiments.items():
            places = [
                (event.at, event.phase or 1)
                for event in events
                if isinstance(event, Enrolled)
                and event.experiment == name
                and experiment.was_enabled(event.at)
            ]
            if not places or not confirmed:
                continue
            enrolled_at, phase = min(places)
            if min(confirmed) > enrolled_at and not experiment.was_enabled(min(confirmed)):
                continue
            variation = experiment.phases[phase - 1].variation_of(visitor_id)
            arm = (name, phase, variation)
            added[(*arm, None, day_of(enrolled_at))][0] += 1
            _naive_goals(definitions, experiment, arm, enrolled_at, events, added)
    return {key: tuple(counts) for key, counts in added.items() if any(counts)}


def _naive_goals(definitions, experiment, arm, enrolled_at, events, added):
    firsts = {}
    for goal in definitions.goals_of(experiment).values():
        facts = [
            event
            for event in events
            if isinstance(event, Reached)
            and event.goal == goal.name
            and event.at >= max(enrolled_at, goal.declared_at)
            and (goal.window_days is None or event.at < enrolled_at + goal.window_days * DAY)
            and experiment.was_enabled(event.at)
        ]
        _naive_matured(goal, arm, enrolled_at, facts, added)
        if not facts:
            continue
        firsts[goal.name] = min(fact.at for fact in facts)
        added[(*arm, goal.name, day_of(firsts[goal.name]))][0] += 1
        total = 0
        for day in sorted({day_of(fact.at) for fact in facts}):
            more = sum(fact.value or 0 for fact in facts if day_of(fact.at) == day)
            added[(*arm, goal.name, day)][1] += more
            added[(*arm, goal.name, day)][2] += (total + more) ** 2 - total**2
            added[(*arm, goal.name, day)][3] += (total + more != 0) - (total != 0)
            total += more
    gains = [at for name, at in firsts.items() if name != "slow"]
    if gains:
        added[(*arm, "any", day_of(min(gains)))][0] += 1


def _naive_matured(goal, arm, enrolled_at, facts, added):
    """Each visitor once more, whole, on the day on which its window was over."""
    if goal.window_days is None:
        return
    day = (enrolled_at + goal.window_days * DAY - 1) // DAY
    added[(*arm, goal.window_days, day)] = [added[(*arm, goal.window_days, day)][0] + 1, 0, 0, 0]
    total = sum(fact.value or 0 for fact in facts)
    row = added[(*arm, ("matured", goal.name), day)]
    for i, more in enumerate((bool(facts), total, total**2, total != 0)):
        row[i] += more


def flat(tally):
    """A tally in the form of `naive_tally`."""
    rows = {}
    for arm, counts in tally.arms.items():
        for day, enrolled in counts.enrolled.items():
            rows[(*arm, None, day)] = (enrolled, 0, 0, 0)
        for window, days in counts.windows.items():
            for day, over in days.items():
                rows[(*arm, window, day)] = (over, 0, 0, 0)
        for name, each in ((None, counts), ("matured", counts.matured)):
            for goal, days in ({} if each is None else each.goals).items():
                for day, counted in days.items():
                    rows[(*arm, goal if name is None else (name, goal), day)] = tuple(counted.as_row())
    return {key: counts for key, counts in rows.items() if any(counts)}
