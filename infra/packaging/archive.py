"""Zip files that are the same, byte for byte, when their contents are."""

import hashlib
import zipfile
from collections.abc import Iterable
from pathlib import Path

EPOCH = (1980, 1, 1, 0, 0, 0)


def write(folder: Path, archive: Path) -> None:
    """Zip every file under `folder`, sorted, with a fixed date and mode."""
    archive.parent.mkdir(parents=True, exist_ok=True)
    part = archive.with_suffix(".part")
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as out:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            info = zipfile.ZipInfo(path.relative_to(folder).as_posix(), EPOCH)
            info.external_attr = (0o755 if path.suffix == ".so" else 0o644) << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            out.writestr(info, path.read_bytes())
    part.rename(archive)


def names(archive: Path) -> list[str]:
    with zipfile.ZipFile(archive) as held:
        return held.namelist()


def unzipped_bytes(archive: Path) -> int:
    with zipfile.ZipFile(archive) as held:
        return sum(info.file_size for info in held.infolist())


def digest(paths: Iterable[Path], *words: str) -> str:
    """Twelve hex digits over the names and contents of the files, and the words."""
    state = hashlib.sha256("\0".join(words).encode())
    for path in sorted(paths):
        state.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return state.hexdigest()[:12]
