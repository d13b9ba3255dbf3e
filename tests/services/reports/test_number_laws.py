"""Numbers per visitor: for any report day exactly those of the raw values, settled or not."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ttest_ind

from chalicelib.domain.counting.rules import rules_of
from chalicelib.domain.counting.settling import MANY, settle
from chalicelib.domain.counting.tally import Tally, tally_of
from chalicelib.domain.definitions import Definitions
from chalicelib.domain.experiments.experiment import enable
from chalicelib.domain.experiments.experiment_input import experiment_from
from chalicelib.domain.experiments.goal import Goal, GoalType, Metric, Part
from chalicelib.domain.instant import DAY, HOUR, day_of
from chalicelib.domain.visitors.event import SERVER, Confirmed, Enrolled, Reached
from chalicelib.services.reports.analysis_request import phase_request
from chalicelib.services.reports.report_frame import frame
from chalicelib.services.visitors.collect import collect
from chalicelib.stats.analysis import analyse
from chalicelib.storage.document import body_of, visitor_of
from chalicelib.storage.memory.store import MemoryStore
from tests.domain.worlds import START
from tests.laws import tried
from tests.services.reports.tallied import differences
from tests.services.visitors.people import places_of

pytestmark = pytest.mark.no_cover  # tracing would double what it takes

DECLARED = START - 20 * DAY
VALUE = GoalType.ENGAGEMENT
GOALS = [
    Goal("sum", DECLARED, VALUE),
    Goal("count", DECLARED, VALUE, metric=Metric.COUNT, window_days=9),
    Goal("mean", DECLARED, VALUE, metric=Metric.MEAN, covariate_days=5),
    Goal("per_day", DECLARED, VALUE, metric=Metric.PER_DAY),
    Goal("last", DECLARED, VALUE, metric=Metric.LAST),
    Goal("capped", DECLARED, VALUE, cap=50_000, covariate_days=14),
    Goal("winsorized", DECLARED, VALUE, winsorize=Decimal("0.7"), covariate_days=3),
    Goal("visits", DECLARED, VALUE, metric=Metric.COUNT, covariate_days=7),
    Goal(
        "basket",
        DECLARED,
        GoalType.RATIO,
        numerator=Part("sum", Metric.SUM),
        denominator=Part("count", Metric.COUNT),
    ),
]
WORLD = Definitions(
    {"test": enable(experiment_from({"name": "test"}, DECLARED), START)}, {goal.name: goal for goal in GOALS}
)
RULES = rules_of(WORLD)
ARM = WORLD.experiments["test"].phase.variation_of
VISITORS = [f"visitor-{number}" for number in range(4)]
TELLABLE = [goal.name for goal in GOALS if not goal.parts]
ENOUGH = 20 * DAY


@st.composite
def logs(draw):
    """Facts of 20 days before the start to 20 days after it; negative values are refunds."""
    log = []
    for number, who in enumerate(VISITORS):
        log.append((who, Confirmed(f"c{number}", START - ENOUGH)))
        log.append((who, Enrolled(f"e{number}", START + draw(st.integers(0, 20)) * 6 * HOUR, "test")))
    told = draw(st.lists(st.sampled_from(TELLABLE), min_size=1, max_size=2))
    days = draw(st.lists(st.integers(0, 39), min_size=1, max_size=10))
    for number in range(draw(st.integers(0, 40))):
        at = START - ENOUGH + draw(st.sampled_from(days)) * DAY + draw(st.integers(0, 7)) * 3 * HOUR
        value = draw(st.none() | st.integers(-50_000, 100_000))
        log.append(
            (
                draw(st.sampled_from(VISITORS)),
                Reached(f"f{number}", at, draw(st.sampled_from(told)), value),
            )
        )
    return log


def delivered(log, late):
    """Each event some days after it happened, in the order of arrival; documents settle on the way."""
    store = MemoryStore()
    arrivals = sorted((event.at + late[i % len(late)], i, who, event) for i, (who, event) in enumerate(log))
    for now, _, who, event in arrivals:
        collect(store, WORLD, who, [event], now, SERVER)
    return store


def tally_in(store, now=None):
    tally = Tally()
    for who, (body, _, _) in store.visitors.items():
        visitor = visitor_of(who, body)
        settled = visitor if now is None else visitor_of(who, body_of(settle(visitor, WORLD, now)))
        part = Tally()
        part.fold(settled, RULES)
        tally.add(tally_of(part.record()))
    return tally


def request(tally, day):
    report = frame(WORLD, WORLD.experiments["test"], tally, {}, day, START + 400 * DAY)
    return phase_request(report, 1, day)


@given(
    logs(),
    st.lists(st.integers(0, 27).map(lambda n: n * 6 * HOUR), min_size=1, max_size=5),
    st.integers(-20, 30),
    st.sampled_from([0, MANY]),
)
@tried(150)
def test_numbers_of_any_day_are_exactly_those_of_the_raw_values(log, late, settled_on, many):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("chalicelib.domain.counting.settling.MANY", many)
        tally = tally_in(delivered(log, late), START + settled_on * DAY)
    people = [[told for told in log if told[0] == who] for who in VISITORS]

    assert differences(WORLD, tally, places_of(WORLD, people)) == {}


def test_students_t_is_that_of_the_raw_values():
    log = []
    for number_, who in enumerate(f"shopper-{i:03d}" for i in range(300)):
        log += [
            (who, Confirmed(f"c{number_}", START)),
            (who, Enrolled(f"e{number_}", START + number_ % 7 * DAY, "test")),
        ]
        for k in range(number_ % 5):
            log.append(
                (
                    who,
                    Reached(f"f{number_}-{k}", START + 8 * DAY + k, "per_day", (number_ * 7919 % 9973) * 100),
                )
            )
    store = delivered(log, [0])
    day = day_of(START) + 10
    goal = next(
        each for each in analyse([request(tally_in(store), day)])[0]["goals"] if each["key"] == "per_day"
    )
    arms = {"control": [], "test": []}
    for who in {name for name, _ in log}:
        mine = [event for name, event in log if name == who]
        at = next(event.at for event in mine if isinstance(event, Enrolled))
        total = sum(event.value for event in mine if isinstance(event, Reached))
        arms[ARM(who)].append(total / 10_000 / (day - day_of(at) + 1))
    expected = ttest_ind(arms["test"], arms["control"])

    assert goal["comparisons"][0]["fixed_horizon"]["statistic"] == pytest.approx(
        expected.statistic, rel=1e-12
    )
    assert goal["comparisons"][0]["fixed_horizon"]["p_value"] == pytest.approx(expected.pvalue, rel=1e-12)


@given(logs())
@tried(60)
def test_once_every_window_is_over_the_matured_numbers_are_those_of_all(log):
    day = day_of(START) + 40
    goal = next(
        each for each in request(tally_in(delivered(log, [0])), day)["goals"] if each["key"] == "count"
    )
    whole, matured = goal["arms"], goal["matured"]

    for arm, over in zip(whole.arms, matured.arms, strict=True):
        assert (over.n[-1], over.nonzero[-1]) == (arm.n[-1], arm.nonzero[-1])
        assert [column[-1] for column in over.sums] == [column[-1] for column in arm.sums]
        assert all(late <= early for late, early in zip(over.n, arm.n, strict=True))
