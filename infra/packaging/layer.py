"""The layer of the report functions: numpy and scipy, without their tests and headers."""

import shutil
from pathlib import Path

from infra.errors import PackageError
from infra.packaging import archive, wheels
from infra.packaging.build_lock import one_at_a_time
from infra.packaging.target import Target
from infra.paths import BUILD, ROOT

REQUIREMENTS = ROOT / "requirements-report.txt"
# numpy.testing, which scipy imports, needs this one of all the tests.
NEEDED_TEST = "numpy/_core/tests/_natype.py"
NEEDED = (
    "numpy/__init__.py",
    NEEDED_TEST,
    "numpy/f2py/__init__.py",
    "scipy/special/__init__.py",
)


@one_at_a_time()
def build(target: Target) -> Path:
    """The layer's zip, built once per lock and target."""
    key = archive.digest([REQUIREMENTS, wheels.CONSTRAINTS, Path(__file__)], repr(target))
    zipped = BUILD / "layer" / f"{target.runtime}-{target.architecture}-{key}.zip"
    if not zipped.exists():
        folder = zipped.with_suffix("")
        shutil.rmtree(folder, ignore_errors=True)
        wheels.install(wheels.required(REQUIREMENTS), target, folder / "python")
        trim(folder / "python")
        archive.write(folder, zipped)
        shutil.rmtree(folder)
    check(zipped)
    return zipped


def trim(packages: Path) -> None:
    for name in ("bin", "numpy/_core/include", "numpy/_core/lib", "numpy/random/lib"):
        shutil.rmtree(packages / name, ignore_errors=True)
    for path in [
        path for path in packages.rglob("*") if path.is_file() and is_ballast(path.relative_to(packages))
    ]:
        path.unlink()


def is_ballast(path: Path) -> bool:
    return path.suffix == ".pyi" or ("tests" in path.parts and path.as_posix() != NEEDED_TEST)


def check(zipped: Path) -> None:
    held = set(archive.names(zipped))
    missing = [name for name in NEEDED if f"python/{name}" not in held]
    if missing or not any(name.endswith(".so") for name in held):
        raise PackageError(f"{zipped.name} lacks {', '.join(missing) or 'its compiled modules'}")
