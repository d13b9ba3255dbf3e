"""What `chalice package` makes, in a clean room: the thin zip of every function, and the template."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from infra.errors import PackageError
from infra.packaging import archive, snippet, vendor, wheels
from infra.packaging.build_lock import one_at_a_time
from infra.packaging.target import Target
from infra.paths import BUILD, ROOT

REQUIREMENTS = ROOT / "requirements.txt"
MERGED = ROOT / "infra" / "app.yaml"
# boto3 and what it needs are in the Lambda runtime; of chalice, its packager takes two files itself.
IN_RUNTIME = frozenset({"boto3", "botocore", "jmespath", "python-dateutil", "s3transfer", "six", "urllib3"})
NEEDED = (
    "app.py",
    "chalice/app.py",
    "chalicelib/snippet/built/leansplit.js",
    "pynamodb/models.py",
    "aws_lambda_powertools/logging/__init__.py",
    "is_bot/__init__.py",
    "msgspec/__init__.py",
    "regex/__init__.py",
    "msgspec/__init__.py",
    "typing_extensions.py",
)
UNWANTED = (
    "numpy/",
    "scipy/",
    "tests/",
    "infra/",
    "bench/",
    "botocore/",
    "boto3/",
    "ministack/",
    "pip/",
)


@dataclass(frozen=True)
class Bundle:
    code: Path
    template: dict[str, Any]


@one_at_a_time()
def build(target: Target, stage: str, yours: Path = vendor.FOLDER) -> Bundle:
    """The code's zip and the app stack's template, built once per source, lock, target and your own code."""
    mine, added = sources(), vendor.files(yours)
    places = [*(path.relative_to(ROOT).as_posix() for path in mine), *added]
    held = [*mine, *added.values(), REQUIREMENTS, wheels.CONSTRAINTS, MERGED, *builders()]
    key = archive.digest(held, repr(target), stage, *places)
    folder = BUILD / "app" / f"{stage}-{target.runtime}-{target.architecture}-{key}"
    if not (folder / "template.json").exists():
        package(target, stage, folder, yours)
    check(folder / "code.zip")
    return Bundle(folder / "code.zip", json.loads((folder / "template.json").read_text()))


def sources() -> list[Path]:
    """What goes into a Lambda of our own; of the tree nothing else does but vendor/."""
    library = [
        path
        for path in (ROOT / "chalicelib").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    ]
    return [ROOT / "app.py", ROOT / ".chalice" / "config.json", *library]


def builders() -> list[Path]:
    mine = (__file__, wheels.__file__, archive.__file__, snippet.__file__, vendor.__file__)
    return [Path(each) for each in mine]


def package(target: Target, stage: str, folder: Path, yours: Path = vendor.FOLDER) -> None:
    room, added = folder / "room", vendor.files(yours)
    vendor.refuse_clashes(added, (path.name for path in dependencies(target).iterdir()))
    shutil.rmtree(folder, ignore_errors=True)
    placed = {path.relative_to(ROOT).as_posix(): path for path in sources()}
    placed |= {f"vendor/{place}": path for place, path in added.items()}
    for place, source in placed.items():
        copy = room / place
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, copy)
    forget_stages(room / ".chalice" / "config.json")
    snippet.build(room / "chalicelib" / "snippet" / "built")
    shutil.copytree(dependencies(target), room / "vendor", dirs_exist_ok=True)
    run_chalice(room, stage)
    unzipped = folder / "unzipped"
    shutil.unpack_archive(room / "out" / "deployment.zip", unzipped)
    archive.write(unzipped, folder / "code.zip")
    template = for_target(yaml.safe_load((room / "out" / "sam.yaml").read_text()), target)
    shutil.rmtree(unzipped)
    shutil.rmtree(room)
    (folder / "template.json").write_text(json.dumps(template, indent=1, sort_keys=True))


def forget_stages(config: Path) -> None:
    """What `chalice-config` wrote for `chalice deploy` must not get into the template."""
    held = json.loads(config.read_text())
    config.write_text(json.dumps({**held, "stages": {}}))


def dependencies(target: Target) -> Path:
    """A folder with the distributions of the thin zip; Chalice packs it as its `vendor`."""
    key = archive.digest([REQUIREMENTS, wheels.CONSTRAINTS, *builders()], repr(target))
    folder = BUILD / "vendor" / f"{target.runtime}-{target.architecture}-{key}"
    if not folder.exists():
        part = folder.with_suffix(".part")
        shutil.rmtree(part, ignore_errors=True)
        wheels.install(wheels.required(REQUIREMENTS, but=IN_RUNTIME | {"chalice"}), target, part)
        shutil.rmtree(part / "bin", ignore_errors=True)
        part.rename(folder)
    return folder


def run_chalice(room: Path, stage: str) -> None:
    (room / "requirements.txt").touch()
    command = [sys.executable, "-c", "from chalice.cli import main; main()", "package", "--stage", stage]
    command += ["--merge-template", str(MERGED), "out"]
    # Importing app.py must not read this machine's settings, nor need any.
    environment = {
        "PATH": os.environ["PATH"],
        "AWS_DEFAULT_REGION": "us-east-1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    done = subprocess.run(command, cwd=room, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise PackageError(f"chalice package failed:\n{done.stdout}{done.stderr}")


def for_target(template: dict[str, Any], target: Target) -> dict[str, Any]:
    """Chalice takes the runtime from the Python that runs it: say the one that was packaged for."""
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["Runtime"] = target.runtime
            resource["Properties"]["Architectures"] = ["x86_64" if target.is_local else lambda_name(target)]
    return template


def lambda_name(target: Target) -> str:
    return {"aarch64": "arm64"}.get(target.architecture, target.architecture)


def check(code: Path) -> None:
    """`chalice package` exits 0 with a zip that lacks things: look inside."""
    held = archive.names(code)
    missing = [name for name in NEEDED if name not in held]
    if missing:
        raise PackageError(f"{code} lacks {', '.join(missing)}")
    strangers = sorted(name for name in held if name.startswith(UNWANTED) or "__pycache__" in name)
    if strangers:
        raise PackageError(f"{code} must not hold {', '.join(strangers[:5])}")
