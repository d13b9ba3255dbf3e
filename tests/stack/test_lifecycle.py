"""The life of a stage by its commands: up, deploy, use, update, down, and up again; from two machines."""

import json
import shutil
import subprocess
import sys
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from infra.aws import keyring, stack
from infra.aws.cloud import emulated
from infra.commands import publish
from infra.local.emulator import Emulator
from infra.paths import ROOT

pytestmark = pytest.mark.stack
STAGE = "life"
LOCKS = ("requirements.txt", "requirements-report.txt", "constraints.txt")
OURS = ("app.py", "chalicelib", "infra", ".chalice", *LOCKS)


@dataclass(frozen=True)
class Machine:
    """A checkout, and the emulator in the place of AWS."""

    folder: Path
    url: str

    def run(self, *words: str, code: int = 0, typed: str | None = None) -> str:
        """What a command prints, which must end with `code`."""
        done = subprocess.run(
            [sys.executable, "-m", "infra", *words, "--stage", STAGE, "--endpoint-url", self.url],
            cwd=self.folder,
            input=typed,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr


@pytest.fixture(scope="module")
def machine(emulator: Emulator) -> Machine:
    return Machine(ROOT, emulator.url)


@pytest.fixture(scope="module")
def second(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Machine:
    """Another checkout with a build folder of its own; the wheels alone are not fetched again."""
    folder = tmp_path_factory.mktemp("second") / "leansplit"
    for name in OURS:
        source, copy = ROOT / name, folder / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(
                source, copy, ignore=shutil.ignore_patterns("__pycache__", "deployments", "deployed")
            )
        else:
            shutil.copyfile(source, copy)
    for kind in ("vendor", "layer"):
        shutil.copytree(ROOT / "build" / kind, folder / "build" / kind)
    return Machine(folder, emulator.url)


def standing(machine: Machine) -> stack.Deployment:
    return stack.standing(emulated(machine.url), STAGE)


def call(machine: Machine, method: str, path: str, body: Any = None) -> Any:
    """An operator's request, with the keys that `up` has made."""
    keys = keyring.needed(emulated(machine.url), STAGE)
    headers = {"Authorization": f"Bearer {keys.admin.split(',')[0]}", "Content-Type": "application/json"}
    headers |= {"Accept": "application/json", "X-Leansplit-Origin": keys.origin.split(",")[0]}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(standing(machine).api_url + path, data, headers, method=method)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.loads(answer.read())


def setting(machine: Machine, name: str) -> str:
    function = standing(machine).app["APIHandlerName"]
    client = emulated(machine.url).client("lambda")
    return str(client.get_function_configuration(FunctionName=function)["Environment"]["Variables"][name])


def test_the_life_of_a_stage(machine: Machine, second: Machine) -> None:
    assert "`python -m infra up` makes it" in machine.run("deploy", "--yes", code=1)
    assert "--yes goes on" in machine.run("up", code=1)
    assert "CREATE_COMPLETE" in machine.run("up", "--yes")
    assert "nothing to change" in machine.run("up", "--yes")

    deployed = machine.run("deploy", "--yes", "--set", "CookieDomain=shop.example")
    assert "plan: create stack leansplit-life-app" in deployed
    assert "https://" in deployed
    assert "leansplit.js" in machine.run("publish", "--yes")

    call(machine, "POST", "/admin/experiments", {"name": "headline", "state": "enabled"})
    assert "1 reports" in machine.run("run-report", "--yes")
    assert "run_reports" in machine.run("logs", "api")

    updated = second.run("deploy", "--yes", "--set", "PixelRate=50")
    assert "PixelRate: 2000 → 50" in updated
    assert "upload: code" not in updated, "two machines build the same bytes"
    assert "CookieDomain" not in updated
    assert setting(machine, "COOKIE_DOMAIN") == "shop.example"

    told = machine.run("down", "--yes")
    assert "stays: table leansplit-life-visitors" in told
    assert "none" in machine.run("status", code=1)
    assert "nothing to take away" in machine.run("down", "--yes")

    assert "nothing to change" in second.run("up", "--yes")
    second.run("deploy", "--yes")
    assert [each["name"] for each in call(second, "GET", "/admin/experiments")["experiments"]] == ["headline"]
    assert list(call(second, "GET", "/admin/reports/headline")["days"])


def test_who_goes_round_the_front_door_is_refused(machine: Machine) -> None:
    machine.run("up", "--yes")
    machine.run("deploy", "--yes")
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(standing(machine).api_url + "/e/assign", timeout=60)

    assert refused.value.code == 403


def test_a_rotated_key_counts_after_a_deploy_and_the_old_one_until_it_is_retired(machine: Machine) -> None:
    cloud = emulated(machine.url)
    before = keyring.needed(cloud, STAGE)
    told = machine.run("keys", "--rotate", "admin", "--yes")
    after = keyring.needed(cloud, STAGE)
    machine.run("deploy", "--yes")
    for keys in (before, after):
        publish.call(standing(machine), keys, "GET", "/admin/experiments")
    machine.run("keys", "--retire", "admin", "--yes")
    machine.run("deploy", "--yes")

    assert before.admin not in told
    assert after.admin.endswith("," + before.admin)
    publish.call(standing(machine), after, "GET", "/admin/experiments")
    with pytest.raises(publish.InfraError, match="answered 401"):
        publish.call(standing(machine), before, "GET", "/admin/experiments")


def test_purging_deletes_everything_and_may_be_repeated(machine: Machine) -> None:
    assert "gone" in machine.run("down", "--purge-data", "--yes")
    assert "nothing to take away" in machine.run("down", "--purge-data", "--yes")

    cloud = emulated(machine.url)
    tables = cloud.client("dynamodb").list_tables()["TableNames"]
    buckets = [each["Name"] for each in cloud.client("s3").list_buckets()["Buckets"]]

    assert [name for name in [*tables, *buckets] if f"-{STAGE}" in name] == []
    assert keyring.load(cloud, STAGE) is None
