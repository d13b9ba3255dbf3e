"""`chalice deploy` after `up`: its calls are captured, its API is held against the template's."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from infra.local.emulator import Emulator
from infra.packaging import bundle, snippet
from infra.packaging.target import LOCAL
from infra.paths import ROOT

pytestmark = pytest.mark.stack
STAGE = "chal"
Calls = list[dict[str, Any]]


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout as Chalice sees it; the dependencies are those of the thin zip, not fetched again."""
    folder = tmp_path_factory.mktemp("chalice")
    for source in bundle.sources():
        copy = folder / source.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, copy)
    snippet.build(folder / "chalicelib" / "snippet" / "built")
    shutil.copytree(bundle.dependencies(LOCAL), folder / "vendor")
    (folder / "requirements.txt").touch()
    return folder


@pytest.fixture(scope="module")
def calls(emulator: Emulator, room: Path) -> Calls:
    """What `chalice deploy` asks of AWS after `up` and `chalice-config`."""
    for command in (["up"], ["chalice-config", "--out", str(room / ".chalice"), "--architecture", "x86_64"]):
        words = [*command, "--stage", STAGE, "--endpoint-url", emulator.url, "--yes"]
        done = subprocess.run(
            [sys.executable, "-m", "infra", *words], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
    noted = room / "calls.jsonl"
    account = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    environment = {"AWS_ENDPOINT_URL": emulator.url, "AWS_DEFAULT_REGION": "us-east-1", **account}
    script = str(Path(__file__).parent / "chalice_calls.py")
    done = subprocess.run(
        [sys.executable, script, str(noted), "deploy", "--stage", STAGE],
        cwd=room,
        env={"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return [json.loads(line) for line in noted.read_text().splitlines()]


def requests(calls: Calls, operation: str) -> list[dict[str, Any]]:
    return [call["request"] for call in calls if call["operation"] == operation]


def routes(swagger: dict[str, Any]) -> dict[tuple[str, str], Any]:
    """(path, method) → all that is said of it but the function's address, whose form differs."""
    return {
        (path, method): {
            **said,
            "x-amazon-apigateway-integration": {
                key: value for key, value in said["x-amazon-apigateway-integration"].items() if key != "uri"
            },
        }
        for path, methods in swagger["paths"].items()
        for method, said in methods.items()
    }


def test_the_api_that_chalice_sends_is_the_one_in_the_template(calls: Calls) -> None:
    sent = json.loads(requests(calls, "ImportRestApi")[0]["body"])
    template = bundle.build(LOCAL, STAGE).template["Resources"]["RestAPI"]["Properties"]

    assert routes(sent) == routes(template["DefinitionBody"])
    assert len(routes(sent)) > 20


def test_four_functions_are_made_with_the_settings_of_the_template(calls: Calls) -> None:
    made = {each["FunctionName"]: each for each in requests(calls, "CreateFunction")}
    resources = bundle.build(LOCAL, STAGE).template["Resources"]

    assert made.keys() == {f"leansplit-{STAGE}{end}" for end in ("", "-report", "-recount", "-fold")}
    for resource, end in (
        ("APIHandler", ""),
        ("Report", "-report"),
        ("Recount", "-recount"),
        ("Fold", "-fold"),
    ):
        meant, function = resources[resource]["Properties"], made[f"leansplit-{STAGE}{end}"]
        assert (function["MemorySize"], function["Timeout"]) == (meant["MemorySize"], meant["Timeout"])
        always = [each for each in meant.get("Layers", []) if "Fn::If" not in each]
        assert len(function.get("Layers", [])) == len(always)
        assert function["Handler"] == meant.get("Handler", "app.app")


def test_no_key_is_in_what_chalice_sends(calls: Calls) -> None:
    variables = [each["Environment"]["Variables"] for each in requests(calls, "CreateFunction")]

    assert [each["KEYS_PARAMETER"] for each in variables] == [f"/leansplit/{STAGE}/keys"] * 4
    assert not [name for each in variables for name in each if name in ("ADMIN_KEYS", "TOKEN_KEYS")]


def test_each_function_gets_a_role_with_the_rights_of_the_template_s(calls: Calls) -> None:
    policies = [json.loads(each["PolicyDocument"]) for each in requests(calls, "PutRolePolicy")]
    sids = sorted(sorted(each["Sid"] for each in policy["Statement"]) for policy in policies)

    assert len(policies) == 4
    assert ["FoldLanes", "PublishToTheSite", "ReadKeys", "SeeWhatTheSiteLacks", "WriteItsLog"] in sids
    assert not [each for policy in policies for each in policy["Statement"] if each["Resource"] == "*"]


def test_the_schedules_are_those_of_the_template(calls: Calls) -> None:
    schedules = {each["ScheduleExpression"] for each in requests(calls, "PutRule")}

    assert schedules == {"cron(30 0 * * ? *)", "rate(1 minute)"}


def test_a_function_deployed_by_chalice_reads_its_keys_and_runs(emulator: Emulator, calls: Calls) -> None:
    from infra.aws.cloud import emulated

    event = json.loads((ROOT / "tests" / "data" / "events" / "schedule.json").read_text())
    client = emulated(emulator.url).client("lambda", read_timeout=120)
    answer = client.invoke(FunctionName=f"leansplit-{STAGE}-report", Payload=json.dumps(event))

    assert "FunctionError" not in answer, answer["Payload"].read()
    assert json.loads(answer["Payload"].read())["state"] == "succeeded"
