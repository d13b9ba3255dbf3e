"""What one document adds to a tally."""

from itertools import permutations

from chalicelib.domain.counting.rules import rules_of
from chalicelib.domain.counting.tally import Tally, tally_of
from chalicelib.domain.instant import DAY, day_of
from chalicelib.domain.visitors.visitor import Confirmation, Enrollment, Fact, Visitor
from tests.domain.worlds import START, flat, world

RULES = rules_of(world())
FIRST = day_of(START)
ARM = ("whole", 1, "test")


def tally_of_facts(facts):
    visitor = Visitor(
        "v",
        human=Confirmation(START, "c"),
        enrollments={"whole": Enrollment("test", 1, START, "e")},
        facts=tuple(facts),
    )
    tally = Tally()
    tally.fold(visitor, RULES)
    return flat(tally)


def test_the_first_reach_converts_whatever_the_order_of_arrival():
    facts = [
        Fact("a", START + DAY, "buy"),
        Fact("b", START + 2 * DAY, "buy"),
        Fact("c", START + 3 * DAY, "buy"),
    ]
    tallies = [tally_of_facts(order) for order in permutations(facts)]

    assert all(tally == tallies[0] for tally in tallies)
    assert tallies[0][(*ARM, "buy", FIRST + 1)] == (1, 0, 0, 0)
    assert (*ARM, "buy", FIRST + 2) not in tallies[0]


def test_squares_of_days_add_up_to_the_square_of_the_total():
    values = [Fact("a", START + DAY, "spend", 30_000), Fact("b", START + 2 * DAY, "spend", -10_000)]
    counted = tally_of_facts(values)
    squares = [counts[2] for key, counts in counted.items() if key[3] == "spend"]

    assert sum(squares) == 20_000**2
    assert sum(counts[1] for key, counts in counted.items() if key[3] == "spend") == 20_000


def test_goals_before_the_instant_of_enrolment_do_not_count():
    assert (*ARM, "buy", FIRST - 1) not in tally_of_facts([Fact("a", START - 1, "buy")])
    assert (*ARM, "any", FIRST - 1) not in tally_of_facts([Fact("a", START - 1, "buy")])


def test_a_goal_at_the_instant_of_enrolment_counts():
    assert tally_of_facts([Fact("a", START, "buy")])[(*ARM, "buy", FIRST)] == (1, 0, 0, 0)


def test_a_conversion_window_ends_after_its_days():
    assert (*ARM, "soon", FIRST + 2) not in tally_of_facts([Fact("a", START + 2 * DAY, "soon")])
    assert (*ARM, "soon", FIRST + 1) in tally_of_facts([Fact("a", START + 2 * DAY - 1, "soon")])


def test_a_goal_counts_from_its_declaration_on():
    assert (*ARM, "spend", FIRST) not in tally_of_facts([Fact("a", START + DAY - 1, "spend", 5)])


def test_any_counts_a_participant_once():
    counted = tally_of_facts([Fact("a", START, "buy"), Fact("b", START + DAY, "spend", 5)])

    assert [key for key in counted if key[3] == "any"] == [(*ARM, "any", FIRST)]


def test_records_of_the_version_before_are_read():
    arms = [["whole", 1, "test", {"20000": 3}, {"spend": {"20000": [2, 70, 2500]}}, {}, {}]]
    tally = tally_of({"documents": 3, "unreadable": {}, "arms": arms})
    arm = tally.arms["whole", 1, "test"]

    assert arm.goals["spend"][20000].as_row() == [2, 70, 2500, 2]
    assert tally_of(tally.record()) == tally
