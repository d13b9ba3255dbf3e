"""A ratio is decided from matured visitors only where both of its parts mature with it."""

import pytest

from chalicelib.domain.counting.rules import rules_of
from chalicelib.domain.counting.tally import Tally
from chalicelib.domain.definitions import Definitions
from chalicelib.domain.experiments.experiment import enable
from chalicelib.domain.experiments.experiment_input import experiment_from
from chalicelib.domain.experiments.goal_input import goal_from
from chalicelib.domain.instant import DAY, HOUR, day_of, start_of
from chalicelib.domain.visitors.visitor import Confirmation, Enrollment, Fact, Visitor
from chalicelib.services.reports.analysis_request import phase_request
from chalicelib.services.reports.report_frame import frame

BEGIN = start_of(20_000)
VALUE = 10_000


@pytest.mark.parametrize(
    ("windows", "matures"), [((2, 2), True), ((1, 2), True), ((3, 5), False), ((2, None), False)]
)
def test_another_goal_of_the_same_window_changes_no_ratio(
    windows: tuple[int, int | None], matures: bool
) -> None:
    """`other` has the ratio's window, so that the tallies count visitors who matured after two days."""
    rules = {"type": "engagement"}
    entries = [
        {"name": "a", "window_days": windows[0], **rules},
        {"name": "b", "window_days": windows[1], **rules},
        {"name": "other", "window_days": 2},
        {"name": "ratio", "type": "ratio", "numerator": "a", "denominator": "b", "window_days": 2},
    ]
    goals = {each.name: each for each in (goal_from(entry, BEGIN) for entry in entries)}
    experiment = enable(experiment_from({"name": "on"}, BEGIN), BEGIN)
    world = Definitions({"on": experiment}, goals)
    at = BEGIN + HOUR
    facts = tuple(Fact(name, at + HOUR, name, VALUE) for name in ("a", "b"))
    visitor = Visitor(
        "visitor-1",
        human=Confirmation(at, "c"),
        enrollments={"on": Enrollment("test", 1, at, "e")},
        facts=facts,
    )
    tally, last = Tally(), day_of(BEGIN) + 4
    tally.fold(visitor, rules_of(world))
    report = frame(world, experiment, tally, {}, last, start_of(last + 1) + HOUR)
    asked = {each["key"]: each for each in phase_request(report, 1, last)["goals"]}

    assert ("matured" in asked["ratio"], asked["ratio"]["window_days"]) == (matures, 2 if matures else None)
    if matures:
        assert [arm.sums[0][-1] for arm in asked["ratio"]["matured"].arms] == [0, VALUE]
    assert start_of(last) > BEGIN + DAY
