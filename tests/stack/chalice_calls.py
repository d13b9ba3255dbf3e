"""Runs Chalice's command line and writes each call to AWS that it makes to a file: `FILE WORDS…`."""

import json
import sys
from pathlib import Path
from typing import Any

from botocore.client import BaseClient
from chalice.cli import main

OUT = Path(sys.argv[1])
plain = BaseClient._make_api_call


def noted(client: Any, operation: str, request: dict[str, Any]) -> Any:
    with OUT.open("a") as out:
        out.write(json.dumps({"operation": operation, "request": request}, default=shown) + "\n")
    # An empty compression size means none to AWS; the emulator would answer it with what cannot be read.
    if operation == "UpdateRestApi" and [each["value"] for each in request["patchOperations"]] == [""]:
        return {}
    return plain(client, operation, request)


def shown(value: bytes) -> str:
    return value.decode() if len(value) < 500_000 else "…"


BaseClient._make_api_call = noted
sys.argv = ["chalice", *sys.argv[2:]]
sys.exit(main())
