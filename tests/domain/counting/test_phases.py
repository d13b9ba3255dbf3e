"""Documents of earlier versions may date an enrolment before its phase."""

from dataclasses import replace

import pytest

from chalicelib.domain.counting.rules import rules_of
from chalicelib.domain.counting.settling import settle
from chalicelib.domain.counting.tally import Tally
from chalicelib.domain.definitions import Definitions
from chalicelib.domain.experiments.experiment import Variation, disable, reweigh
from chalicelib.domain.instant import DAY, day_of
from chalicelib.domain.visitors.visitor import Confirmation, Enrollment, Fact, Visitor
from tests.domain.worlds import START, flat, world

WORLD = world()
CHANGED = START + 5 * DAY
WHOLE = reweigh(WORLD.experiments["whole"], [Variation("control", 0.9), Variation("test", 0.1)], CHANGED)
DEFINITIONS = Definitions({"whole": WHOLE}, WORLD.goals)
BEFORE, AFTER = CHANGED - DAY, CHANGED + DAY
OLD = Visitor(
    "visitor-one",
    human=Confirmation(BEFORE, "c"),
    enrollments={"whole": Enrollment("test", 2, BEFORE, "e")},
    facts=(Fact("f1", BEFORE + 1, "buy"), Fact("f2", AFTER, "buy"), Fact("f3", AFTER + DAY, "buy")),
)


def tallied(visitor, definitions=DEFINITIONS):
    tally = Tally()
    tally.fold(visitor, rules_of(definitions))
    return flat(tally)


def test_it_counts_from_the_start_of_its_phase():
    arm = ("whole", 2, "test")

    found = {key: row for key, row in tallied(OLD).items() if not isinstance(key[3], int)}

    assert found == {
        (*arm, None, day_of(CHANGED)): (1, 0, 0, 0),
        (*arm, "buy", day_of(AFTER)): (1, 0, 0, 0),
        (*arm, "any", day_of(AFTER)): (1, 0, 0, 0),
    }


@pytest.mark.parametrize("later", [9, 30, 200])
def test_settling_keeps_what_then_counts(later):
    assert tallied(settle(OLD, DEFINITIONS, AFTER + later * DAY)) == tallied(OLD)


def test_in_a_phase_that_began_while_the_experiment_was_disabled_it_is_nobody():
    stopped = disable(WORLD.experiments["whole"], CHANGED - 1)
    stopped = replace(reweigh(stopped, WHOLE.phase.variations, CHANGED))

    assert tallied(OLD, Definitions({"whole": stopped}, WORLD.goals)) == {}
