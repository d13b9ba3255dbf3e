"""The same shop on the emulator's tables and bucket, behind a proxy that fails."""

import random
import secrets
from collections.abc import Iterator

import boto3
import pytest
from botocore.config import Config

from chalicelib.storage.dynamo import items
from chalicelib.storage.dynamo.store import DynamoStore
from chalicelib.storage.files.s3 import S3Objects
from infra.local.emulator import Emulator
from tests.faults.faulty import CONFLICT, DONE_BUT_LOST, LOST
from tests.faults.proxy import Proxy
from tests.faults.shop import Shop
from tests.faults.worlds import without_faults
from tests.storage.conftest import create_tables

SEEDS = 2
_READS = {"GetItem", "BatchGetItem", "Query", "Scan", "DescribeTable", "S3 GET", "S3 HEAD", "S3 DELETE"}

pytestmark = [pytest.mark.slow, pytest.mark.stack, pytest.mark.no_cover]


@pytest.fixture
def proxy(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    """The environment in which boto3 and PynamoDB speak to the proxy, without retries of their own."""
    with Proxy(emulator.url) as made:
        settings = {
            "AWS_ENDPOINT_URL": made.url,
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_MAX_ATTEMPTS": "1",
        }
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(items, "RETRIES", 0)
        yield made


@pytest.mark.parametrize("seed", range(SEEDS))
def test_drawn_faults_of_the_services_leave_the_reports_as_they_are(proxy: Proxy, seed: int) -> None:
    world, chance, name = seed % 3, random.Random(seed), f"faults-{secrets.token_hex(6)}"
    create_tables(f"{name}-visitors", f"{name}-leansplit")
    s3 = boto3.client("s3", config=Config(retries={"max_attempts": 3}))
    for bucket in ("reports", "site"):
        s3.create_bucket(Bucket=f"{name}-{bucket}")
    store = DynamoStore(f"{name}-visitors", f"{name}-leansplit")
    shop = Shop(world, store, S3Objects(f"{name}-reports"), S3Objects(f"{name}-site"))

    def decide(operation: str) -> str | None:
        if shop.faults.off or chance.random() > 0.03:
            return None
        return chance.choice(
            [LOST, DONE_BUT_LOST] if operation in _READS else [LOST, DONE_BUT_LOST, CONFLICT]
        )

    proxy.decide = decide
    shop.live()
    expected, found = without_faults(world)[0], shop.reports()

    assert [key for key in expected | found if expected.get(key) != found.get(key)] == []
    assert shop.unanswered == []
    assert len(proxy.happened) > 10
