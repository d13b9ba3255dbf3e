"""Files by key: in memory, in a folder and in S3, by the same contract."""

import secrets
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import boto3
import pytest

from chalicelib.storage.files.objects import FolderObjects, MemoryObjects, Objects
from chalicelib.storage.files.s3 import S3Objects


@pytest.fixture(params=["memory", "folder", pytest.param("s3", marks=pytest.mark.stack)])
def objects(request: pytest.FixtureRequest, tmp_path: Path) -> Objects:
    if request.param == "memory":
        return MemoryObjects()
    if request.param == "folder":
        return FolderObjects(tmp_path)
    request.getfixturevalue("aws")
    bucket = f"objects-{secrets.token_hex(6)}"
    boto3.client("s3").create_bucket(Bucket=bucket)
    return S3Objects(bucket)


def test_a_file_comes_back_as_it_was_written(objects: Objects) -> None:
    objects.put("a/b.json", b"1")

    assert objects.get("a/b.json") == b"1"
    assert objects.get("a/c.json") is None


def test_the_highest_number_stays_in_whatever_order_they_come(objects: Objects) -> None:
    assert [objects.put_newer("a", str(n).encode(), n) for n in (3, 1, 4, 4, 2)] == [
        True,
        False,
        True,
        True,
        False,
    ]
    assert objects.get("a") == b"4"


def test_a_file_without_a_number_is_replaced(objects: Objects) -> None:
    objects.put("a", b"old")

    assert objects.put_newer("a", b"new", 1)
    assert objects.get("a") == b"new"


def test_a_deleted_file_remembers_no_number(objects: Objects) -> None:
    objects.put_newer("a", b"9", 9)
    objects.delete(["a"])

    assert objects.put_newer("a", b"1", 1)


@pytest.mark.parametrize("objects", [pytest.param("s3", marks=pytest.mark.stack)], indirect=True)
def test_of_many_that_write_at_once_the_highest_number_stays(objects: Objects) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: objects.put_newer("a", str(n).encode(), n), [5, 3, 8, 1, 7, 2, 6, 4]))

    assert objects.get("a") == b"8"
