"""Who may do what: read from the template that is deployed and from the data stack's."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from infra.aws import formation
from infra.aws.stack import DATA_TEMPLATE
from infra.packaging import bundle
from infra.packaging.target import LOCAL
from infra.paths import ROOT

Statement = dict[str, Any]
DENIED_TO_ALL = "NothingWithoutTls"
"""The one statement that names every principal and action: it denies."""

MEANT = {
    "APIRole": {"dynamodb", "lambda", "logs", "s3"},
    "ReportRole": {"dynamodb", "lambda", "logs", "s3", "sns"},
    "RecountRole": {"dynamodb", "lambda", "logs", "s3", "sns"},
    "FoldRole": {"dynamodb", "logs", "s3", "sns"},
}
TEMPLATE = bundle.build(LOCAL, "test").template
SOURCE = (ROOT / "infra" / "app.yaml").read_text().splitlines()


def statements_of(template: dict[str, Any]) -> Iterator[tuple[str, Statement]]:
    for name, resource in template["Resources"].items():
        properties = resource["Properties"]
        policies = [each["PolicyDocument"] for each in properties.get("Policies", [])]
        policies += [properties["PolicyDocument"]] if "PolicyDocument" in properties else []
        for policy in policies:
            for statement in policy["Statement"]:
                # Conditional ones: [condition, statement, nothing].
                yield name, statement["Fn::If"][1] if "Fn::If" in statement else statement


STATEMENTS = [*statements_of(TEMPLATE), *statements_of(formation.parsed(DATA_TEMPLATE.read_text()))]
IDS = [f"{name}-{statement['Sid']}" for name, statement in STATEMENTS]


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


@pytest.mark.parametrize(("name", "statement"), STATEMENTS, ids=IDS)
def test_a_statement_names_its_actions_and_resources(name: str, statement: Statement) -> None:
    if statement["Sid"] == DENIED_TO_ALL:
        assert statement["Effect"] == "Deny"
        return
    actions, resources = listed(statement["Action"]), listed(statement["Resource"])

    assert not [action for action in actions if "*" in action]
    assert "*" not in resources
    assert all(
        "leansplit" in json.dumps(each)
        or "Ref" in json.dumps(each)
        or "${" in json.dumps(each)
        or "GetAtt" in json.dumps(each)
        for each in resources
    )
    assert statement.get("Principal") != "*"


@pytest.mark.parametrize(("name", "statement"), STATEMENTS, ids=IDS)
def test_whole_tables_and_buckets_are_named_not_patterns(name: str, statement: Statement) -> None:
    for resource in listed(statement["Resource"]):
        text = json.dumps(resource)

        # A star stands for the objects of one bucket and nothing else.
        assert "*" not in text.replace("/*", "", 1)
        assert "/*" not in text or "s3:::" in text or "Bucket" in text


@pytest.mark.parametrize("role", sorted(MEANT))
def test_a_role_reaches_just_its_services(role: str) -> None:
    actions = [each for name, statement in STATEMENTS if name == role for each in listed(statement["Action"])]

    assert {action.split(":")[0] for action in actions} == MEANT[role]


def test_every_function_of_the_template_has_a_role_that_is_checked_here() -> None:
    roles = {name for name, each in TEMPLATE["Resources"].items() if each["Type"] == "AWS::IAM::Role"}

    assert roles == MEANT.keys()


def test_only_the_scanning_jobs_may_scan_and_nobody_deletes_a_table() -> None:
    who = {
        action: {name for name, each in STATEMENTS if action in listed(each["Action"])}
        for action in ("dynamodb:Scan", "dynamodb:DeleteTable", "s3:DeleteBucket", "iam:PassRole")
    }

    assert who.pop("dynamodb:Scan") == {"ReportRole", "RecountRole"}
    assert set().union(*who.values()) == set()


def test_a_reason_stands_beside_each_statement() -> None:
    opened = [
        number
        for number, line in enumerate(SOURCE)
        if "- Sid: " in line or (line.strip().startswith("- &") and "Sid:" in SOURCE[number + 1])
    ]
    granted = [number for number in opened if DENIED_TO_ALL not in SOURCE[number]]

    assert len(granted) > 10
    assert [SOURCE[number] for number in granted if not SOURCE[number - 1].strip().startswith("#")] == []


def test_reports_and_partial_tallies_are_apart() -> None:
    api = [each for name, each in STATEMENTS if name == "APIRole" and "${ReportsBucket}" in json.dumps(each)]

    assert [(each["Action"], each["Resource"]["Fn::Sub"].partition("ReportsBucket}")[2]) for each in api] == [
        ("s3:GetObject", "/reports/*"),
        ("s3:ListBucket", ""),
    ]
