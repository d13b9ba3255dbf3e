"""Goals with a window, visitors drawn for them, and a naive reader of what the matured ones reached.

A person is what the raw events say: a variation, the instant of the enrolment, the instant at which another
variation was seen, and all facts. The reader goes through them with plain loops; numbers are ten-thousandths.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil

from hypothesis import strategies as st

from chalicelib.domain.definitions import Definitions
from chalicelib.domain.experiments.experiment import disable, enable
from chalicelib.domain.experiments.experiment_input import experiment_from
from chalicelib.domain.experiments.goal import Goal, GoalType, Metric, Part
from chalicelib.domain.instant import DAY, HOUR, Day, Instant, day_of
from chalicelib.domain.values import VALUE_SCALE
from chalicelib.domain.visitors.visitor import Confirmation, Enrollment, Fact, Sighting, Visitor
from tests.domain.worlds import START

VALUE = GoalType.ENGAGEMENT
EARLY = START - 30 * DAY
GOALS = (
    Goal("soon", EARLY, window_days=2),
    Goal("young", START + 3 * DAY, window_days=4),
    Goal("sum", EARLY, VALUE, window_days=3),
    Goal("count", EARLY, VALUE, metric=Metric.COUNT, window_days=5),
    Goal("mean", EARLY, VALUE, metric=Metric.MEAN, window_days=2, covariate_days=5),
    Goal("per_day", EARLY, VALUE, metric=Metric.PER_DAY, window_days=4, covariate_days=1),
    Goal("last", EARLY, VALUE, metric=Metric.LAST, window_days=3, covariate_days=2),
    Goal("capped", EARLY, VALUE, cap=50_000, window_days=3, covariate_days=14),
    Goal("visits", EARLY, VALUE, metric=Metric.COUNT, cap=20_000, window_days=4, covariate_days=7),
    Goal("winsorized", EARLY, VALUE, winsorize=Decimal("0.6"), window_days=2, covariate_days=3),
    Goal(
        "basket",
        EARLY,
        GoalType.RATIO,
        window_days=6,
        numerator=Part("sum", Metric.SUM),
        denominator=Part("count", Metric.COUNT),
    ),
)
BY_NAME = {goal.name: goal for goal in GOALS}
TELLABLE = [goal.name for goal in GOALS if not goal.parts]
_TEST = enable(experiment_from({"name": "test"}, EARLY), START)
EXPERIMENT = enable(disable(_TEST, START + 6 * DAY), START + 7 * DAY)
WORLD = Definitions({"test": EXPERIMENT}, BY_NAME)
ARMS = [each.key for each in EXPERIMENT.phase.variations]
DAYS = range(day_of(START), day_of(START) + 20)

Row = tuple[object, ...]
"""n, numbers that are not 0, sums, the covariate's sums, the cap that a quantile came to."""


@dataclass(frozen=True)
class Person:
    """One participant as the raw events tell it."""

    variation: str
    enrolled_at: Instant
    conflict_at: Instant | None
    facts: tuple[Fact, ...]

    def document(self, number: int) -> Visitor:
        """What is stored of it."""
        other = None if self.conflict_at is None else Sighting(self.conflict_at, "other")
        place = Enrollment(self.variation, 1, self.enrolled_at, "enroll", other)
        return Visitor(
            f"visitor-{number}",
            human=Confirmation(START, "human"),
            enrollments={"test": place},
            facts=self.facts,
        )


@st.composite
def people(draw, goals=TELLABLE):
    """Up to six, with facts on both sides of every boundary: an instant before it, and on it."""
    told = draw(st.lists(st.sampled_from(goals), min_size=1, max_size=3, unique=True))
    return [draw(_persons(told)) for _ in range(draw(st.integers(1, 6)))]


@st.composite
def _persons(draw, goals):
    enrolled_at = START + draw(st.integers(0, 40)) * 6 * HOUR
    conflict = draw(st.none() | st.none() | st.integers(0, 32))
    facts = draw(st.lists(st.builds(_fact, st.sampled_from(goals), _AFTER, _VALUES), max_size=8))
    return Person(
        draw(st.sampled_from(ARMS)),
        enrolled_at,
        None if conflict is None else enrolled_at + conflict * 6 * HOUR,
        tuple(
            Fact(f"f{i}", enrolled_at + after, goal, value) for i, (goal, after, value) in enumerate(facts)
        ),
    )


def _fact(goal: str, after: Instant, value: int | None) -> tuple[str, Instant, int | None]:
    return goal, after, value


_AFTER = st.builds(lambda slot, less: slot * 6 * HOUR - less, st.integers(-20, 26), st.integers(0, 1))
_VALUES = st.none() | st.integers(-40_000, 100_000) | st.sampled_from([0, 50_000, 50_001])


def naive_rows(persons: Iterable[Person], day: Day) -> dict[tuple[str, str], Row]:
    """By goal and variation what the visitors reached whose window was over at the end of a day."""
    rows: dict[tuple[str, str], Row] = {}
    for goal in GOALS:
        matured = [person for person in persons if _has_matured(person, goal, day)]
        cap = goal.cap if goal.winsorize is None else _quantile(goal, matured, day)
        for arm in ARMS:
            mine = [person for person in matured if person.variation == arm]
            rows[goal.name, arm] = _row(goal, mine, cap, day)
    return rows


def _has_matured(person: Person, goal: Goal, day: Day) -> bool:
    end = (day + 1) * DAY
    in_conflict = person.conflict_at is not None and person.conflict_at < end
    over = person.enrolled_at + goal.window_days * DAY <= end
    return over and not in_conflict and EXPERIMENT.was_enabled(person.enrolled_at)


def _row(goal: Goal, persons: list[Person], cap: int | None, day: Day) -> Row:
    if goal.type is GoalType.CONVERSION:
        reached = sum(bool(_counted(person, goal)) for person in persons)
        return len(persons), reached, (reached,), (), None
    if goal.numerator and goal.denominator:
        pairs = [_pair(person, goal.numerator, goal.denominator, day) for person in persons]
        sums = tuple(map(sum, zip(*((a, a * a, b, b * b, a * b) for a, b in pairs), strict=True)))
        return len(persons), sum(b != 0 for _, b in pairs), sums or (0,) * 5, (), None
    numbers = [_number(goal.metric, person, goal, day) for person in persons]
    numbers = numbers if cap is None else [min(number, cap) for number in numbers]
    pre = () if goal.covariate_days is None else _pre(goal, persons, numbers)
    shown = None if goal.winsorize is None else cap
    return len(persons), sum(n != 0 for n in numbers), (sum(numbers), _product(numbers, numbers)), pre, shown


def _pair(person: Person, one: Part, other: Part, day: Day) -> tuple[Fraction, Fraction]:
    a, b = (_number(part.metric, person, BY_NAME[part.goal], day) for part in (one, other))
    return a, b


def _counted(person: Person, goal: Goal) -> list[Fact]:
    """Facts inside the window while the experiment was enabled; of one instant the larger value last."""
    start, end = person.enrolled_at, person.enrolled_at + goal.window_days * DAY
    found = []
    for fact in person.facts:
        inside = start <= fact.at < end and fact.at >= goal.declared_at
        if fact.goal == goal.name and inside and EXPERIMENT.was_enabled(fact.at):
            found.append(fact)
    return sorted(found, key=lambda fact: (fact.at, fact.value is not None, fact.value or 0))


def _number(metric: Metric, person: Person, goal: Goal, day: Day) -> Fraction:
    facts = _counted(person, goal)
    values = [fact.value for fact in facts if fact.value is not None]
    if metric is Metric.COUNT:
        return Fraction(len(facts) * VALUE_SCALE)
    if metric is Metric.LAST:
        return Fraction(values[-1] if values else 0)
    if metric is Metric.MEAN:
        return Fraction(sum(values), max(len(facts), 1))
    days = day - day_of(person.enrolled_at) + 1 if metric is Metric.PER_DAY else 1
    return Fraction(sum(values), days)


def _pre(goal: Goal, persons: list[Person], numbers: list[Fraction]) -> Row:
    before = [_covariate(goal, person) for person in persons]
    return sum(before), _product(before, before), _product(before, numbers)


def _covariate(goal: Goal, person: Person) -> int:
    """What was reached on the whole days before that of the enrolment."""
    total = 0
    for fact in person.facts:
        days_before = day_of(person.enrolled_at) - day_of(fact.at)
        if fact.goal == goal.name and fact.at >= goal.declared_at and 1 <= days_before <= goal.covariate_days:
            total += VALUE_SCALE if goal.metric is Metric.COUNT else fact.value or 0
    return total


def _product(one: Iterable[Fraction], other: Iterable[Fraction]) -> Fraction:
    return sum((a * b for a, b in zip(one, other, strict=True)), Fraction(0))


def _quantile(goal: Goal, persons: list[Person], day: Day) -> int | None:
    numbers = sorted(n for person in persons if (n := _number(goal.metric, person, goal, day)))
    return max(0, int(numbers[ceil(Fraction(goal.winsorize) * len(numbers)) - 1])) if numbers else None


def documents(persons: Iterable[Person]) -> Iterator[Visitor]:
    """What is stored of each."""
    for number, person in enumerate(persons):
        yield person.document(number)
