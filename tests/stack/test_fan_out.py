"""A recount split over invocations of the deployed function: the last to finish writes the reports."""

import json
import time
from typing import Any

import pytest

from chalicelib.domain.experiments.experiment_input import experiment_from
from chalicelib.domain.visitors.event import SERVER, Confirmed, Enrolled
from chalicelib.services.reports import recount_job
from chalicelib.services.visitors.collect import collect
from chalicelib.storage.dynamo.store import DynamoStore
from infra.aws.stack import Deployment

pytestmark = pytest.mark.stack
PEOPLE = 60
SECONDS = 120


@pytest.fixture
def store(deployed: Deployment, monkeypatch: pytest.MonkeyPatch) -> DynamoStore:
    monkeypatch.setenv("AWS_ENDPOINT_URL", str(deployed.cloud.url))
    monkeypatch.setenv("AWS_DEFAULT_REGION", deployed.cloud.region)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    return DynamoStore(deployed.data["VisitorsTable"], deployed.data["LeansplitTable"])


def test_segments_in_lambdas_of_their_own_count_everybody_once(
    deployed: Deployment, store: DynamoStore
) -> None:
    now = time.time_ns() // 1_000_000
    store.save_experiment(experiment_from({"name": "fan-out", "state": "enabled"}, now - 1000))
    for number in range(PEOPLE):
        events = [Confirmed("c", now), Enrolled("e", now, "fan-out")]
        collect(store, store.definitions(), f"fan-out-{number:03d}", events, now, SERVER)
    recount_job.start(store, "fan-out", 4, now + 1)
    client = deployed.cloud.client("lambda")
    # The second one is told twice, as Lambda may.
    for segment in (2, 0, 1, 1, 3):
        payload = json.dumps({"job": "fan-out", "segment": segment})
        client.invoke(FunctionName=deployed.app["RecountFunction"], InvocationType="Event", Payload=payload)
    job = finished(store)
    report = store.load_report("fan-out", job["reports"]["fan-out"])

    assert (job["state"], job["done"]) == ("succeeded", [0, 1, 2, 3])
    assert report is not None
    assert sum(arm["n"] for arm in report["goals"][-1]["arms"]) == PEOPLE


def finished(store: DynamoStore) -> dict[str, Any]:
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        found = store.load_job("fan-out")
        if found is not None and found[0]["state"] != "running":
            return found[0]
        time.sleep(0.2)
    raise AssertionError(f"the recount did not finish: {store.load_job('fan-out')}")
