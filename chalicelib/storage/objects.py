"""Files by key: in a bucket of S3, in a folder for replays, in memory for tests."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Protocol

import boto3
from botocore.exceptions import ClientError


class Objects(Protocol):
    """Files by key."""

    def put(
        self, key: str, data: bytes, content_type: str = "application/json", cache_control: str = "no-store"
    ) -> None:
        """Write a file over whatever was there."""

    def get(self, key: str) -> bytes | None:
        """A file's content, or None."""

    def delete(self, keys: Iterable[str]) -> None:
        """Remove files; those that are not there are no error."""


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


class FolderObjects:
    """A folder laid out as the bucket."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(
        self, key: str, data: bytes, content_type: str = "application/json", cache_control: str = "no-store"
    ) -> None:
        """See Objects."""
        path = self.folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    def get(self, key: str) -> bytes | None:
        """See Objects."""
        path = self.folder / key
        return path.read_bytes() if path.is_file() else None

    def delete(self, keys: Iterable[str]) -> None:
        """See Objects."""
        for key in keys:
            (self.folder / key).unlink(missing_ok=True)


class MemoryObjects:
    """A dictionary."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def put(
        self, key: str, data: bytes, content_type: str = "application/json", cache_control: str = "no-store"
    ) -> None:
        """See Objects."""
        self.files[key] = data

    def get(self, key: str) -> bytes | None:
        """See Objects."""
        return self.files.get(key)

    def delete(self, keys: Iterable[str]) -> None:
        """See Objects."""
        for key in keys:
            self.files.pop(key, None)
