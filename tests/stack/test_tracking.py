"""Tracking on the deployed stack: the real endpoints, the fold function under its own role, the command."""

import json
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from chalicelib.domain.tracking.increment import Entry
from chalicelib.storage.dynamo.store import DynamoStore
from infra.__main__ import main
from infra.aws.stack import Deployment
from tests.stack.conftest import KEYS
from tests.tracking import event, message

pytestmark = pytest.mark.stack
HUMAN = "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0"
TRACKER = {"name": "products", "kind": "product", "fields": ["views", "buys"], "granularity": "total"}
TARGET = "https://shop.example/1"


def send(deployed: Deployment, method: str, path: str, body: Any = None, key: str | None = None) -> Any:
    headers = {"User-Agent": HUMAN, "Content-Type": "application/json"}
    headers |= {} if key is None else {"Authorization": f"Bearer {key}"}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(deployed.api_url + path, data, headers, method=method)
    with urllib.request.urlopen(request, timeout=60) as answer:
        text = answer.read()
    return json.loads(text) if text[:1] == b"{" else text


@pytest.fixture(scope="module")
def tracked(deployed: Deployment) -> Deployment:
    send(deployed, "POST", "/admin/trackers", TRACKER, KEYS.admin)
    objects = [{"object": "product:1", "target": TARGET}]
    send(deployed, "POST", "/admin/trackers/products/objects", {"objects": objects}, KEYS.admin)
    return deployed


@pytest.fixture
def table(tracked: Deployment, monkeypatch: pytest.MonkeyPatch) -> str:
    """The stage's table, with the environment that AWS's clients read."""
    account = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    address = {"AWS_ENDPOINT_URL": str(tracked.cloud.url), "AWS_DEFAULT_REGION": tracked.cloud.region}
    for name, value in {**account, **address}.items():
        monkeypatch.setenv(name, value)
    return str(tracked.data["LeansplitTable"])


def sums(deployed: Deployment) -> dict[str, dict[str, str]]:
    found = send(deployed, "GET", "/admin/trackers/products?length=100", key=KEYS.admin)
    return {row["object"]: {f: v["sum"] for f, v in row["fields"].items()} for row in found["rows"]}


def test_2000_events_through_api_gateway_count_once_each(tracked: Deployment, table: str) -> None:
    events = [
        event(object=f"product:{n % 7}", by="0.5", field=("views", "buys")[n % 2]) for n in range(2_000)
    ]
    batches = [{"events": events[first : first + 50]} for first in range(0, 2_000, 50)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda batch: send(tracked, "POST", "/e/track", batch), batches))
    assert main(["fold", "--table", table]) == 0
    found = sums(tracked)

    assert sum(float(each["views"]) for each in found.values()) == 500
    assert sum(float(each["buys"]) for each in found.values()) == 500


def test_the_fold_function_may_do_what_it_has_to(tracked: Deployment, table: str) -> None:
    before = time.time_ns() // 1_000_000 - 60_000
    made = message("old", Entry("product:9", "views", before, 10_000), at=before)
    gone = message("gone", Entry("product:9", "gone", before, 10_000), at=before)
    DynamoStore(table, table).append([made, gone], [], before)
    at = "2026-03-10T12:00:00Z"
    event = {"id": "fold-test", "detail-type": "Scheduled Event", "source": "aws.events", "account": "0"}
    event |= {"time": at, "region": "us-east-1", "resources": ["rule/fold"], "detail": {}, "version": "0"}
    answer = tracked.cloud.client("lambda").invoke(
        FunctionName=tracked.app["FoldFunction"], Payload=json.dumps(event).encode()
    )

    assert "FunctionError" not in answer, answer["Payload"].read()
    assert sums(tracked)["product:9"]["views"] == "1"
    aside = send(tracked, "GET", "/admin/set-aside?tracker=products", key=KEYS.admin)["rows"]
    assert [row["reason"] for row in aside] == ["unknown_field"]


def test_a_click_leads_to_its_target(tracked: Deployment) -> None:
    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *args: Any) -> None:
            return None

    request = urllib.request.Request(
        f"{tracked.api_url}/e/go/products/product%3A1", headers={"User-Agent": HUMAN}
    )
    with pytest.raises(urllib.error.HTTPError) as answered:
        urllib.request.build_opener(Stay).open(request, timeout=60)

    assert (answered.value.code, answered.value.headers["Location"]) == (302, TARGET)


def test_one_tracker_and_so_many_messages_are_folded_by_hand(
    tracked: Deployment, table: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["fold", "--table", table]) == 0
    capsys.readouterr()
    for _ in range(5):
        answer = send(tracked, "POST", "/e/track", {"events": [event(object="product:8")] * 2}, KEYS.server)
        assert answer["accepted"] == 2
    assert main(["fold", "products", "--max", "3", "--table", table]) == 0
    assert main(["fold", "refused", "--table", table]) == 0
    assert main(["fold", "nothing", "--table", table]) == 1

    said = capsys.readouterr()
    assert said.out.splitlines() == [
        "applied 6 events from 3 messages, set 0 aside",
        "applied 0 events from 0 messages, set 0 aside",
    ]
    assert "no tracker 'nothing'" in said.err
