"""What one anonymous browser sends cannot stop the night: tried on the deployed stack."""

import json
import re
import time
import urllib.request
from typing import Any

import pytest

from chalicelib.domain.instant import DAY, iso_at
from infra.aws.stack import Deployment
from infra.commands import demo
from tests.stack.conftest import KEYS

pytestmark = pytest.mark.stack
HUMAN = "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0"
ATTACKED, OTHERS = "night-attacked", ("night-one", "night-two")
INSTANTS = re.compile(rb'"(generated_at|data_through)":"[^"]*"')


def send(deployed: Deployment, method: str, path: str, body: Any = None, key: str | None = None) -> Any:
    headers = {"User-Agent": HUMAN, "Content-Type": "application/json", "Accept": "*/*"}
    headers |= {} if key is None else {"Authorization": f"Bearer {key}"}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(deployed.api_url + path, data, headers, method=method)
    with urllib.request.urlopen(request, timeout=60) as answer:
        text = answer.read()
    return json.loads(text) if text[:1] in (b"{", b"[") else text


def reports_of(deployed: Deployment, name: str) -> dict[str, bytes]:
    s3, bucket = deployed.cloud.client("s3"), deployed.data["ReportsBucket"]
    listed = s3.list_objects_v2(Bucket=bucket, Prefix=f"reports/{name}/").get("Contents", [])
    found = {each["Key"]: s3.get_object(Bucket=bucket, Key=each["Key"])["Body"].read() for each in listed}
    return {key: INSTANTS.sub(b"", data) for key, data in found.items()}


def forget_reports(deployed: Deployment) -> None:
    """So that the next night writes every report anew."""
    table, s3 = deployed.data["LeansplitTable"], deployed.cloud.client("s3")
    dynamo, bucket = deployed.cloud.client("dynamodb"), deployed.data["ReportsBucket"]
    for name in (ATTACKED, *OTHERS):
        partition = {":pk": {"S": f"reports#{name}"}}
        items = dynamo.query(
            TableName=table, KeyConditionExpression="pk = :pk", ExpressionAttributeValues=partition
        )["Items"]
        for item in items:
            dynamo.delete_item(TableName=table, Key={"pk": item["pk"], "sk": item["sk"]})
        for key in reports_of(deployed, name):
            s3.delete_object(Bucket=bucket, Key=key)


def experiment_with_a_past(deployed: Deployment, name: str, now: int) -> None:
    entry = {"name": name, "state": "enabled", "started_at": iso_at(now - 3 * DAY), "goals": ["buy"]}
    send(deployed, "POST", "/admin/experiments", entry, KEYS.admin)
    people = [{"user_id": f"attack-{number}", "experiments": [name]} for number in range(20)]
    send(deployed, "POST", "/v1/assign", people, KEYS.server)


def test_an_enrolment_dated_before_its_phase_ends_no_night_and_changes_no_other_report(
    deployed: Deployment,
) -> None:
    now = time.time_ns() // 1_000_000
    for name in (ATTACKED, *OTHERS):
        experiment_with_a_past(deployed, name, now)
    weights = {"weights": [0.3, 0.7]}
    assert send(deployed, "PATCH", f"/admin/experiments/{ATTACKED}", weights, KEYS.admin)["published"]
    attacker = "attacker-0123456789012"
    there = [{"type": "confirm", "id": "c", "age": 82_000_000}]
    send(deployed, "POST", "/e/collect", {"visitor": attacker, "events": there})
    assert demo.invoke_report(deployed)["state"] == "succeeded"
    before = {name: reports_of(deployed, name) for name in OTHERS}

    forget_reports(deployed)
    attack = [
        {"type": "enroll", "id": "e", "age": 82_000_000, "experiment": ATTACKED, "phase": 2},
        {"type": "goal", "id": "g", "age": 81_000_000, "goal": "buy"},
        {"type": "goal", "id": "h", "age": 0, "goal": "buy"},
    ]
    for event in attack:
        send(deployed, "POST", "/e/collect", {"visitor": attacker, "events": [event]})
    job = demo.invoke_report(deployed)

    assert (job["state"], job["failed"]) == ("succeeded", [])
    assert all(len(files) > 3 for files in before.values())
    assert {name: reports_of(deployed, name) for name in OTHERS} == before
    for data in reports_of(deployed, ATTACKED).values():
        goals = json.loads(data.replace(b"{,", b"{").replace(b",,", b","))["goals"]
        assert all(arm["conversions"] <= arm["n"] for goal in goals for arm in goal["arms"])
