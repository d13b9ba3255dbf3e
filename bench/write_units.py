"""What visitors write in half a year: `python -m bench.write_units`.

Every event is collected by itself, as a server's or a pixel's is, on the emulator's DynamoDB, and
each call is asked for its ConsumedCapacity. Beside it, in the same run, the plain way: an item for
each event, which is cheaper to write and all of which every recount has to read. Units to recount
are those of a scan, half a unit for 4 KB, with 200 bytes for a plain item.
"""

import argparse
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bench.cost_inputs import environment
from bench.meter import Meter
from chalicelib.domain.definitions import Definitions
from chalicelib.domain.experiments.experiment import enable
from chalicelib.domain.experiments.experiment_input import experiment_from
from chalicelib.domain.experiments.goal import Goal, GoalType
from chalicelib.domain.instant import DAY, HOUR, Instant
from chalicelib.domain.visitors.event import SERVER, Confirmed, Enrolled, Event, Reached
from chalicelib.services.visitors.collect import collect
from chalicelib.storage.dynamo.store import DynamoStore
from infra.aws import stack
from infra.aws.cloud import Cloud, emulated
from infra.local.emulator import Emulator

START: Instant = 20_400 * DAY
EXPERIMENTS = ("one", "two")
GOALS = ("spend", *(f"reads_an_article_{number}" for number in range(1, 5)))


@dataclass(frozen=True)
class Kind:
    """Goals a day, every so many days; the day of the enrolment, if there is one."""

    name: str
    goals: int
    every: int
    enrolled_on: int | None


KINDS = (
    Kind("typical: two goals in all", 2, 1000, 0),
    Kind("weekly: five goals", 5, 7, 0),
    Kind("daily: five goals", 5, 1, 0),
    Kind("heavy: twenty goals a day", 20, 1, 0),
    Kind("heavy, enrolled on day 60", 20, 1, 60),
    Kind("heavy, never enrolled", 20, 1, None),
)


def main() -> None:
    """Print a line for each kind of visitor."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--days", type=int, default=180)
    args = parser.parse_args()
    print(f"{args.days} days, {len(EXPERIMENTS)} experiments, {len(GOALS)} goals, one of them with values")
    print(f"{'':28} {'events':>7} {'document':>9} {'largest':>9} {'written per event':>20} {'recounted':>18}")
    with Emulator() as emulator:
        cloud = emulated(emulator.url)
        data = stack.deploy_data(cloud, "units", {}, lambda _: None)
        os.environ.update(environment(cloud, data))
        for kind in KINDS:
            _print(kind, *_measured(cloud, data, kind, args.days))


def _measured(cloud: Cloud, data: dict[str, str], kind: Kind, days: int) -> tuple[list[int], Meter, Meter]:
    store, world = DynamoStore(data["VisitorsTable"], data["LeansplitTable"]), _world()
    client, visitor = cloud.client("dynamodb"), f"visitor-{KINDS.index(kind):08d}-of-bench"
    sizes, ours, plain = [], Meter(), Meter()
    for event in _events(kind, days):
        with ours.watching():
            collect(store, world, visitor, [event], event.at, SERVER, signed=True)
        with plain.watching():
            client.put_item(TableName=data["LeansplitTable"], Item=_item(visitor, event))
        found = client.get_item(TableName=data["VisitorsTable"], Key={"id": {"S": visitor}})["Item"]
        sizes.append(len(found["body"]["S"]) + 100)
    return sizes, ours, plain


def _print(kind: Kind, sizes: list[int], ours: Meter, plain: Meter) -> None:
    events = len(sizes)
    written = f"{ours.units['write'] / events:.2f} (plain {plain.units['write'] / events:.2f})"
    read = f"{sizes[-1] / 8192:.2f} (plain {events * 200 / 8192:.2f})"
    print(f"{kind.name:28} {events:7,} {sizes[-1]:7,} B {max(sizes):7,} B {written:>20} {read:>18}")


def _world() -> Definitions:
    goals = [
        Goal(name, START, GoalType.ENGAGEMENT if name == "spend" else GoalType.CONVERSION) for name in GOALS
    ]
    experiments = {name: enable(experiment_from({"name": name}, START), START) for name in EXPERIMENTS}
    return Definitions(experiments, {goal.name: goal for goal in goals})


def _events(kind: Kind, days: int) -> Iterator[Event]:
    yield Confirmed("confirm", START)
    for day in range(days):
        at = START + day * DAY
        if day == kind.enrolled_on:
            yield from (Enrolled(f"enroll-{name}", at, name) for name in EXPERIMENTS)
        if day % kind.every == 0:
            for number in range(kind.goals):
                goal = GOALS[number % len(GOALS)]
                value = 199_900 + day if goal == "spend" else None
                yield Reached(f"{day}-{number}", at + (number + 1) * HOUR, goal, value)


def _item(visitor: str, event: Event) -> dict[str, Any]:
    return {"pk": {"S": visitor}, "sk": {"S": f"{event.at}#{event.id}"}, "event": {"S": repr(event)}}


if __name__ == "__main__":
    main()
