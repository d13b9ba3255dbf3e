"""The data stack's template; the emulator ignores half of what is asserted here."""

from typing import Any

import pytest
from cfnlint.decode.cfn_yaml import loads

from infra.aws.stack import DATA_TEMPLATE

TEMPLATE: dict[str, Any] = loads(DATA_TEMPLATE.read_text())


def properties(kind: str) -> dict[str, Any]:
    found = TEMPLATE["Resources"].items()
    return {name: each["Properties"] for name, each in found if each["Type"] == kind}


@pytest.mark.parametrize("table", ["VisitorsTable", "LeansplitTable"])
def test_tables_cost_nothing_while_idle_forget_in_time_and_can_be_restored(table: str) -> None:
    made = properties("AWS::DynamoDB::Table")[table]

    assert made["BillingMode"] == "PAY_PER_REQUEST"
    assert made["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}
    assert made["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert made["SSESpecification"] == {"SSEEnabled": True}
    assert made["DeletionProtectionEnabled"] == {"Ref": "DeletionProtection"}


@pytest.mark.parametrize("bucket", ["ReportsBucket", "SiteBucket", "ArtifactsBucket"])
def test_buckets_are_encrypted_and_closed_to_the_public(bucket: str) -> None:
    made = properties("AWS::S3::Bucket")[bucket]

    assert set(made["PublicAccessBlockConfiguration"].values()) == {True}
    assert made["BucketEncryption"]["ServerSideEncryptionConfiguration"]


@pytest.mark.parametrize("bucket", ["ReportsBucket", "ArtifactsBucket"])
def test_buckets_answer_over_tls_alone(bucket: str) -> None:
    policies = [
        statement
        for made in properties("AWS::S3::BucketPolicy").values()
        for statement in made["PolicyDocument"]["Statement"]
        if made["Bucket"] == {"Ref": bucket}
    ]

    assert [(each["Effect"], each["Action"]) for each in policies] == [("Deny", "s3:*")]
    assert policies[0]["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_only_partial_tallies_are_deleted_by_time() -> None:
    rules = {
        name: made["LifecycleConfiguration"]["Rules"]
        for name, made in properties("AWS::S3::Bucket").items()
        if "LifecycleConfiguration" in made
    }

    assert list(rules) == ["ReportsBucket"]
    assert [(rule["Prefix"], rule["ExpirationInDays"]) for rule in rules["ReportsBucket"]] == [("work/", 7)]


def test_whatever_holds_data_outlives_its_stack() -> None:
    policies = {
        (each["DeletionPolicy"], each["UpdateReplacePolicy"])
        for each in TEMPLATE["Resources"].values()
        if each["Type"] != "AWS::S3::BucketPolicy"
    }

    assert policies == {("RetainExceptOnCreate", "Retain")}
