"""Both stores, so that one suite holds them to one contract."""

import itertools
from collections.abc import Iterator

import boto3
import pytest

from chalicelib.services.store import Store
from chalicelib.storage.dynamo.store import DynamoStore
from chalicelib.storage.memory.store import MemoryStore
from infra.local.emulator import Emulator

_NUMBERS = itertools.count()


@pytest.fixture(params=["memory", pytest.param("dynamo", marks=pytest.mark.stack)])
def store(request: pytest.FixtureRequest) -> Store:
    """An empty store of each kind."""
    return MemoryStore() if request.param == "memory" else request.getfixturevalue("dynamo_store")


@pytest.fixture
def dynamo_store(aws: None) -> DynamoStore:
    """An empty pair of tables on the emulator."""
    number = next(_NUMBERS)
    create_tables(f"visitors-{number}", f"leansplit-{number}")
    return DynamoStore(f"visitors-{number}", f"leansplit-{number}")


@pytest.fixture(scope="module")
def aws(emulator: Emulator) -> Iterator[None]:
    """The environment in which boto3 and PynamoDB speak to the emulator."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", emulator.url)
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        patch.setenv("AWS_ACCESS_KEY_ID", "test")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        yield


def create_tables(visitors: str, leansplit: str) -> None:
    """Both, with the keys of infra/data.yaml."""
    client = boto3.client("dynamodb")
    _create(client, visitors, "id")
    _create(client, leansplit, "pk", "sk")


def _create(client: object, name: str, *keys: str) -> None:
    kinds = zip(keys, ("HASH", "RANGE"), strict=False)
    client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
        KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in kinds],
    )
