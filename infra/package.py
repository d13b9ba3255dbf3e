"""`package`: the zips and templates of a stage for a Lambda runtime, without credentials."""

import argparse
import json
import shutil
from pathlib import Path
from typing import Any

from infra import archive, bundle, layer, stack
from infra.errors import PackageError
from infra.paths import BUILD
from infra.target import GLIBC, Target

ARCHITECTURES = {"x86_64": "x86_64", "arm64": "aarch64"}
LARGEST_ZIPPED = 50_000_000
LARGEST_UNZIPPED = 250_000_000


def register(commands: Any) -> None:
    parser = commands.add_parser("package", help="build the zips and templates of a stage for AWS")
    parser.add_argument("--stage", default="prod")
    parser.add_argument("--python", default="3.13", choices=sorted(GLIBC), help="the Lambda runtime's")
    parser.add_argument("--architecture", default="x86_64", choices=sorted(ARCHITECTURES))
    parser.add_argument("--out", type=Path, default=BUILD / "package")
    parser.set_defaults(func=package)


def package(args: argparse.Namespace) -> int:
    target = Target(args.python, ARCHITECTURES[args.architecture])
    made, layered = bundle.build(target, args.stage), layer.build(target)
    args.out.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(made.code, args.out / "code.zip")
    shutil.copyfile(layered, args.out / "layer.zip")
    shutil.copyfile(stack.DATA_TEMPLATE, args.out / "data.yaml")
    (args.out / "app.json").write_text(json.dumps(made.template, indent=1, sort_keys=True))
    sizes = [show(args.out / name) for name in ("code.zip", "layer.zip")]
    if sum(sizes) > LARGEST_UNZIPPED:
        raise PackageError(f"code and layer unzip to {sum(sizes) / 1e6:.0f} MB; Lambda takes 250 MB")
    return 0


def show(zipped: Path) -> int:
    """Prints the sizes of a zip and answers the bytes that it unzips to."""
    size, unzipped = zipped.stat().st_size, archive.unzipped_bytes(zipped)
    print(f"{zipped}  {size / 1e6:.2f} MB zipped  {unzipped / 1e6:.1f} MB unzipped")
    if size > LARGEST_ZIPPED:
        raise PackageError(f"{zipped.name} has {size / 1e6:.0f} MB; Lambda takes 50 MB")
    return unzipped
