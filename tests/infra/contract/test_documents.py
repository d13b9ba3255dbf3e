"""The committed documents are those of the code."""

import json
import re

from app import app
from infra.__main__ import main
from infra.contract import documents
from infra.contract.request_fields import EXPLAINED


def test_both_files_are_current(capsys):
    assert documents.outdated() == [], "write them with: python -m infra contract"
    assert main(["contract", "--check"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "docs/openapi.json: current",
        "docs/report.schema.json: current",
    ]


def test_an_outdated_file_fails_the_check(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(documents, "documents", lambda: {documents.ROOT / "docs" / "openapi.json": "{}"})

    assert main(["contract", "--check"]) == 1
    assert "docs/openapi.json: outdated" in capsys.readouterr().out


def test_every_route_is_documented_and_no_other():
    told = {(path, method) for path, methods in app.routes.items() for method in methods}
    mine = [(each.path, each.method) for each in documents.OPERATIONS]

    assert set(mine) == told
    assert len(mine) == len(told)


def test_every_operation_says_what_it_is_for_under_a_name_of_its_own():
    paths = documents.openapi()["paths"]
    operations = [each for methods in paths.values() for each in methods.values()]

    assert [each["operationId"] for each in operations if not each.get("summary")] == []
    assert len({each["operationId"] for each in operations}) == len(operations)


def test_no_schema_is_left_over():
    text = json.dumps(documents.openapi())
    names = documents.openapi()["components"]["schemas"]

    assert [name for name in names if f'"#/components/schemas/{name}"' not in text] == []


def test_every_field_of_a_request_is_explained():
    document = documents.openapi()
    bodies = [
        content["schema"]
        for methods in document["paths"].values()
        for operation in methods.values()
        for content in operation.get("requestBody", {"content": {}})["content"].values()
    ]
    schemas = document["components"]["schemas"]
    sent = reached(bodies, schemas)
    silent = [
        (name, field)
        for name in sent
        for field, schema in schemas[name].get("properties", {}).items()
        if not schema.get("description")
    ]

    assert silent == []
    assert {name for name in sent if "properties" in schemas[name]} == EXPLAINED


def reached(value, schemas):
    """The names of all components that a schema refers to."""
    found = set(re.findall('"#/components/schemas/([^"]+)"', json.dumps(value)))
    more = set().union(*(reached(schemas[name], schemas) for name in found)) if found else set()
    return found | more
