"""`snippet`: builds what browsers load and shows how large it is."""

import argparse
import gzip
from typing import Any

from infra.packaging.snippet import build


def register(commands: Any) -> None:
    parser = commands.add_parser("snippet", help="build the browser's script into build/snippet")
    parser.set_defaults(func=main)


def main(_: argparse.Namespace) -> int:
    folder = build()
    for path in sorted(folder.iterdir()):
        data = path.read_bytes()
        print(f"{path.name:22} {len(data):6} bytes {len(gzip.compress(data, 9, mtime=0)):6} gzip")
    return 0
