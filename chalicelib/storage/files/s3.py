"""Files in a bucket of S3."""

from collections.abc import Iterable
from typing import Any

import boto3
from botocore.exceptions import ClientError


class S3Objects:
    """One bucket. The client is made at the first use, since most requests need none."""

    def __init__(self, bucket: str) -> None:
        self.bucket = bucket
        self._made: Any = None

    def put(
        self, key: str, data: bytes, content_type: str = "application/json", cache_control: str = "no-store"
    ) -> None:
        """See Objects."""
        self._client.put_object(
            Bucket=self.bucket, Key=key, Body=data, ContentType=content_type, CacheControl=cache_control
        )

    def get(self, key: str) -> bytes | None:
        """See Objects."""
        try:
            return bytes(self._client.get_object(Bucket=self.bucket, Key=key)["Body"].read())
        except ClientError as error:
            if error.response["Error"]["Code"] == "NoSuchKey":
                return None
            raise

    def delete(self, keys: Iterable[str]) -> None:
        """See Objects."""
        for key in keys:
            self._client.delete_object(Bucket=self.bucket, Key=key)

    @property
    def _client(self) -> Any:
        if self._made is None:
            self._made = boto3.client("s3")
        return self._made
