"""The emulator is reached on loopback only, and nothing of it stays."""

import os
import socket
from pathlib import Path

import pytest

from infra.errors import EmulatorError
from infra.local.emulator import Emulator


def is_alive(pid: int) -> bool:
    try:
        os.killpg(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_it_answers_while_it_runs_and_is_gone_afterwards() -> None:
    with Emulator() as running:
        assert running.is_healthy()
        assert running.process is not None
        pid, folder = running.process.pid, running.log.parent

    assert not running.is_healthy()
    assert not is_alive(pid)
    assert not folder.exists()


def test_it_listens_on_loopback_alone() -> None:
    with Emulator() as running:
        for family, _, _, _, address in socket.getaddrinfo(socket.gethostname(), running.port):
            with socket.socket(family) as probe:
                if not str(address[0]).startswith("127.") and address[0] != "::1":
                    assert probe.connect_ex(address) != 0
        assert listeners(running.port) <= {"0100007F"}


def listeners(port: int) -> set[str]:
    """The addresses that listen on a port, as the kernel writes them; none where it does not tell."""
    table = Path("/proc/net/tcp")
    rows = [line.split() for line in table.read_text().splitlines()[1:]] if table.exists() else []
    return {row[1].split(":")[0] for row in rows if row[3] == "0A" and int(row[1].split(":")[1], 16) == port}


def test_the_callers_own_aws_settings_stay_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "of a real account")
    monkeypatch.setenv("AWS_PROFILE", "prod")

    assert not [name for name in Emulator().environment() if name.startswith("AWS_")]


def test_one_that_cannot_start_says_why() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()

        with pytest.raises(EmulatorError, match="ended at once"), Emulator(port=taken.getsockname()[1]):
            pass
