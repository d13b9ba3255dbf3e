"""`serve`: the deployed stack stays up on the emulator, behind one front door like CloudFront's."""

import argparse
import os
import secrets
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from infra.aws import stack, stage
from infra.aws.cloud import emulated
from infra.errors import InfraError
from infra.local import shopfront, target_store
from infra.local.emulator import Emulator
from infra.packaging import bundle, snippet, vendor
from infra.packaging.target import LOCAL
from infra.paths import BUILD, ROOT

STAGE = "local"
WORKERS = 4
LOG = BUILD / "serve.log"
SHORTEST_KEY = 16


def register(commands: Any) -> None:
    parser = commands.add_parser("serve", help="keep the stack up behind a development front door")
    parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8000")))
    parser.add_argument("--admin-key", default=os.environ.get("ADMIN_KEY") or secrets.token_urlsafe(24))
    parser.add_argument("--server-key", default=os.environ.get("SERVER_KEY") or secrets.token_urlsafe(24))
    stage.own_code(stage.settings(parser, "app.yaml")).set_defaults(func=serve)


def serve(args: argparse.Namespace) -> int:
    keys = stack.Keys(args.admin_key, args.server_key, secrets.token_urlsafe(32))
    check(keys)
    listener = listen(args.port)
    with listener, Emulator() as emulator, LOG.open("ab") as log:
        deployed = deploy(emulator, keys, args)
        settings = {**settings_of(deployed), "SNIPPET_FOLDER": str(snippet.TARGET)}
        workers = Workers(settings, listener, log)
        target_store.remember(settings)
        try:
            workers.start()
            show(args.port, deployed, keys)
            watch(workers, emulator, keys, args)
        except KeyboardInterrupt:
            print("\nstopping", flush=True)
        finally:
            workers.stop()
            target_store.forget()
    return 0


def check(keys: stack.Keys) -> None:
    for name, key in (("ADMIN_KEY", keys.admin), ("SERVER_KEY", keys.server)):
        if len(key) < SHORTEST_KEY:
            raise InfraError(f"{name} must have {SHORTEST_KEY} characters or more")


def listen(port: int) -> socket.socket:
    """Taken first, so that a port in use is said before anything starts."""
    BUILD.mkdir(exist_ok=True)
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError as error:
        raise InfraError(f"port {port} is in use; give another one with PORT") from error
    listener.listen(128)
    return listener


def deploy(emulator: Emulator, keys: stack.Keys, args: argparse.Namespace) -> stack.Deployment:
    snippet.build()
    cloud, settings = emulated(emulator.url), dict(args.set)
    deployed = stack.deploy(cloud, STAGE, LOCAL, keys, say, True, settings, args.vendor)
    shopfront.open_shop(deployed, keys.admin.split(",")[0])
    return deployed


def say(line: str) -> None:
    print(f"  {line}", flush=True)


def settings_of(deployed: stack.Deployment) -> dict[str, str]:
    """What the template gives the API's function, and where the emulator is."""
    function = deployed.cloud.client("lambda").get_function_configuration(
        FunctionName=deployed.app["APIHandlerName"]
    )
    address = {"AWS_ENDPOINT_URL": str(deployed.cloud.url), "AWS_DEFAULT_REGION": deployed.cloud.region}
    account = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    return {**function["Environment"]["Variables"], **address, **account}


@dataclass
class Workers:
    """Processes that share one listening socket; a restart keeps callers waiting, but refuses none."""

    settings: dict[str, str]
    listener: socket.socket
    log: BinaryIO
    running: tuple[subprocess.Popen[bytes], ...] = ()

    def start(self) -> None:
        descriptor = self.listener.fileno()
        self.running = tuple(
            subprocess.Popen(
                [sys.executable, "-m", "infra.local.front", str(descriptor)],
                cwd=ROOT,
                env={"PATH": os.environ["PATH"], **self.settings},
                pass_fds=[descriptor],
                stdout=self.log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            for _ in range(WORKERS)
        )

    def stop(self) -> None:
        for worker in self.running:
            worker.terminate()
        for worker in self.running:
            worker.wait()
        self.running = ()

    def restart(self) -> None:
        self.stop()
        self.start()

    @property
    def died(self) -> bool:
        return any(worker.poll() is not None for worker in self.running)


def watch(workers: Workers, emulator: Emulator, keys: stack.Keys, args: argparse.Namespace) -> None:
    """Take up a change of the code at once in the front door, then in the deployed functions."""
    seen = stamp(args.vendor)
    while True:
        time.sleep(0.5)
        if workers.died:
            workers.stop()
            say(f"the application does not run; it is started again at the next change:\n{tail(LOG)}")
        if stamp(args.vendor) == seen:
            continue
        seen = stamp(args.vendor)
        say("the code changed")
        workers.restart()
        try:
            deploy(emulator, keys, args)
        except InfraError as error:
            say(str(error))


def stamp(yours: Path) -> dict[Path, int]:
    watched = [*bundle.sources(), *vendor.files(yours).values(), *shopfront.PAGES.iterdir()]
    return {path: path.stat().st_mtime_ns for path in watched}


def tail(log: Path) -> str:
    return log.read_text(errors="replace")[-1500:]


def show(port: int, deployed: stack.Deployment, keys: stack.Keys) -> None:
    print(
        f"""
leansplit is up; Ctrl-C stops it and forgets its data. A change of the code is taken up by itself.

  shop and API   http://127.0.0.1:{port}/
  API Gateway    {deployed.api_url}/
  emulator       {deployed.cloud.url}  (AWS_ENDPOINT_URL, keys test/test)
  ADMIN_KEY      {keys.admin}
  SERVER_KEY     {keys.server}
  log            {LOG}

  curl -H 'Authorization: Bearer {keys.admin}' http://127.0.0.1:{port}/admin/experiments
""",
        flush=True,
    )
