"""The stores under one contract: memory, and DynamoDB as the emulator plays it."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from chalicelib.storage.dynamo import DynamoStore
from chalicelib.storage.memory import MemoryStore
from infra.cloud import Cloud, emulated
from infra.emulator import Emulator

ACCOUNT = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}


@pytest.fixture(scope="session")
def emulator() -> Iterator[Cloud]:
    with Emulator() as running, pytest.MonkeyPatch.context() as patch:
        for name, value in {**ACCOUNT, "AWS_ENDPOINT_URL": running.url}.items():
            patch.setenv(name, value)
        yield emulated(running.url)


def make_store(cloud: Cloud) -> DynamoStore:
    """New tables, as infra/data.yaml makes them."""
    stage = f"t{uuid4().hex[:8]}"
    client = cloud.client("dynamodb")
    keys = {f"{stage}-visitors": ("id",), stage: ("pk", "sk")}
    for table, names in keys.items():
        client.create_table(
            TableName=table,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in names],
            KeySchema=[
                {"AttributeName": name, "KeyType": kind}
                for name, kind in zip(names, ("HASH", "RANGE"), strict=False)
            ],
        )
    return DynamoStore(f"{stage}-visitors", stage)


@pytest.fixture
def dynamo(emulator: Cloud) -> DynamoStore:
    return make_store(emulator)


@pytest.fixture(params=["memory", "dynamo"])
def store(request: pytest.FixtureRequest) -> Any:
    return MemoryStore() if request.param == "memory" else request.getfixturevalue("dynamo")
