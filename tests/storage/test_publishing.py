"""Overlapping changes and their publishing, on the emulator's tables and bucket."""

import random
import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pytest

from chalicelib.domain.instant import parse_at
from chalicelib.services.experiments import lifecycle
from chalicelib.services.experiments.publish import config_script, publish
from chalicelib.storage.dynamo.store import DynamoStore
from chalicelib.storage.files.s3 import S3Objects

NOW = parse_at("2026-03-10T12:00:00Z")
BUILT = {"leansplit.js": b"1", "leansplit.mjs": b"2", "leansplit.js.map": b'{"mappings":"A"}'}
NAMES = [f"experiment-{number}" for number in range(6)]


class Slow(S3Objects):
    """Writes that take their time, each its own."""

    def put_newer(self, *args: Any) -> bool:
        time.sleep(random.uniform(0, 0.2))
        return super().put_newer(*args)


@pytest.mark.stack
def test_overlapping_changes_end_with_all_of_them_published(dynamo_store: DynamoStore) -> None:
    bucket = f"site-{secrets.token_hex(6)}"
    boto3.client("s3").create_bucket(Bucket=bucket)
    for name in NAMES:
        lifecycle.create(dynamo_store, {"name": name}, NOW)

    def change(name: str) -> None:
        lifecycle.enable(dynamo_store, name, NOW)
        publish(Slow(bucket), BUILT, dynamo_store.definitions(), NOW)

    with ThreadPoolExecutor(len(NAMES)) as pool:
        list(pool.map(change, NAMES))
    newest = config_script(dynamo_store.definitions(), NOW)
    files = S3Objects(bucket)

    assert newest.count(b'"phase":1') == len(NAMES)
    assert files.get("leansplit.config.js") == newest
    assert files.get("leansplit.js") == newest + b"1\n//# sourceMappingURL=leansplit.js.map\n"
    assert files.get("leansplit.mjs") == newest + b"2"
