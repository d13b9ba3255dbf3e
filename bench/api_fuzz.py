"""schemathesis against docs/openapi.json and the application, in memory: `python -m bench.api_fuzz`.

It sends good and bad data to every route, and fails on any answer that the document does not describe,
on any 500, and on bad data that is accepted. schemathesis runs in its own environment, which this script
makes under build/ from bench/peers/schemathesis.lock. The exit code is that of schemathesis.
"""

import argparse
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
HOME = ROOT / "build" / "schemathesis"
LOCK = ROOT / "bench" / "peers" / "schemathesis.lock"
LOG = ROOT / "build" / "api_fuzz.log"
CONFIG = ROOT / "bench" / "peers" / "schemathesis.toml"
KEYS = {"ADMIN_KEY": "an-admin-key-for-fuzzing", "SERVER_KEY": "a-server-key-for-fuzzing"}
ENVIRONMENT = {
    **{name: "memory" for name in ("VISITORS_TABLE", "LEANSPLIT_TABLE", "REPORTS_BUCKET")},
    "ADMIN_KEYS": KEYS["ADMIN_KEY"],
    "SERVER_KEYS": KEYS["SERVER_KEY"],
    "TOKEN_KEYS": "a-token-key-that-signs-while-fuzzing",
    "DEFINITIONS_SECONDS": "0",
    "DEVELOPMENT": "1",
    "POWERTOOLS_LOG_LEVEL": "CRITICAL",
}


def main() -> int:
    args = _arguments()
    installed = environment()
    LOG.parent.mkdir(exist_ok=True)
    with LOG.open("w") as log, redirect_stdout(log):
        return _run(installed, _serve(), args)


def _run(installed: Path, port: int, args: argparse.Namespace) -> int:
    words = ["run", str(ROOT / "docs" / "openapi.json"), "--url", f"http://127.0.0.1:{port}"]
    options = ["--max-examples", str(args.examples), "--seed", str(args.seed), "--phases", args.phases]
    command = [str(installed / "bin" / "st"), "--config-file", str(CONFIG), *words, *options, *args.more]
    return subprocess.run(command, cwd=ROOT, env={**os.environ, **KEYS}, check=False).returncode


def environment() -> Path:
    """Where schemathesis is installed; CalledProcessError when it cannot be."""
    done = HOME / ".installed"
    if not done.exists() or done.read_bytes() != LOCK.read_bytes():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(HOME)], check=True)
        install = [str(HOME / "bin" / "python"), "-m", "pip", "install", "--quiet", "-r", str(LOCK)]
        subprocess.run(install, check=True, stderr=subprocess.DEVNULL)
        done.write_bytes(LOCK.read_bytes())
    return HOME


def _serve() -> int:
    """The application behind a gateway, over a store in memory; the port on which it answers."""
    os.environ.update(ENVIRONMENT)
    import waitress

    from app import app
    from infra.local.gateway import Gateway

    logging.disable(logging.CRITICAL)
    _furnish()
    gateway = Gateway(app, app.routes)
    server = waitress.create_server(gateway, host="127.0.0.1", port=0, threads=1)
    threading.Thread(target=server.run, daemon=True).start()
    return int(server.effective_port)


def _furnish() -> None:
    """An empty store, and in it what the examples of the document name."""
    from chalicelib import wiring
    from chalicelib.storage.files.json_files import JsonFiles
    from chalicelib.storage.files.objects import MemoryObjects
    from chalicelib.storage.memory.store import MemoryStore

    store, files = MemoryStore(), JsonFiles(MemoryObjects())
    stand_ins: Mapping[str, Any] = {
        "store": lambda: store,
        "report_files": lambda: files,
        "invoke_recount": lambda *call: None,
    }
    for name, stand_in in stand_ins.items():
        setattr(wiring, name, stand_in)
    _define(store)
    _report(store, files)


def _define(store: Any) -> None:
    from chalicelib import wiring
    from chalicelib.services.experiments.load_definitions import load
    from chalicelib.services.tracking.manage_trackers import declare

    tracker = {"name": "products", "kind": "product", "fields": ["views", "clicks"]}
    experiment = {"name": "headline", "state": "enabled", "goals": ["buy"]}
    load(store, {"experiments": [experiment], "trackers": [tracker]}, wiring.now())
    objects = [{"object": "product:42", "target": "https://shop.example/42"}]
    declare(store, store.definitions().trackers["products"], objects)


def _report(store: Any, files: Any) -> None:
    from chalicelib import wiring
    from chalicelib.domain.counting.tally import Tally
    from chalicelib.services.reports import recount_job
    from chalicelib.services.reports.write_reports import write_reports

    write_reports(store, files, Tally(), wiring.now())
    recount_job.start(store, "manual-dGhlLWpvYi1vZi1leGFtcGxl", 1, wiring.now())


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--examples", type=int, default=25, help="of each operation in each phase")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--phases", default="examples,coverage,fuzzing,stateful")
    parser.add_argument("more", nargs="*", help="options for schemathesis, after --")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
