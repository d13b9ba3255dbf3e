"""Your own code and what it needs: a folder of yours whose contents are packed with every function."""

import sys
from collections.abc import Iterable
from pathlib import Path

from infra.errors import PackageError
from infra.paths import ROOT

FOLDER = ROOT / "vendor"
TAKEN = {
    **dict.fromkeys(sys.stdlib_module_names, "is in Python's own library"),
    **dict.fromkeys(("app", "chalicelib", "chalice"), "is leansplit's own"),
    **dict.fromkeys(("numpy", "scipy"), "is in the layer of the report functions already"),
    **dict.fromkeys(("boto3", "botocore"), "is in the Lambda runtime already"),
    **dict.fromkeys(("tests", "infra", "bench", "ministack", "pip"), "is not packed with functions"),
}


def files(folder: Path) -> dict[str, Path]:
    """Place in the package → file, without caches and what begins with a dot; none without a folder."""
    if not folder.exists() and folder == FOLDER:
        return {}
    if not folder.is_dir():
        raise PackageError(f"there is no folder {folder} for your code (--vendor)")
    found = {path.relative_to(folder): path for path in sorted(folder.rglob("*")) if path.is_file()}
    return {place.as_posix(): path for place, path in found.items() if not is_left_out(place)}


def is_left_out(place: Path) -> bool:
    return (
        any(part.startswith(".") or part == "__pycache__" for part in place.parts) or place.suffix == ".pyc"
    )


def refuse_clashes(places: Iterable[str], dependencies: Iterable[str]) -> None:
    """PackageError for a module of yours that would be imported instead of another one.

    `dependencies` are the names at the top of the package that leansplit itself needs.
    """
    needed = {module_of(name): "is a package that leansplit needs and brings" for name in dependencies}
    taken = needed | TAKEN
    for top in sorted({place.split("/")[0] for place in places}):
        if module_of(top) in taken:
            said = taken[module_of(top)]
            raise PackageError(f"{top} in the folder of your code {said}: rename it, or take it out")


def module_of(top: str) -> str:
    """What is imported by a file or folder at the top: `a`, `a.py` and `a.cpython-313-….so` are one."""
    return top if top.endswith((".dist-info", ".data")) else top.split(".")[0]
