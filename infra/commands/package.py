"""`package`: the zips and templates of a stage for a Lambda runtime, without credentials."""

import argparse
import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

from infra.aws import stack
from infra.aws.stage import ARCHITECTURES, name, own_code, python
from infra.errors import PackageError
from infra.packaging import archive
from infra.packaging.target import Target
from infra.paths import BUILD

LARGEST_ZIPPED = 50_000_000
LARGEST_UNZIPPED = 250_000_000


def register(commands: Any) -> None:
    parser = commands.add_parser("package", help="build the zips and templates of a stage for AWS")
    parser.add_argument("--stage", type=name, default="prod")
    parser.add_argument("--python", type=python, default="3.13", help="the Lambda runtime's (3.13)")
    parser.add_argument("--architecture", choices=sorted(ARCHITECTURES), help="both without it")
    parser.add_argument(
        "--out", type=Path, default=BUILD / "package", help="gets a folder for each architecture"
    )
    own_code(parser).set_defaults(func=package)


def package(args: argparse.Namespace) -> int:
    for architecture in [args.architecture] if args.architecture else sorted(ARCHITECTURES):
        target = Target(args.python, ARCHITECTURES[architecture])
        write(stack.package_for(target, args.stage, args.vendor), args.out / architecture)
    return 0


def write(made: stack.Package, folder: Path) -> None:
    """A folder with what a deploy uploads; PackageError when Lambda would not take it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "code.zip").write_bytes(made.code)
    (folder / "layer.zip").write_bytes(made.layer)
    shutil.copyfile(stack.DATA_TEMPLATE, folder / "data.yaml")
    (folder / "app.json").write_text(json.dumps(made.template, indent=1, sort_keys=True))
    unzipped = sum(show(folder / file) for file in ("code.zip", "layer.zip"))
    if unzipped > LARGEST_UNZIPPED:
        raise PackageError(f"code and layer unzip to {unzipped / 1e6:.0f} MB; Lambda takes 250 MB")


def show(zipped: Path) -> int:
    """Prints the sizes of a zip and answers the bytes that it unzips to."""
    size, unzipped = zipped.stat().st_size, archive.unzipped_bytes(zipped)
    digest = hashlib.sha256(zipped.read_bytes()).hexdigest()[:16]
    print(f"{zipped}  {size / 1e6:.2f} MB zipped  {unzipped / 1e6:.1f} MB unzipped  sha256 {digest}…")
    if size > LARGEST_ZIPPED:
        raise PackageError(f"{zipped.name} has {size / 1e6:.0f} MB; Lambda takes 50 MB")
    return unzipped
