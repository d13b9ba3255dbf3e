"""A calculator of one's own, packed from a folder and run by the deployed report functions."""

import io
import json
import time
import urllib.error
import urllib.request
import zipfile
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from infra.__main__ import main
from infra.aws import keyring, stack
from infra.aws.cloud import emulated
from infra.aws.stack import Deployment
from infra.commands import demo, logs
from infra.local.emulator import Emulator

Said = pytest.CaptureFixture[str]
pytestmark = pytest.mark.stack
STAGE = "calc"
SECONDS = 180
USERS = [f"customer-{number:02d}" for number in range(24)]
FAILING, DEADLY = "customer-07", "customer-11"
SLICE_SECONDS = 2
"""What the functions' time limit leaves beyond the margin of 30 s."""

ENGAGEMENT = """
import os
import time

from ourcode.rates import RATES
from small import whole


class Calculator:
    def calculate_user_engagement_score(self, user, start_date, end_date):
        time.sleep(0.25)
        if user == "customer-07":
            raise LookupError("no account of " + user)
        if user == "customer-11":
            os._exit(9)
        return whole(user) * RATES["eur"] / ((end_date - start_date).days + 1)
"""
SOURCES = {
    "ourcode/__init__.py": "",
    "ourcode/engagement.py": ENGAGEMENT,
    "ourcode/rates.py": 'RATES = {"eur": 1.25}\n',
    "small.py": 'def whole(user):\n    return int(user.split("-")[1])\n',
}
SETTING = "EngagementCalculator=ourcode.engagement.Calculator"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("yours")
    for name, source in SOURCES.items():
        (found / name).parent.mkdir(exist_ok=True)
        (found / name).write_text(source)
    return found


def run(emulator: Emulator, *words: str) -> int:
    """A command as a user types it; its exit code."""
    return main([*words, "--stage", STAGE, "--endpoint-url", emulator.url])


@pytest.fixture(scope="module")
def stage(emulator: Emulator, folder: Path) -> Deployment:
    """A stage with the calculator, little time for a slice, and users who bought."""
    assert run(emulator, "up", "--yes") == 0
    assert run(emulator, "deploy", "--yes", "--vendor", str(folder), "--set", SETTING) == 0
    deployed = stack.standing(emulated(emulator.url), STAGE)
    for name in ("ReportFunction", "RecountFunction"):
        configure(deployed, name, Timeout=30 + SLICE_SECONDS)
    call(deployed, "/admin/experiments", {"name": "price", "state": "enabled"})
    call(deployed, "/admin/goals", {"name": "buy"})
    people = [{"user_id": user, "experiments": ["price"]} for user in USERS]
    assert {each["status"] for each in call(deployed, "/v1/assign", people)["results"]} == {200}
    bought = [{"user_id": user, "goal": "buy", "id": user} for user in USERS]
    assert {each["status"] for each in call(deployed, "/v1/goals", bought)["results"]} == {200}
    return deployed


def configure(deployed: Deployment, function: str, **changes: Any) -> None:
    client = deployed.cloud.client("lambda")
    client.update_function_configuration(FunctionName=deployed.app[function], **changes)
    client.get_waiter("function_updated_v2").wait(FunctionName=deployed.app[function])


def call(deployed: Deployment, path: str, body: Any = None) -> Any:
    keys = keyring.needed(deployed.cloud, STAGE)
    key = keys.admin if path.startswith("/admin") else keys.server
    headers = {"Authorization": f"Bearer {key}", "X-Leansplit-Origin": keys.origin}
    headers["Content-Type"] = "application/json"
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(deployed.api_url + path, data, headers)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.loads(answer.read())


def finished(deployed: Deployment, job_id: str) -> dict[str, Any]:
    """The job once it is over; it is not there before its first function has started."""
    deadline, job = time.monotonic() + SECONDS, {"state": "not there"}
    while time.monotonic() < deadline:
        time.sleep(0.5)
        try:
            job = call(deployed, f"/admin/jobs/{job_id}")
        except urllib.error.HTTPError as error:
            if error.code != 404:
                raise
        if job["state"] not in ("not there", "running"):
            return job
    raise AssertionError(f"the job did not finish: {job}")


@pytest.fixture(scope="module")
def night(stage: Deployment) -> dict[str, Any]:
    """The nightly event, as EventBridge sends it: asynchronously, so that a failure is tried again."""
    event = demo.schedule_event(stage)
    client = stage.cloud.client("lambda")
    client.invoke(
        FunctionName=stage.app["ReportFunction"], InvocationType="Event", Payload=json.dumps(event).encode()
    )
    return finished(stage, f"nightly-{event['id']}")


def report(deployed: Deployment) -> dict[str, Any]:
    found = demo.written(deployed, "reports/price/latest.json")
    return {**found, "goals": {goal["key"]: goal for goal in found["goals"]}}


def test_the_report_has_the_sums_that_a_plain_computation_gives(
    stage: Deployment, night: dict[str, Any]
) -> None:
    """All enrolled today, so there is one day in each quotient."""
    variations = call(stage, "/v1/assign", [{"user_id": user, "enroll": False} for user in USERS])["results"]
    arms = [each["assignments"]["price"]["variation"] for each in variations]
    users, sums = Counter[str](), Counter[str]()
    for user, arm in zip(USERS, arms, strict=True):
        if user not in (FAILING, DEADLY):
            users[arm] += 1
            sums[arm] += int(user.split("-")[1])
    goal = report(stage)["goals"]["engagement_score"]

    assert {arm["key"]: arm["n"] for arm in goal["arms"]} == users
    for arm in goal["arms"]:
        assert Decimal(str(arm["mean"])) * arm["n"] == pytest.approx(Decimal("1.25") * sums[arm["key"]])
    assert goal["failed_users"] == 2
    assert sum(arm["conversions"] for arm in report(stage)["goals"]["buy"]["arms"]) == len(USERS)


def test_who_fails_and_who_ends_the_process_are_set_aside_with_their_errors(night: dict[str, Any]) -> None:
    assert night["state"] == "succeeded"
    assert sorted(night["calculation"]["failures"]) == [
        [f"~{FAILING}", f"LookupError: no account of {FAILING}"],
        [f"~{DEADLY}", "the call did not come back"],
    ]
    assert (night["calculation"]["calls"], night["calculation"]["failed"]) == (len(USERS), 2)


def lines(deployed: Deployment, function: str, message: str) -> list[dict[str, Any]]:
    group = f"/aws/lambda/{deployed.app[function]}"
    events = logs.events(deployed.cloud, group, 0, "")
    written = [line for event in events for line in event["message"].splitlines() if line.startswith("{")]
    return [found for found in map(json.loads, written) if found.get("message") == message]


def test_further_invocations_went_on_where_the_time_ended_and_said_how_far(
    stage: Deployment, night: dict[str, Any]
) -> None:
    """The report function begins; the recount function goes on, each time with what was kept."""
    told = lines(stage, "RecountFunction", "calculation")
    states = [line["state"] for line in lines(stage, "RecountFunction", "recount")]

    assert night["calculation"]["slices"] >= 3
    assert states.count("running") >= 2
    assert states.count("succeeded") == 1
    assert {line["job"] for line in told} == {night["id"]}
    assert max(line["calls"] for line in told) == len(USERS)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("nonsense", "must be a dotted path like package.module.Class"),
        ("ourcode.engagment.Calculator", "there is no ourcode/engagment.py in the folder of your code"),
        ("ourcode.engagement.Calculater", "ourcode/engagement.py has no Calculater"),
        ("small.whole", "ENGAGEMENT_CALCULATOR 'small.whole' cannot be loaded: TypeError"),
    ],
)
def test_a_path_that_leads_nowhere_is_refused_before_anything_is_changed(
    emulator: Emulator,
    stage: Deployment,
    folder: Path,
    path: str,
    said: str,
    capsys: Said,
) -> None:
    words = ["deploy", "--yes", "--vendor", str(folder), "--set", f"EngagementCalculator={path}"]

    assert run(emulator, *words) == 1
    told = capsys.readouterr()
    assert f"EngagementCalculator '{path}': {said}" in told.err
    assert "plan" not in told.out


def test_a_machine_without_your_code_does_not_deploy_over_it(
    emulator: Emulator, stage: Deployment, tmp_path: Path, capsys: Said
) -> None:
    """The setting lies in the stack, the code does not."""
    assert run(emulator, "deploy", "--yes", "--vendor", str(tmp_path)) == 1
    assert "there is no ourcode/engagement.py in the folder of your code" in capsys.readouterr().err


@pytest.fixture
def astray(stage: Deployment) -> Iterator[None]:
    """The function's setting names what is not there, as when a layer lost it after the deploy."""
    client = stage.cloud.client("lambda")
    name = stage.app["RecountFunction"]
    held = client.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    configure(
        stage,
        "RecountFunction",
        Environment={"Variables": {**held, "ENGAGEMENT_CALCULATOR": "gone.Calculator"}},
    )
    yield
    configure(stage, "RecountFunction", Environment={"Variables": held})


def test_a_calculator_that_is_gone_ends_the_job_at_once_by_its_name(
    emulator: Emulator,
    stage: Deployment,
    night: dict[str, Any],
    astray: None,
    capsys: Said,
) -> None:
    before = demo.written(stage, "reports/price/latest.json")

    assert run(emulator, "run-report", "--yes", "--timeout", "60") == 1
    assert "is failed: ENGAGEMENT_CALCULATOR 'gone.Calculator' cannot be loaded" in capsys.readouterr().err
    assert demo.written(stage, "reports/price/latest.json") == before
    group = f"/aws/lambda/{stage.app['RecountFunction']}"
    assert any("'gone.Calculator'" in each["message"] for each in logs.events(stage.cloud, group, 0, ""))


def layer_of(deployed: Deployment, name: str, source: str) -> str:
    """The version ARN of a layer with one module."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as zipped:
        zipped.writestr(f"python/{name}.py", source)
    made = deployed.cloud.client("lambda").publish_layer_version(
        LayerName="yours", Content={"ZipFile": out.getvalue()}
    )
    return str(made["LayerVersionArn"])


def test_a_layer_of_yours_may_bring_the_calculator(
    emulator: Emulator,
    stage: Deployment,
    night: dict[str, Any],
    folder: Path,
    capsys: Said,
) -> None:
    """It counts the users anew, since the day is not over; without the folder's code nobody fails."""
    source = "class Even:\n    def calculate_user_engagement_score(self, *asked):\n        return 2\n"
    arn = layer_of(stage, "layered", source)
    words = ["--set", f"CalculatorLayer={arn}", "--set", "EngagementCalculator=layered.Even"]

    assert run(emulator, "deploy", "--yes", "--vendor", str(folder), *words) == 0
    assert run(emulator, "run-report", "--yes") == 0
    told = capsys.readouterr().out
    goal = report(stage)["goals"]["engagement_score"]
    assert f"calculator: {len(USERS)} calls" in told
    assert sum(arm["n"] for arm in goal["arms"]) == len(USERS)
    assert {float(arm["mean"]) for arm in goal["arms"]} == {2.0}
