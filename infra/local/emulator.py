"""The AWS emulator: ministack on a loopback port, in its own session and folder, gone when stopped."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Self

from infra.errors import EmulatorError

START_SECONDS = 30
# It starts more than AWS's front door unless told otherwise.
QUIET = {
    "SFTP_ENABLED": "0",
    "IOT_MTLS_ENABLED": "0",
    "LOG_LEVEL": "WARNING",
    "LAMBDA_WARM_TTL_SECONDS": "3600",
}


class Emulator:
    """A context manager; `url` is the endpoint of every AWS service while it runs."""

    def __init__(self, port: int | None = None) -> None:
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None
        self._folder = tempfile.TemporaryDirectory(prefix="leansplit-emulator-", ignore_cleanup_errors=True)

    @property
    def log(self) -> Path:
        return Path(self._folder.name) / "emulator.log"

    def __enter__(self) -> Self:
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", "from ministack.app import main; main()"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self.environment(),
                start_new_session=True,
            )
        try:
            self.wait()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self.stop()

    def environment(self) -> dict[str, str]:
        """Nothing of the caller's own AWS settings; its Lambda workers inherit this."""
        mine = {key: os.environ[key] for key in ("PATH", "HOME", "LANG") if key in os.environ}
        folder = {"TMPDIR": self._folder.name, "S3_DATA_DIR": f"{self._folder.name}/s3"}
        address = {"GATEWAY_PORT": str(self.port), "BIND_HOST": "127.0.0.1", "AUTH": "true"}
        return mine | QUIET | folder | address

    def wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.process is None or self.process.poll() is not None:
                raise EmulatorError(f"the emulator ended at once:\n{self.log.read_text()[-2000:]}")
            if self.is_healthy():
                return
            time.sleep(0.05)
        raise EmulatorError(f"the emulator did not answer within {START_SECONDS} s")

    def is_healthy(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/_ministack/health", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def stop(self) -> None:
        """End it and its Lambda workers at once: all that they know goes with their folder."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None
        self._folder.cleanup()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
