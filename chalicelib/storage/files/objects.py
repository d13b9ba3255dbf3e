"""Files by key: in a folder for replays, in memory for tests; those of S3 are in s3.py."""

from collections.abc import Iterable
from pathlib import Path
from typing import Protocol


class Objects(Protocol):
    """Files by key."""

    def put(
        self, key: str, data: bytes, content_type: str = "application/json", cache_control: str = "no-store"
    ) -> None:
        """Write a file over whatever was there."""

    def put_newer(
        self,
        key: str,
        data: bytes,
        number: int,
        content_type: str = "application/json",
        cache_control: str = "no-store",
    ) -> bool:
        """Write a file unless the one there bears a higher number; whether it was written.

        Two writers that overlap, and one that is late, leave the file with the highest number.
        """

    def get(self, key: str) -> bytes | None:
        """A file's content, or None."""

    def link(self, key: str, seconds: int) -> str | None:
        """An address under which one file can be read for so long; None when it is not there."""

    def delete(self, keys: Iterable[str]) -> None:
        """Remove files; those that are not there are no error."""


class FolderObjects:
    """A folder laid out as the bucket, written by one process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._numbers: dict[str, int] = {}

    def put(
        self, key: str, data: bytes, content_type: str = "application/json", cache_control: str = "no-store"
    ) -> None:
        """See Objects."""
        path = self.folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    def put_newer(
        self,
        key: str,
        data: bytes,
        number: int,
        content_type: str = "application/json",
        cache_control: str = "no-store",
    ) -> bool:
        """See Objects."""
        if self._numbers.get(key, number) > number:
            return False
        self._numbers[key] = number
        self.put(key, data, content_type, cache_control)
        return True

    def get(self, key: str) -> bytes | None:
        """See Objects."""
        path = self.folder / key
        return path.read_bytes() if path.is_file() else None

    def link(self, key: str, seconds: int) -> str | None:
        """See Objects."""
        path = self.folder / key
        return path.resolve().as_uri() if path.is_file() else None

    def delete(self, keys: Iterable[str]) -> None:
        """See Objects."""
        for key in keys:
            (self.folder / key).unlink(missing_ok=True)
            self._numbers.pop(key, None)


class MemoryObjects:
    """A dictionary."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.numbers: dict[str, int] = {}

    def put(
        self, key: str, data: bytes, content_type: str = "application/json", cache_control: str = "no-store"
    ) -> None:
        """See Objects."""
        self.files[key] = data
        self.numbers.pop(key, None)

    def put_newer(
        self,
        key: str,
        data: bytes,
        number: int,
        content_type: str = "application/json",
        cache_control: str = "no-store",
    ) -> bool:
        """See Objects."""
        if key in self.files and self.numbers.get(key, number) > number:
            return False
        self.put(key, data, content_type, cache_control)
        self.numbers[key] = number
        return True

    def get(self, key: str) -> bytes | None:
        """See Objects."""
        return self.files.get(key)

    def link(self, key: str, seconds: int) -> str | None:
        """See Objects."""
        return f"memory:{key}" if key in self.files else None

    def delete(self, keys: Iterable[str]) -> None:
        """See Objects."""
        for key in keys:
            self.files.pop(key, None)
            self.numbers.pop(key, None)
