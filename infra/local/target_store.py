"""The store that a command works on: memory, or the stack that `make serve` keeps up."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

from chalicelib.config import settings_from
from chalicelib.services.store import Files, Store
from chalicelib.storage.dynamo.store import DynamoStore
from chalicelib.storage.files.json_files import JsonFiles
from chalicelib.storage.files.objects import FolderObjects, MemoryObjects
from chalicelib.storage.files.s3 import S3Objects
from chalicelib.storage.memory.store import MemoryStore
from infra.errors import InfraError
from infra.paths import BUILD

LOCAL = BUILD / "local.json"
"""The environment of the functions that `serve` has deployed, while it runs."""


def remember(environment: Mapping[str, str]) -> None:
    """Let other commands find the local stack. It holds keys, so only its owner may read it."""
    LOCAL.touch(mode=0o600)
    LOCAL.write_text(json.dumps(environment))


def forget() -> None:
    """The local stack is gone."""
    LOCAL.unlink(missing_ok=True)


def open_store(kind: str, folder: Path | None) -> tuple[Store, Files]:
    """The store, and where its files go: `folder`, or else memory or the stack's bucket."""
    if kind == "memory":
        return MemoryStore(), JsonFiles(MemoryObjects() if folder is None else FolderObjects(folder))
    environment = _local()
    os.environ.update(environment)
    settings = settings_from(environment)
    objects = S3Objects(settings.reports_bucket) if folder is None else FolderObjects(folder)
    return DynamoStore(settings.visitors_table, settings.leansplit_table), JsonFiles(objects)


def _local() -> dict[str, str]:
    try:
        environment = json.loads(LOCAL.read_text())
    except OSError as error:
        raise InfraError("no local stack is up; start one with `make serve`") from error
    return {str(name): str(value) for name, value in environment.items()}
