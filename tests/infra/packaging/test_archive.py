"""Zips whose bytes depend on nothing but what is in them."""

import os
import zipfile
from pathlib import Path

from infra.packaging import archive


def folder(at: Path, order: list[str]) -> Path:
    for name in order:
        path = at / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"content of {name}")
    return at


def test_the_same_files_give_the_same_bytes_whatever_their_order_and_age(tmp_path: Path) -> None:
    first = folder(tmp_path / "first", ["b.py", "a/c.py"])
    second = folder(tmp_path / "second", ["a/c.py", "b.py"])
    os.utime(second / "b.py", (1, 1))
    archive.write(first, tmp_path / "first.zip")
    archive.write(second, tmp_path / "second.zip")

    assert (tmp_path / "first.zip").read_bytes() == (tmp_path / "second.zip").read_bytes()


def test_every_file_is_readable_by_all_and_libraries_are_executable(tmp_path: Path) -> None:
    archive.write(folder(tmp_path / "in", ["a.py", "b.so"]), tmp_path / "out.zip")
    with zipfile.ZipFile(tmp_path / "out.zip") as held:
        modes = {info.filename: info.external_attr >> 16 for info in held.infolist()}

    assert modes == {"a.py": 0o644, "b.so": 0o755}


def test_sizes_and_names_are_those_of_the_files(tmp_path: Path) -> None:
    archive.write(folder(tmp_path / "in", ["a/b.py"]), tmp_path / "out.zip")

    assert archive.names(tmp_path / "out.zip") == ["a/b.py"]
    assert archive.unzipped_bytes(tmp_path / "out.zip") == len("content of a/b.py")


def test_a_digest_follows_contents_names_and_words(tmp_path: Path) -> None:
    folder(tmp_path, ["a", "b"])
    paths = [tmp_path / "a", tmp_path / "b"]
    digests = {archive.digest(paths), archive.digest(paths, "x"), archive.digest(paths[:1])}
    (tmp_path / "b").write_text("other")
    digests.add(archive.digest(paths))

    assert len(digests) == 4
    assert archive.digest(paths) == archive.digest(paths[::-1])
