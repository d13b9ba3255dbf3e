"""Two months of a small shop: what four devices and two servers told, and when it arrived."""

from dataclasses import dataclass, replace
from decimal import Decimal

from hypothesis import strategies as st

from chalicelib.domain.definitions import Definitions
from chalicelib.domain.experiments.experiment import Variation, disable, enable, reweigh
from chalicelib.domain.experiments.experiment_input import experiment_from
from chalicelib.domain.experiments.goal import Goal, GoalType, Metric, Part
from chalicelib.domain.instant import DAY, HOUR, day_of
from chalicelib.domain.visitors.event import SERVER, Confirmed, Enrolled, Reached
from chalicelib.domain.visitors.identity import USER_MARK, own_id
from chalicelib.domain.visitors.visitor import Confirmation
from chalicelib.services.visitors.collect import collect
from chalicelib.services.visitors.identify import identify
from tests.domain.worlds import START
from tests.services.visitors.people import variation_of

BEGIN = START - 12 * DAY
DAYS = 60
SLOT = 6 * HOUR
END = BEGIN + DAYS * DAY
RECOUNTED = END + 8 * DAY
REPORTED = range(day_of(START), day_of(END) + 1)
LATE = 7 * DAY
MEASURED = GoalType.ENGAGEMENT


def shop() -> Definitions:
    """An experiment as usual, one that was interrupted and ended, and a late one with two phases."""
    whole = enable(experiment_from({"name": "whole"}, BEGIN), START)
    broken = enable(experiment_from({"name": "broken", "goals": ["buy", "mean"]}, BEGIN), START)
    broken = enable(disable(broken, START + 10 * DAY), START + 12 * DAY)
    broken = disable(broken, START + 35 * DAY)
    later = enable(experiment_from({"name": "later"}, BEGIN), START + 15 * DAY)
    later = replace(later, phases=(replace(later.phase, started_at=START + 15 * DAY),))
    later = reweigh(later, [Variation("control", 0.3), Variation("test", 0.7)], START + 25 * DAY)
    goals = [
        Goal("buy", START + 2 * DAY),
        Goal("soon", BEGIN, window_days=2),
        Goal("sum", BEGIN, MEASURED),
        Goal("count", BEGIN, MEASURED, metric=Metric.COUNT, window_days=9),
        Goal("mean", BEGIN, MEASURED, metric=Metric.MEAN, covariate_days=5),
        Goal("per_day", BEGIN, MEASURED, metric=Metric.PER_DAY, covariate_days=1),
        Goal("last", BEGIN, MEASURED, metric=Metric.LAST, covariate_days=2),
        Goal("capped", START - 5 * DAY, MEASURED, cap=50_000, covariate_days=14),
        Goal("winsorized", BEGIN, MEASURED, winsorize=Decimal("0.6"), covariate_days=3),
        Goal("visits", BEGIN, MEASURED, metric=Metric.COUNT, cap=30_000, covariate_days=7),
        Goal(
            "basket",
            BEGIN,
            GoalType.RATIO,
            numerator=Part("sum", Metric.SUM),
            denominator=Part("count", Metric.COUNT),
        ),
    ]
    experiments = {each.name: each for each in (whole, broken, later)}
    return Definitions(experiments, {goal.name: goal for goal in goals})


SHOP = shop()
TELLABLE = [goal.name for goal in SHOP.goals.values() if not goal.parts]


def seen_by(who):
    """What the hash shows in every experiment and phase."""
    return [
        phase.variation_of(who.removeprefix(USER_MARK))
        for experiment in SHOP.experiments.values()
        for phase in experiment.phases
    ]


def alike(who, number, name="device"):
    """Ids that are shown the same as another everywhere."""
    ids = (f"{name}-{i:04d}" for i in range(10_000))
    return [each for each in ids if seen_by(each) == seen_by(who)][:number]


ANN, BOB = own_id("ann"), own_id("bob")
PHONE, LAPTOP = alike(ANN, 2, "device-of-ann")
TABLET = next(f"tablet-{i}" for i in range(1000) if seen_by(f"tablet-{i}")[0] != seen_by(BOB)[0])
LIBRARY = "library-pc"
DEVICES = {PHONE: ["ann"], LAPTOP: ["ann"], TABLET: ["bob"], LIBRARY: ["ann", "bob"]}
"""By device the users who log in on it."""


def when(at):
    """In days after the start of `whole`, for people."""
    return f"day {(at - START) / DAY:g}:"


@dataclass(frozen=True, repr=False)
class Told:
    """What is told of somebody at once; of `registered` users a server tells it."""

    who: str
    events: tuple
    registered: bool = False
    late: tuple = (0, 0, SLOT, DAY, 3 * DAY, LATE - 1, LATE)

    def __repr__(self):
        told = [
            (each.id, getattr(each, "goal", getattr(each, "experiment", "")), getattr(each, "value", ""))
            for each in self.events
        ]
        return f"{when(self.at)} {self.who} {told}{' registered' * self.registered}"

    @property
    def at(self):
        return self.events[0].at

    def deliver(self, store, now):
        return collect(store, SHOP, self.who, self.events, now, SERVER, True, self.registered)


@dataclass(frozen=True, repr=False)
class Login:
    """Somebody says on a device who it is; it may be told late too."""

    device: str
    user: str
    at: int
    id: str
    late: tuple = (0,)

    def __repr__(self):
        return f"{when(self.at)} {self.user} logs in on {self.device} {self.id}"

    def deliver(self, store, now):
        return identify(store, SHOP, self.device, self.user, Confirmation(self.at, self.id), now)


instants = st.integers(0, DAYS * 4 - 1).map(lambda slot: BEGIN + slot * SLOT)


def up_to(most, of, least=0):
    """A list of any length alike; `st.lists` prefers short ones."""
    return st.integers(least, most).flatmap(lambda n: st.lists(of, min_size=n, max_size=n))


@st.composite
def logs(draw, devices=tuple(DEVICES), most_logins=6):
    """What happened, in no order: every device is confirmed before its document expires."""
    busy = st.sampled_from(draw(st.lists(st.integers(0, DAYS - 1), min_size=1, max_size=4)))
    at = instants | st.builds(lambda day, slot: BEGIN + day * DAY + slot * SLOT, busy, slots)
    goals = draw(st.lists(st.sampled_from(TELLABLE), min_size=1, max_size=3, unique=True))
    logins = draw(up_to(most_logins, _logins(devices), min(3, most_logins)))
    logins = [replace(each, id=f"login-{i}") for i, each in enumerate(logins)]
    told = []
    others = st.sampled_from([*devices, ANN, BOB])
    for who in dict.fromkeys([PHONE, LAPTOP, *draw(st.lists(others, max_size=5))]):
        mine = [_enrolled(who, each, f"{who}-e{i}") for i, each in enumerate(draw(up_to(3, _seen(at))))]
        for i, (when, goal, value) in enumerate(
            draw(up_to(10, st.tuples(at, st.sampled_from(goals), values), 2))
        ):
            mine.append(Told(who, (Reached(f"{who}-f{i}", when, goal, value),), who in (ANN, BOB)))
        told += mine + (_confirmed(who, mine, logins, draw(slots)) if mine else [])
    return told, logins


slots = st.integers(0, 3)
values = st.none() | st.integers(-50_000, 100_000)
weeks_later = st.integers(40, DAYS - 1).map(lambda day: BEGIN + day * DAY)
early = st.integers(48, 120).map(lambda slot: BEGIN + slot * SLOT)


def _seen(at):
    return st.tuples(
        early | early | at, st.sampled_from(["whole", "whole", "broken", "later"]), st.booleans()
    )


def _enrolled(who, seen, name):
    """As the script tells it: with the variation and the phase that it bucketed by."""
    at, experiment, remembered = seen
    begun = [each.number for each in SHOP.experiments[experiment].phases if each.started_at <= at] or [1]
    event = Enrolled(name, at, experiment, None, begun[0] if remembered else begun[-1])
    event = replace(event, variation=variation_of(SHOP.experiments[experiment], who, event))
    server = (Confirmed(f"{name}-c", at),) if who in (ANN, BOB) else ()
    return Told(who, (*server, event))


@st.composite
def _logins(draw, devices):
    device = draw(st.sampled_from([PHONE, LAPTOP, *devices]))
    at = draw(weeks_later | weeks_later | instants)
    late = draw(st.sampled_from([(0,), (0,), (0, SLOT), (0, DAY, LATE)]))
    return Login(device, draw(st.sampled_from(DEVICES[device])), at, "", late)


def _numbered(logins):
    return [replace(each, id=f"login-{i}") for i, each in enumerate(logins)]


def _confirmed(who, mine, logins, after):
    """That the script ran, soon after the first visit; nothing where a login says it in time."""
    first = min(each.at for each in mine)
    if any(each.device == who and each.at + max(each.late) <= first + 6 * DAY for each in logins):
        return []
    return [Told(who, (Confirmed(f"{who}-c", first + after * 2 * SLOT),), late=(0, DAY, 2 * DAY))]
