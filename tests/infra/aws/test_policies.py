"""The template's rights under their real names, for `chalice deploy`."""

import json

import pytest

from infra.aws import policies
from infra.packaging import bundle
from infra.packaging.target import LOCAL

NAMES = {
    "Stage": "dev",
    "VisitorsTable": "leansplit-dev-visitors",
    "LeansplitTable": "leansplit-dev",
    "ReportsBucket": "reports",
    "SiteBucket": "site",
    "ArtifactsBucket": "artifacts",
    "AWS::Partition": "aws",
    "AWS::Region": "eu-west-1",
    "AWS::AccountId": "123456789012",
}


@pytest.mark.parametrize("function", sorted(policies.ROLES))
def test_every_name_is_filled_in_and_no_resource_is_everything(function: str) -> None:
    policy = policies.policy_of(function, bundle.build(LOCAL, "test").template, NAMES)
    text = json.dumps(policy)

    assert "${" not in text
    assert "Fn::" not in text
    assert [each["Sid"] for each in policy["Statement"] if each["Resource"] == "*"] == []
    assert "arn:aws:ssm:eu-west-1:123456789012:parameter/leansplit/dev/keys" in text


def test_a_function_of_chalice_may_do_what_its_role_in_the_template_may() -> None:
    policy = policies.policy_of("fold", bundle.build(LOCAL, "test").template, NAMES)

    assert [each["Sid"] for each in policy["Statement"]] == [
        "WriteItsLog",
        "ReadKeys",
        "FoldLanes",
        "PublishToTheSite",
        "SeeWhatTheSiteLacks",
    ]
    assert policy["Statement"][2]["Resource"] == "arn:aws:dynamodb:eu-west-1:123456789012:table/leansplit-dev"
