"""What an event does to a visitor, and why it is refused."""

from dataclasses import replace

import pytest

from chalicelib.domain.definitions import Definitions
from chalicelib.domain.errors import InvalidInput, Refused
from chalicelib.domain.experiments.experiment import Variation, cover, reweigh
from chalicelib.domain.experiments.goal import Goal
from chalicelib.domain.experiments.interval import Interval
from chalicelib.domain.instant import DAY
from chalicelib.domain.visitors.event import (
    BROWSER,
    LOG,
    SERVER,
    Confirmed,
    Enrolled,
    Reached,
    apply,
    within_limit,
)
from chalicelib.domain.visitors.event_input import event_from
from chalicelib.domain.visitors.visitor import MAX_OPEN_FACTS, Visitor, confirm
from tests.domain.worlds import START, world

WORLD = world()
NOW = START + 2 * DAY
ME = Visitor("visitor-one")
MINE = WORLD.experiments["whole"].phase.variation_of(ME.id)
OTHER = next(each for each in ("control", "test") if each != MINE)


def with_whole(experiment):
    return Definitions({"whole": experiment}, WORLD.goals)


def refusal(event, definitions=WORLD, source=BROWSER, visitor=ME):
    with pytest.raises(Refused) as caught:
        apply(event, visitor, definitions, NOW, source)
    return caught.value.reason


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"type": "other", "id": "1"}, "events[0].type"),
        ({"type": "confirm"}, "events[0].id"),
        ({"type": "confirm", "id": "x" * 129}, "events[0].id"),
        ({"type": "enroll", "id": "1"}, "events[0].experiment"),
        ({"type": "enroll", "id": "1", "experiment": "x", "variation": 1}, "events[0].variation"),
        ({"type": "enroll", "id": "1", "experiment": "x", "phase": 0}, "events[0].phase"),
        ({"type": "goal", "id": "1", "goal": ""}, "events[0].goal"),
        ({"type": "goal", "id": "1", "goal": "buy", "value": "much"}, "events[0].value"),
    ],
)
def test_a_bad_event_names_its_field(fields, field):
    with pytest.raises(InvalidInput) as caught:
        event_from(fields, NOW, "events[0]")

    assert caught.value.field == field


def test_browsers_may_be_a_day_late_and_servers_a_week():
    assert refusal(Confirmed("c", NOW - DAY - 1)) == "too_late"
    assert apply(Confirmed("c", NOW - DAY), ME, WORLD, NOW, BROWSER).human
    assert refusal(Confirmed("c", NOW - 7 * DAY - 1), source=SERVER) == "too_late"
    assert apply(Confirmed("c", NOW - 7 * DAY), ME, WORLD, NOW, SERVER).human


def test_the_future_is_refused():
    assert refusal(Confirmed("c", NOW + 61_000)) == "in_the_future"


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (Enrolled("e", NOW, "nothing"), "unknown_experiment"),
        (Enrolled("e", START - 1, "whole"), "not_enabled"),
        (Enrolled("e", NOW, "whole", phase=2), "unknown_phase"),
        (Enrolled("e", NOW, "whole", variation=OTHER), "other_variation"),
        (Reached("g", NOW, "sale"), "unknown_goal"),
    ],
)
def test_what_must_not_count_is_refused_with_its_reason(event, reason):
    assert refusal(event, source=replace(BROWSER, late=10 * DAY)) == reason


def test_outside_the_coverage_nobody_enrols():
    none = with_whole(cover(WORLD.experiments["whole"], 0.0, NOW))

    assert refusal(Enrolled("e", NOW, "whole"), none) == "outside_coverage"


def test_a_log_is_believed_what_was_seen_but_only_of_variations_that_exist():
    seen = apply(Enrolled("e", NOW, "whole", OTHER), ME, WORLD, NOW, LOG)

    assert seen.enrollments["whole"].variation == OTHER
    assert refusal(Enrolled("e", NOW, "whole", "third"), source=LOG) == "unknown_variation"


def test_a_phase_that_is_over_is_computed_by_its_own_weights():
    weights = (Variation("control", float(MINE != "control")), Variation("test", float(MINE != "test")))
    changed = with_whole(reweigh(WORLD.experiments["whole"], weights, NOW - 1))
    enrolled = apply(Enrolled("e", NOW, "whole", MINE, 1), ME, changed, NOW, BROWSER)

    assert enrolled.enrollments["whole"][:2] == (MINE, 1)
    assert refusal(Enrolled("e", NOW, "whole", MINE, 2), changed) == "other_variation"


def test_of_two_enrolments_of_one_instant_the_earlier_phase_stays_in_any_order():
    weights = [Variation("control", 0.4), Variation("test", 0.6)]
    begun = reweigh(WORLD.experiments["whole"], weights, NOW - 1)
    ids = (f"visitor-{number}" for number in range(100))
    who = next(each for each in ids if len({phase.variation_of(each) for phase in begun.phases}) == 1)
    seen = begun.phase.variation_of(who)
    told = [Enrolled(f"in phase {phase}", NOW, "whole", seen, phase) for phase in (1, 2)]
    places = []
    for order in (told, told[::-1]):
        visitor = Visitor(who)
        for event in order:
            visitor = apply(event, visitor, with_whole(begun), NOW, SERVER)
        places.append(visitor.enrollments["whole"])

    assert places[0] == places[1]
    assert places[0].phase == 1


def test_goals_of_servers_are_refused_from_browsers():
    definitions = Definitions(WORLD.experiments, {"sale": Goal("sale", START, server_only=True)})

    assert refusal(Reached("g", NOW, "sale"), definitions) == "server_only"
    assert apply(Reached("g", NOW, "sale"), ME, definitions, NOW, SERVER).facts


@pytest.mark.parametrize(
    ("value", "kept"), [(-10_000, -10_000), (-10_001, None), (10_001, None), (0, 0), (None, None)]
)
def test_a_value_above_the_limit_is_left_out_and_the_goal_counts(value, kept):
    definitions = Definitions(WORLD.experiments, {"big": Goal("big", START, max_value=10_000)})

    assert within_limit(Reached("g", NOW, "big", value), definitions) == Reached("g", NOW, "big", kept)


def test_a_full_document_refuses_further_facts():
    visitor = ME
    for number in range(MAX_OPEN_FACTS):
        visitor = apply(Reached(f"g{number}", NOW, "buy"), visitor, WORLD, NOW, BROWSER)

    assert refusal(Reached("one more", NOW, "buy"), visitor=visitor) == "too_many_facts"
    assert apply(Reached("g0", NOW, "buy"), visitor, WORLD, NOW, BROWSER) is visitor


def test_the_earliest_confirmation_stays():
    late = apply(Confirmed("late", NOW), ME, WORLD, NOW, BROWSER)
    early = apply(Confirmed("early", NOW - 5), late, WORLD, NOW, BROWSER)

    assert early.human.at == NOW - 5
    assert confirm(early, late.human) is early


class TestPhases:
    """Two phases with the same shares, so that every phase shows a visitor the same."""

    begun = reweigh(WORLD.experiments["whole"], [Variation("control", 0.5), Variation("test", 0.5)], NOW - 1)
    begun = replace(begun, phases=(begun.phase, replace(begun.phase, number=2, started_at=NOW - 1)))

    def place(self, *events, source=SERVER):
        visitor = ME
        for event in events:
            visitor = apply(event, visitor, with_whole(self.begun), NOW, source)
        return visitor.enrollments["whole"]

    @pytest.mark.parametrize("source", [BROWSER, SERVER, LOG])
    def test_an_enrolment_counts_from_the_start_of_the_phase_that_it_names(self, source):
        place = self.place(Enrolled("e", NOW - DAY, "whole", MINE, 2), source=source)

        assert (place.enrolled_at, place.phase) == (NOW - 1, 2)
        assert self.place(Enrolled("e", NOW, "whole", MINE, 2), source=source).enrolled_at == NOW

    @pytest.mark.parametrize("source", [BROWSER, SERVER, LOG])
    def test_one_that_names_none_is_of_the_phase_in_force_at_its_instant(self, source):
        places = [
            self.place(Enrolled("e", at, "whole"), source=source) for at in (NOW - DAY, NOW - 2, NOW - 1)
        ]

        assert [(each.enrolled_at, each.phase) for each in places] == [
            (NOW - DAY, 1),
            (NOW - 2, 1),
            (NOW - 1, 2),
        ]

    def test_told_again_in_any_order_it_is_the_same_place(self):
        early, late = Enrolled("e1", NOW - DAY, "whole", MINE, 2), Enrolled("e2", NOW, "whole", MINE, 2)

        assert self.place(early, late) == self.place(late, early) == self.place(early, late, early)

    def test_before_the_experiment_began_a_phase_is_no_way_in_but_within_what_clocks_differ_by(self):
        for late, at in ((61_000, None), (59_000, START)):
            event = Enrolled("e", START - late, "whole", MINE, 1)
            if at is None:
                assert refusal(event, source=SERVER) == "not_enabled"
            else:
                assert apply(event, ME, WORLD, NOW, SERVER).enrollments["whole"].enrolled_at == at

    def test_before_a_start_that_lies_ahead_nobody_enrols_whatever_is_named(self):
        soon = replace(WORLD.experiments["whole"], started_at=NOW + 30_000)
        soon = replace(
            soon,
            phases=(replace(soon.phase, started_at=NOW + 30_000),),
            enabled=(Interval(NOW + 30_000),),
        )
        for at, phase in ((NOW, None), (NOW, 1), (NOW + 31_000, None), (NOW + 31_000, 1)):
            assert refusal(Enrolled("e", at, "whole", None, phase), with_whole(soon)) == "not_enabled"

    def test_a_phase_that_another_lambda_began_just_now_takes_enrolments(self):
        ahead = replace(
            self.begun, phases=(self.begun.phases[0], replace(self.begun.phase, started_at=NOW + 2000))
        )
        taken = apply(Enrolled("e", NOW, "whole", MINE, 2), ME, with_whole(ahead), NOW, BROWSER)

        assert taken.enrollments["whole"].enrolled_at == NOW + 2000
