"""Which AWS is meant: an account reached through a session, or the emulator."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import boto3
from botocore.config import Config

EMULATED_REGION = "us-east-1"


@dataclass(frozen=True)
class Cloud:
    """Makes clients; `url` is the emulator's address, or None for AWS itself."""

    region: str
    url: str | None = None

    @cached_property
    def session(self) -> boto3.Session:
        if self.url is None:
            return boto3.Session(region_name=self.region)
        return boto3.Session("test", "test", region_name=self.region)

    def client(self, service: str, **options: Any) -> Any:
        return self.session.client(service, endpoint_url=self.url, config=Config(**options))


def emulated(url: str, region: str = EMULATED_REGION) -> Cloud:
    return Cloud(region, url)
