"""Logins and erasure through API Gateway and the deployed functions, each under its own role."""

import json
import random
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from chalicelib.domain.experiments.experiment_input import experiment_from
from chalicelib.domain.experiments.goal_input import goal_from
from chalicelib.domain.instant import DAY, day_of, iso_at, iso_day
from chalicelib.domain.visitors.event import SERVER, Confirmed, Enrolled
from chalicelib.services.visitors.collect import collect
from chalicelib.storage.document import FORMAT
from chalicelib.storage.dynamo.store import DynamoStore
from chalicelib.web.http.token import sign
from infra.aws import stack
from infra.aws.cloud import emulated
from infra.aws.stack import Deployment
from infra.commands import logs
from infra.local.emulator import Emulator
from infra.packaging.target import LOCAL
from tests.stack.conftest import KEYS

pytestmark = pytest.mark.stack
HUMAN = "Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0"
SCHEDULE = json.loads((Path(__file__).parents[1] / "data" / "events" / "schedule.json").read_text())
ANN, DEVICES = "ann-of-whom-nothing-stays", ("anns-phone-00000001", "anns-laptop-0000001")


def now() -> int:
    return time.time_ns() // 1_000_000


OVER = now() - 10 * DAY
"""When the experiment began whose report is final."""


class Place:
    """A stage of its own, whose functions have not yet read any definition."""

    def __init__(self, deployed: Deployment) -> None:
        self.deployed = deployed
        self.store = DynamoStore(deployed.data["VisitorsTable"], deployed.data["LeansplitTable"])

    def send(self, method: str, path: str, body: Any = None, key: str | None = KEYS.server) -> Any:
        """The status and the JSON of an answer, or the token that a browser got."""
        headers = {"User-Agent": HUMAN, "Content-Type": "application/json"}
        headers |= {} if key is None else {"Authorization": f"Bearer {key}"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.deployed.api_url + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                text = answer.read()
                return answer.status, json.loads(text) if text else answer.headers["X-Leansplit-Visitor"]
        except urllib.error.HTTPError as refused:
            return refused.code, json.loads(refused.read())

    def visit(self, visitor: str, experiment: str, age: int = 0) -> str:
        """A page that shows the experiment; the token that the browser keeps."""
        told = [{"type": "confirm", "id": "c"}, {"type": "enroll", "id": "e", "experiment": experiment}]
        events = [{**each, "id": f"{each['id']} {visitor}", "age": age} for each in told]
        token = sign(visitor, [KEYS.token])
        status, kept = self.send("POST", "/e/collect", {"visitor": token, "events": events}, None)
        assert status == 204
        return str(kept)

    def report(self, name: str) -> dict[str, Any]:
        """What the night's function answers."""
        client = self.deployed.cloud.client("lambda")
        payload = json.dumps({**SCHEDULE, "id": name})
        answer = client.invoke(FunctionName=self.deployed.app["ReportFunction"], Payload=payload)
        job = json.loads(answer["Payload"].read())
        assert job.get("state") == "succeeded", job
        return dict(job)

    def read(self, experiment: str, day: str) -> dict[str, Any]:
        status, report = self.send("GET", f"/admin/reports/{experiment}/{day}", key=KEYS.admin)
        assert status == 200, report
        return dict(report)

    def items(self) -> Iterator[str]:
        """Every item of both tables and every file of the reports."""
        for table in ("VisitorsTable", "LeansplitTable"):
            pages = self.deployed.cloud.client("dynamodb").get_paginator("scan")
            for page in pages.paginate(TableName=self.deployed.data[table]):
                yield from (json.dumps(item, default=repr) for item in page["Items"])
        s3, bucket = self.deployed.cloud.client("s3"), self.deployed.data["ReportsBucket"]
        for found in s3.list_objects_v2(Bucket=bucket).get("Contents", []):
            yield found["Key"] + s3.get_object(Bucket=bucket, Key=found["Key"])["Body"].read().decode()

    def lines(self) -> Iterator[str]:
        """What the functions have logged."""
        for suffix in ("", "-report"):
            group = f"/aws/lambda/leansplit-{self.deployed.stage}{suffix}"
            yield from (each["message"] for each in logs.events(self.deployed.cloud, group, 0, ""))


@pytest.fixture(scope="module")
def place(emulator: Emulator) -> Iterator[Place]:
    cloud = emulated(emulator.url)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", str(cloud.url))
        patch.setenv("AWS_DEFAULT_REGION", cloud.region)
        patch.setenv("AWS_ACCESS_KEY_ID", "test")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        made = Place(stack.deploy(cloud, "people", LOCAL, KEYS, print, development=True))
        define(made.store)
        yield made


def define(store: DynamoStore) -> None:
    # One variation for all, so that no chance decides who is a conflict.
    entry = {"state": "enabled", "weights": [1, 0], "started_at": iso_at(now() - 2 * DAY)}
    long_ago = {"state": "disabled", "started_at": iso_at(OVER), "ended_at": iso_at(OVER + DAY)}
    for told in ({"name": "running"}, {"name": "raced"}, {"name": "over", **long_ago}):
        store.save_experiment(experiment_from({**entry, **told}, now()))
    for goal in ("signup", {"name": "purchase", "type": "engagement", "server_only": True}):
        store.save_goal(goal_from(goal, OVER))


def participants(report: dict[str, Any]) -> int:
    return sum(arm["n"] for arm in report["goals"][-1]["arms"])


def test_an_erased_person_leaves_the_running_report_and_nothing_else_of_it_stays(place: Place) -> None:
    yesterday = iso_day(day_of(now()) - 1)
    for visitor in (*DEVICES, "somebody-else-01"):
        told = [Confirmed("c", OVER), Enrolled(f"e {visitor}", OVER, "over")]
        collect(place.store, place.store.definitions(), visitor, told, OVER, SERVER)
        place.visit(visitor, "running", age=now() % DAY + 10_000)
    for device in DEVICES:
        token = sign(device, [KEYS.token])
        assert place.send("POST", "/v1/identify", {"visitor": token, "user_id": ANN})[0] == 200
    assert place.send("POST", "/v1/goals", {"user_id": ANN, "goal": "signup"})[0] == 200
    place.report("first")
    first, over = place.read("running", yesterday), place.read("over", "latest")

    status, answer = place.send("DELETE", f"/v1/visitors/{sign(DEVICES[1], [KEYS.token])}")
    assert (status, answer) == (200, {"erased_documents": 3})
    place.report("second")
    second = place.read("running", yesterday)

    assert (first["revision"], second["revision"]) == (1, 2)
    assert (participants(first), participants(second)) == (2, 1)
    assert (participants(over), over["revision"]) == (2, 1)
    assert place.read("over", "latest") == over
    stays = [each for each in place.items() if ANN in each or any(device in each for device in DEVICES)]
    assert [json.loads(json.loads(each)["body"]["S"]) for each in stays] == [{"v": FORMAT, "x": True}] * 2
    lines = list(place.lines())
    assert [each for each in lines if ANN in each or any(device in each for device in DEVICES)] == []
    said = {json.loads(each).get("message") for each in lines if each.startswith("{")}
    assert {"identify_visitors", "erase_visitor", "report"} <= said


def test_erasing_again_or_whom_nobody_knows_is_404_and_a_wrong_key_401(place: Place) -> None:
    token = place.visit("erased-twice-0001", "running")
    answers = [place.send("DELETE", f"/v1/visitors/{token}", key=key)[0] for key in (None, token, KEYS.admin)]
    answers += [place.send("DELETE", f"/v1/visitors/{token}")[0] for _ in range(2)]

    assert answers == [401, 401, 401, 200, 404]
    assert place.send("POST", "/v1/erase", {"user_id": "nobody"})[0] == 404


def test_two_users_who_log_in_at_once_on_one_device_do_not_share_it(place: Place) -> None:
    for number in range(3):
        token = place.visit(f"shared-device-{number}", "running")
        users = [f"{name}-{number}" for name in ("bob", "eve")] * 2

        def login(user: str, token: str = token) -> tuple[str, str]:
            status, answer = place.send("POST", "/v1/identify", {"visitor": token, "user_id": user})
            assert status == 200
            return user, answer["visitor"]

        with ThreadPoolExecutor(4) as pool:
            found = set(pool.map(login, users))

        assert len(found) == 2
        assert [visitor for _, visitor in found].count(token) == 1


def test_goals_that_race_with_logins_are_neither_lost_nor_doubled(place: Place) -> None:
    people, each_sends = 5, 6
    for person in range(people):
        tokens = [place.visit(f"raced-{person}-device-{device}", "raced") for device in range(3)]
        time.sleep(0.002)
        requests = [
            ("/v1/identify", {"visitor": token, "user_id": f"raced-{person}"}) for token in tokens * 2
        ]
        for number in range(each_sends):
            value = {"goal": "purchase", "value": f"{number}.25", "id": str(number)}
            told = [{"visitor": tokens[number % 3], **value}, {"user_id": f"raced-{person}", **value}]
            requests += [("/v1/engagement", each) for each in (*told, told)]
        random.Random(person).shuffle(requests)
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda request: place.send("POST", *request), requests))
        assert {status for status, _ in answers} == {200}
    place.report("race")
    report = place.read("raced", "latest")
    goals = {goal["key"]: goal for goal in report["goals"]}

    assert participants(report) == people
    assert report["exclusions"]["conflicts"] == 0
    assert sum(arm["mean"] * arm["n"] for arm in goals["purchase"]["arms"] if arm["n"]) == pytest.approx(
        people * sum(number + 0.25 for number in range(each_sends)), rel=1e-12
    )
