"""`contract`: writes the OpenAPI document and the JSON Schema of reports, or checks that they are current."""

import argparse
from typing import Any

from infra.contract import documents
from infra.errors import InfraError
from infra.paths import ROOT


def register(commands: Any) -> None:
    parser = commands.add_parser("contract", help="write docs/openapi.json and docs/report.schema.json")
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a file is outdated")
    parser.set_defaults(func=main)


def main(args: argparse.Namespace) -> int:
    if not args.check:
        documents.write()
    outdated = documents.outdated()
    for path in documents.documents():
        state = "outdated" if path in outdated else "current"
        print(f"{path.relative_to(ROOT)}: {state}")
    if outdated:
        raise InfraError("write them with: python -m infra contract")
    return 0
