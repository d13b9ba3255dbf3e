"""The two documents under docs/: how the API is called, and what a report holds."""

import importlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

from infra.contract import admin_operations, browser_operations, server_operations, tracker_operations
from infra.contract.alternatives import either
from infra.contract.openapi import document
from infra.contract.report.whole import FailedReport, Report, ReportIndex, ReportView
from infra.contract.schemas import Schema, Schemas, moved
from infra.paths import ROOT

OPERATIONS = [
    *browser_operations.OPERATIONS,
    *server_operations.OPERATIONS,
    *admin_operations.OPERATIONS,
    *tracker_operations.OPERATIONS,
]
_JSON_SCHEMA = "https://json-schema.org/draft/2020-12/schema"


def documents() -> dict[Path, str]:
    """What each file has to hold."""
    docs = ROOT / "docs"
    return {
        docs / "openapi.json": _text(openapi()),
        docs / "report.schema.json": _text(report_schema()),
    }


def outdated() -> list[Path]:
    """The files that hold something else."""
    return [
        path
        for path, text in documents().items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]


def write() -> None:
    """Write both files."""
    for path, text in documents().items():
        path.write_text(text, encoding="utf-8")


def openapi() -> Schema:
    """The OpenAPI document."""
    return document(OPERATIONS, dict(_views()))


def report_schema() -> Schema:
    """JSON Schema of a report's file; `ReportIndex` and `ReportView` are among its definitions."""
    schemas = Schemas()
    whole = schemas.of(Annotated[Any, either(Report, FailedReport)])
    for more in (ReportIndex, ReportView):
        schemas.of(more)
    title = {"$schema": _JSON_SCHEMA, "title": "A report of leansplit"}
    found: Schema = moved({**title, **whole, "$defs": schemas.components()}, "#/$defs/")
    return found


def _views() -> Iterator[tuple[tuple[str, str], Any]]:
    app = importlib.import_module("app").app
    for path, methods in app.routes.items():
        for method, route in methods.items():
            yield (path, method), route.view_function


def _text(value: Schema) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False) + "\n"
