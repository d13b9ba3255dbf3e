"""`serve`: one front door for site and API, up until it is stopped."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from infra.aws import stack
from infra.commands import serve
from infra.errors import InfraError
from infra.local.emulator import free_port
from infra.paths import ROOT

KEYS = {"ADMIN_KEY": "admin-key-of-the-test", "SERVER_KEY": "server-key-of-the-test"}


def test_a_short_key_is_refused_by_its_name() -> None:
    with pytest.raises(InfraError, match="SERVER_KEY must have 16"):
        serve.check(stack.Keys("a" * 16, "short", "t" * 32))


def test_a_port_in_use_is_said_before_anything_starts() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()

        with pytest.raises(InfraError, match="is in use"):
            serve.listen(taken.getsockname()[1])


SOURCE = """class Calculator:
    def calculate_user_engagement_score(self, user, start_date, end_date):
        return len(user)
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    port, yours = free_port(), tmp_path_factory.mktemp("yours")
    (yours / "mine.py").write_text(SOURCE)
    environment = {**os.environ, **KEYS, "PORT": str(port)}
    words = ["serve", "--vendor", str(yours), "--set", "EngagementCalculator=mine.Calculator"]
    with subprocess.Popen(
        [sys.executable, "-m", "infra", *words], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            until_up(f"http://127.0.0.1:{port}")
            yield f"http://127.0.0.1:{port}", process
        finally:
            process.terminate()


def until_up(url: str) -> None:
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline:
        try:
            fetch(f"{url}/e/assign")
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
        else:
            return
    raise AssertionError("the server did not come up")


def fetch(url: str, body: bytes | None = None, **headers: str) -> tuple[int, bytes]:
    typed = headers if body is None else {**headers, "Content-Type": "application/json"}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body, typed), timeout=60) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


@pytest.mark.stack
def test_the_api_and_the_site_are_behind_one_address(server: tuple[str, subprocess.Popen[str]]) -> None:
    url, _ = server

    assert set(json.loads(fetch(f"{url}/e/assign")[1])["assignments"]) == {"headline"}
    assert fetch(f"{url}/none.html")[0] == 404


@pytest.mark.stack
def test_a_shop_is_open_with_its_experiment_in_the_published_snippet(
    server: tuple[str, subprocess.Popen[str]],
) -> None:
    url, _ = server

    assert b"leansplit.js" in fetch(f"{url}/")[1]
    assert b'window.leansplitConfig={"headline":{' in fetch(f"{url}/leansplit.js")[1]
    assert b"/e/goal/thanks" in fetch(f"{url}/thanks.html")[1]


@pytest.mark.stack
def test_the_given_key_opens_the_admin_api(server: tuple[str, subprocess.Popen[str]]) -> None:
    url, _ = server

    assert fetch(f"{url}/admin/experiments", Authorization=f"Bearer {KEYS['ADMIN_KEY']}")[0] == 200
    assert fetch(f"{url}/admin/experiments")[0] == 401


@pytest.mark.stack
def test_your_function_runs_in_a_report_on_demand(server: tuple[str, subprocess.Popen[str]]) -> None:
    url, _ = server
    server_key, admin_key = (f"Bearer {KEYS[name]}" for name in ("SERVER_KEY", "ADMIN_KEY"))
    people = json.dumps([{"user_id": "x" * n, "experiments": ["headline"]} for n in (2, 4, 6)]).encode()
    assert fetch(f"{url}/v1/assign", people, Authorization=server_key)[0] == 200
    job = json.loads(fetch(f"{url}/admin/reports", b"{}", Authorization=admin_key)[1])
    deadline = time.monotonic() + 60
    while job["state"] == "running" and time.monotonic() < deadline:
        time.sleep(0.2)
        job = json.loads(fetch(f"{url}/admin/jobs/{job['id']}", Authorization=admin_key)[1])
    report = json.loads(fetch(f"{url}/admin/reports/headline/latest", Authorization=admin_key)[1])
    goal = next(each for each in report["goals"] if each["key"] == "engagement_score")

    assert job["calculation"] == {"calls": 3, "failed": 0, "slices": 1, "failures": []}
    assert sum(float(arm["mean"] or 0) * arm["n"] for arm in goal["arms"]) == 12


@pytest.mark.stack
def test_it_ends_in_peace_and_leaves_nothing_behind(server: tuple[str, subprocess.Popen[str]]) -> None:
    url, process = server
    process.send_signal(signal.SIGTERM)
    said, _ = process.communicate(timeout=60)

    assert process.returncode == 0
    assert KEYS["ADMIN_KEY"] in said
    assert "stopping" in said
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(url, timeout=5)
