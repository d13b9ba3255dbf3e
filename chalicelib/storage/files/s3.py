"""Files in a bucket of S3."""

from collections.abc import Iterable
from typing import Any

import boto3
from botocore.exceptions import ClientError

from chalicelib.domain.errors import Conflict

_NUMBER = "number"
_ATTEMPTS = 20
_LOST_RACE = ("PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey", "404")
"""What S3 answers when the file changed, is being written, or was deleted since it was looked at."""


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

    def put_newer(
        self,
        key: str,
        data: bytes,
        number: int,
        content_type: str = "application/json",
        cache_control: str = "no-store",
    ) -> bool:
        """See Objects: a conditional write, repeated when another one came between."""
        for _ in range(_ATTEMPTS):
            found = self._head(key)
            if found is not None and int(found["Metadata"].get(_NUMBER, number)) > number:
                return False
            condition = {"IfNoneMatch": "*"} if found is None else {"IfMatch": found["ETag"]}
            try:
                self._client.put_object(
                    Bucket=self.bucket,
                    Key=key,
                    Body=data,
                    ContentType=content_type,
                    CacheControl=cache_control,
                    Metadata={_NUMBER: str(number)},
                    **condition,
                )
            except ClientError as error:
                if error.response["Error"]["Code"] not in _LOST_RACE:
                    raise
                continue
            return True
        raise Conflict(f"{key} is being written by too many at once")

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

    def _head(self, key: str) -> Any:
        try:
            return self._client.head_object(Bucket=self.bucket, Key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] in ("404", "NoSuchKey"):
                return None
            raise

    @property
    def _client(self) -> Any:
        if self._made is None:
            self._made = boto3.client("s3")
        return self._made
