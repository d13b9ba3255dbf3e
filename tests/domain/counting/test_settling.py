"""What a document keeps of old facts: enough for every login, and not more than is needed."""

from dataclasses import replace

import pytest

from chalicelib.domain.counting.measure import covariate_of
from chalicelib.domain.counting.rules import rules_of
from chalicelib.domain.counting.settling import MANY, settle
from chalicelib.domain.definitions import Definitions
from chalicelib.domain.experiments.experiment import disable, enable
from chalicelib.domain.experiments.experiment_input import experiment_from
from chalicelib.domain.experiments.goal import Goal, GoalType, Metric, Part
from chalicelib.domain.instant import DAY, HOUR, Instant, day_of
from chalicelib.domain.visitors.event import BROWSER, Confirmed, Enrolled, Reached
from chalicelib.domain.visitors.visitor import Enrollment, Fact, Past, Visitor
from chalicelib.services.visitors.collect import collect
from chalicelib.storage.memory.store import MemoryStore
from tests.domain.worlds import START

LATER = START + 60 * DAY


def defined(*goals, started_at=START):
    return Definitions(
        {"test": enable(experiment_from({"name": "test"}, started_at), started_at)},
        {goal.name: goal for goal in goals},
    )


def enrolled(at):
    return {} if at is None else {"test": Enrollment("control", 1, at, "e")}


def past_of(world, facts, at=None, now=LATER):
    told = tuple(Fact(f"f{number}", *fact) for number, fact in enumerate(facts))
    return settle(Visitor("v", enrollments=enrolled(at), facts=told), world, now).past


def test_facts_of_the_last_week_stay_open():
    world = defined(Goal("buy", START))
    facts = (Fact("old", LATER - 8 * DAY, "buy"), Fact("new", LATER - 7 * DAY, "buy"))
    settled = settle(Visitor("v", facts=facts), world, LATER)

    assert settled.facts == facts[1:]
    assert settled.past == {"buy": (Past(LATER - 8 * DAY),)}


def test_of_a_goal_that_is_only_reached_the_first_that_counts_is_enough():
    facts = [(START + day * DAY, "buy") for day in (9, 5, 3, 20)]

    assert past_of(defined(Goal("buy", START)), facts, START + 4 * DAY) == {
        "buy": (Past(START + 3 * DAY), Past(START + 5 * DAY))
    }


def test_values_and_what_a_number_is_made_of_are_all_kept():
    facts = [(START + day * DAY, name) for day in (5, 6) for name in ("buy", "often")]
    facts += [(START + 7 * DAY, "buy", 5), (START + 8 * DAY, "buy", 0)]
    world = defined(Goal("buy", START), Goal("often", START, GoalType.ENGAGEMENT, metric=Metric.COUNT))

    assert past_of(world, facts, START) == {
        "buy": (Past(START + 5 * DAY), Past(START + 7 * DAY, 5)),
        "often": (Past(START + 5 * DAY), Past(START + 6 * DAY)),
    }


def test_after_a_window_and_before_a_declaration_nothing_counts():
    world = defined(Goal("soon", START, window_days=2), Goal("young", START + 9 * DAY))
    facts = [(START + day * DAY, name) for day in (1, 3, 8, 10) for name in ("soon", "young")]

    assert past_of(world, facts, START + 2 * DAY) == {
        "soon": (Past(START + DAY), Past(START + 3 * DAY)),
        "young": (Past(START + 10 * DAY),),
    }


@pytest.mark.parametrize("age", [89, 91])
def test_what_only_a_login_can_make_count_is_kept_for_ninety_days_after_the_week(age):
    now = START + 200 * DAY
    found = past_of(defined(Goal("buy", START)), [(now - 7 * DAY - age * DAY, "buy")], None, now)

    assert bool(found) is (age < 90)


def test_what_explains_an_enrolment_to_come_is_kept_for_its_days():
    goal = Goal("spend", START, GoalType.ENGAGEMENT, covariate_days=14)
    facts = [(LATER - day * DAY, "spend", day) for day in (40, 22, 23, 9)]

    assert past_of(defined(goal, started_at=LATER), facts) == {
        "spend": (Past(LATER - 22 * DAY, 22), Past(LATER - 9 * DAY, 9))
    }


def test_how_often_is_kept_where_that_is_what_explains():
    goal = Goal("visit", START, GoalType.ENGAGEMENT, metric=Metric.COUNT, covariate_days=14)
    facts = [(LATER - 9 * DAY + number, "visit") for number in range(MANY + 1)]

    assert past_of(Definitions({}, {"visit": goal}), facts) == {
        "visit": (Past(LATER - 9 * DAY + MANY, None, MANY + 1),)
    }


def test_what_came_after_the_day_of_the_enrolment_explains_nothing():
    goal = Goal("spend", START, GoalType.ENGAGEMENT, covariate_days=3, window_days=1)
    days = [(START + day * DAY, "spend", 1) for day in (2, 3, 4, 5)]

    assert past_of(defined(goal), days, START + 3 * DAY) == {
        "spend": (Past(START + 2 * DAY, 1), Past(START + 3 * DAY, 1))
    }


def test_a_final_experiment_needs_nothing():
    world = defined(Goal("buy", START))
    over = replace(disable(world.experiments["test"], LATER), finalized_at=LATER + 10 * DAY)
    visitor = Visitor("v", enrollments=enrolled(START), facts=(Fact("f", START + 1, "buy", 7),))
    settled = settle(visitor, Definitions({"test": over}, world.goals), LATER + 11 * DAY)

    assert (settled.enrollments, settled.past) == ({}, {})


def test_many_facts_of_a_day_stand_together_but_not_across_the_enrolment():
    world = defined(Goal("spend", START, GoalType.ENGAGEMENT, metric=Metric.LAST))
    facts = [(START + number * HOUR // 4, "spend", number + 1) for number in range(MANY + 1)]
    noon = START + 12 * HOUR

    assert past_of(world, facts, noon) == {
        "spend": (
            Past(facts[47][0], sum(range(1, 49)), 1, 48),
            Past(facts[50][0], sum(range(49, 52)), 1, 51),
        )
    }


def test_what_many_logins_brought_stands_together_too():
    rows = tuple(Past(START + number, 1) for number in range(MANY + 1))
    world = defined(Goal("spend", START, GoalType.ENGAGEMENT))

    assert settle(Visitor("v", past={"spend": rows}), world, LATER).past == {
        "spend": (Past(START + MANY, MANY + 1),)
    }


def test_of_two_values_of_one_instant_the_larger_is_the_last_in_any_order():
    world = defined(Goal("spend", START, GoalType.ENGAGEMENT, metric=Metric.LAST))
    facts = [(START + DAY, "spend", value) for value in (5, 3)] + [(START, "spend", 1)] * MANY

    assert past_of(world, facts, START) == past_of(world, facts[::-1], START)
    assert past_of(world, facts, START)["spend"][-1].last_value == 5


def test_a_window_ends_with_its_last_instant():
    world = defined(Goal("soon", START, window_days=2))
    for at, counts in ((2 * DAY - 1, True), (2 * DAY, False)):
        visitor = Visitor("v", facts=(Fact("f", START + at, "soon"),))

        assert ("soon" in rules_of(world)["test"].reached(enrolled(START)["test"], visitor)) is counts


def test_what_explains_is_the_same_when_it_stands_together():
    goal = Goal("visit", START, GoalType.ENGAGEMENT, metric=Metric.COUNT, covariate_days=14)
    facts = tuple(Fact(f"f{number}", LATER - 9 * DAY + number, "visit") for number in range(MANY + 1))
    visitor, covariate = Visitor("v", facts=facts), covariate_of(goal)
    settled = settle(visitor, Definitions({}, {"visit": goal}), LATER)

    assert settled.facts == ()
    assert covariate.of(settled, day_of(LATER)) == covariate.of(visitor, day_of(LATER)) == (MANY + 1) * 10_000


def test_what_explains_an_old_enrolment_is_kept_beyond_the_ninety_days():
    goal = Goal("spend", START, GoalType.ENGAGEMENT, covariate_days=14)
    before, now = Past(START + 30 * DAY, 7), START + 200 * DAY
    visitor = Visitor("v", enrollments=enrolled(START + 40 * DAY), past={"spend": (before,)})
    told = visitor._replace(facts=(Fact("f", now - 9 * DAY, "spend", 1),))

    assert settle(told, defined(goal), now).past["spend"][0] == before


def test_what_would_explain_an_earlier_enrolment_is_kept_for_a_login():
    goal = Goal("spend", START, GoalType.ENGAGEMENT, covariate_days=3)
    early = Goal("spend", START - 9 * DAY, GoalType.ENGAGEMENT, covariate_days=3)
    facts = [(START - 2 * DAY, "spend", 1)]

    assert past_of(defined(early), facts, START + 40 * DAY) == {"spend": (Past(START - 2 * DAY, 1),)}
    assert past_of(defined(goal), facts, START + 40 * DAY) == {}


def test_a_ratio_that_came_weeks_after_the_start_is_not_reported():
    early, late = (ratio("rate", START + days * DAY) for days in (7, 8))
    parts = [Goal("spend", START, GoalType.ENGAGEMENT), Goal("visit", START)]

    assert "rate" in rules_of(defined(*parts, early))["test"].goals
    assert "rate" not in rules_of(defined(*parts, late))["test"].goals


def ratio(name: str, declared_at: Instant) -> Goal:
    parts = Part("spend", Metric.SUM), Part("visit", Metric.COUNT)
    return Goal(name, declared_at, GoalType.RATIO, numerator=parts[0], denominator=parts[1])


@pytest.mark.parametrize(("enrolled_on", "most"), [(0, 8192), (60, 9216), (None, 10_240)])
def test_a_heavy_visitor_stays_small(enrolled_on, most):
    """Half a year, twenty goals a day of five names, one of them with values, two experiments."""
    goals = [Goal("spend", START, GoalType.ENGAGEMENT)]
    goals += [Goal(f"reads_an_article_{number}", START) for number in range(1, 5)]
    names = ("one", "two")
    world = Definitions(
        {name: enable(experiment_from({"name": name}, START), START) for name in names},
        {goal.name: goal for goal in goals},
    )
    store, sizes = MemoryStore(), []
    for day in range(180):
        at = START + day * DAY
        told = [Confirmed("c", at)] if day == 0 else []
        told += [Enrolled(f"e-{name}", at, name) for name in names if day == enrolled_on]
        for number in range(20):
            goal = goals[number % 5]
            value = 1_990_000 + day if goal.name == "spend" else None
            told.append(Reached(f"{day}-{number}", at + number * HOUR, goal.name, value))
        collect(store, world, "v" * 22, told, at + DAY, BROWSER)
        sizes.append(len(store.visitors["v" * 22][0]))

    assert max(sizes) + 100 <= most
