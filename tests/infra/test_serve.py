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

from infra import serve, stack
from infra.emulator import free_port
from infra.errors import InfraError
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


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[str, subprocess.Popen[str]]]:
    port = free_port()
    environment = {**os.environ, **KEYS, "PORT": str(port)}
    with subprocess.Popen(
        [sys.executable, "-m", "infra", "serve"], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
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


def fetch(url: str, **headers: str) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=60) as answer:
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
def test_it_ends_in_peace_and_leaves_nothing_behind(server: tuple[str, subprocess.Popen[str]]) -> None:
    url, process = server
    process.send_signal(signal.SIGTERM)
    said, _ = process.communicate(timeout=60)

    assert process.returncode == 0
    assert KEYS["ADMIN_KEY"] in said
    assert "stopping" in said
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(url, timeout=5)
