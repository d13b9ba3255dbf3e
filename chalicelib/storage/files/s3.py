"""Files in a bucket of S3."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.domain.errors import Conflict, NotFound, Unavailable

_NUMBER = "number"
_ATTEMPTS = 20
_MISSING = ("NoSuchKey", "404")
_LOST_RACE = ("PreconditionFailed", "412", "ConditionalRequestConflict")
"""What S3 answers when the file changed, or is being written, since it was looked at."""


class S3Objects:
    """One bucket. The client is made at the first use, since most requests need none."""

    def __init__(self, bucket: str) -> None:
        self.bucket = bucket
        self._made: Any = None

    def put(
        self, key: str, data: bytes, content_type: str = "application/json", cache_control: str = "no-store"
    ) -> None:
        """See Objects; Unavailable when S3 does not take it."""
        self._put(key, data, ContentType=content_type, CacheControl=cache_control)

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
            about = {"ContentType": content_type, "CacheControl": cache_control}
            # Not found: deleted since it was looked at.
            with suppress(Conflict, NotFound):
                self._put(key, data, Metadata={_NUMBER: str(number)}, **about, **condition)
                return True
        raise Conflict(f"{key} is being written by too many at once")

    def get(self, key: str) -> bytes | None:
        """See Objects."""
        with suppress(NotFound), _translated(key):
            return bytes(self._client.get_object(Bucket=self.bucket, Key=key)["Body"].read())
        return None

    def link(self, key: str, seconds: int) -> str | None:
        """See Objects: an address that S3 takes without credentials, for this key alone."""
        if self._head(key) is None:
            return None
        where = {"Bucket": self.bucket, "Key": key}
        return str(self._client.generate_presigned_url("get_object", Params=where, ExpiresIn=seconds))

    def delete(self, keys: Iterable[str]) -> None:
        """See Objects."""
        for key in keys:
            with _translated(key):
                self._client.delete_object(Bucket=self.bucket, Key=key)

    def _put(self, key: str, data: bytes, **more: Any) -> None:
        with _translated(key):
            self._client.put_object(Bucket=self.bucket, Key=key, Body=data, **more)

    def _head(self, key: str) -> Any:
        with suppress(NotFound), _translated(key):
            return self._client.head_object(Bucket=self.bucket, Key=key)
        return None

    @property
    def _client(self) -> Any:
        if self._made is None:
            self._made = boto3.client("s3")
        return self._made


@contextmanager
def _translated(key: str) -> Iterator[None]:
    """Our own errors in place of the SDK's: NotFound, Conflict, Unavailable."""
    try:
        yield
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in _MISSING:
            raise NotFound("file", key) from error
        if code in _LOST_RACE:
            raise Conflict(f"{key} was written by somebody else meanwhile") from error
        raise Unavailable(f"S3 did not take {key}: {code}") from error
    except BotoCoreError as error:
        raise Unavailable(f"S3 cannot be reached: {error}") from error
