"""The deployed stack, asked from outside: HTTP through API Gateway, functions by their events."""

import base64
import json
import urllib.request
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.aws import formation, stack
from infra.aws.stack import Deployment
from infra.packaging.target import LOCAL
from tests.stack.conftest import KEYS

pytestmark = pytest.mark.stack
PIXEL = base64.b64decode("R0lGODlhAQABAIAAAAAAAAAAACH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==")


def fetch(deployed: Deployment, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    request = urllib.request.Request(deployed.api_url + path, headers=headers)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.status, dict(answer.headers), answer.read()


def configuration(deployed: Deployment, function: str) -> dict[str, Any]:
    client = deployed.cloud.client("lambda")
    return dict(client.get_function_configuration(FunctionName=deployed.app[function]))


def test_a_visitor_gets_an_assignment_through_api_gateway_and_lambda(deployed: Deployment) -> None:
    status, _, body = fetch(deployed, "/e/assign")

    assert status == 200
    assert json.loads(body)["visitor"].startswith("v1.")
    assert json.loads(body)["assignments"] == {}


def test_in_development_an_unknown_experiment_is_named(deployed: Deployment) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        fetch(deployed, "/e/assign?experiments=none-such")

    assert refused.value.code == 400
    assert json.loads(refused.value.read())["error"] == "experiments: there is no experiment 'none-such'"


@pytest.mark.parametrize("accept", ["image/jxl,image/*,*/*;q=0.8", "*/*", "text/html"])
def test_the_pixel_arrives_byte_for_byte_whatever_is_accepted(deployed: Deployment, accept: str) -> None:
    status, headers, body = fetch(deployed, "/e/goal/nothing", Accept=accept)

    assert (status, body) == (200, PIXEL)
    assert headers["Content-Type"] == "image/gif"


def test_the_admin_api_wants_its_key(deployed: Deployment) -> None:
    authorized = fetch(deployed, "/admin/experiments", Authorization=f"Bearer {KEYS.admin}")
    with pytest.raises(urllib.error.HTTPError) as refused:
        fetch(deployed, "/admin/experiments", Authorization=f"Bearer {KEYS.server}")

    assert authorized[0] == 200
    assert refused.value.code == 401


def test_only_the_report_s_functions_carry_the_layer(deployed: Deployment) -> None:
    layers = {
        name: len(configuration(deployed, name).get("Layers", []))
        for name in ("APIHandlerName", "ReportFunction", "RecountFunction")
    }

    assert layers == {"APIHandlerName": 0, "ReportFunction": 1, "RecountFunction": 1}


def test_a_second_deploy_changes_nothing(deployed: Deployment) -> None:
    said: list[str] = []
    again = stack.deploy(deployed.cloud, deployed.stage, LOCAL, KEYS, said.append, development=True)

    assert (again.data, again.app) == (deployed.data, deployed.app)
    assert [line.split(": ")[1] for line in said if line.endswith("nothing to change")] == [
        "nothing to change"
    ] * 2
    assert not [line for line in said if line.startswith("upload")]


def test_another_setting_updates_the_function_and_keeps_the_data(deployed: Deployment) -> None:
    dynamodb = deployed.cloud.client("dynamodb")
    item = {
        "id": {"S": "kept"},
        "body": {"S": "{}"},
        "version": {"N": "1"},
        "expires_at": {"N": "9999999999"},
    }
    dynamodb.put_item(TableName=deployed.data["VisitorsTable"], Item=item)
    try:
        changed = stack.deploy(deployed.cloud, deployed.stage, LOCAL, KEYS, print, development=False)
        settings = configuration(changed, "APIHandlerName")["Environment"]["Variables"]
        found = dynamodb.get_item(TableName=deployed.data["VisitorsTable"], Key={"id": {"S": "kept"}})

        assert settings["DEVELOPMENT"] == "0"
        assert found["Item"] == item
    finally:
        dynamodb.delete_item(TableName=deployed.data["VisitorsTable"], Key={"id": {"S": "kept"}})
        stack.deploy(deployed.cloud, deployed.stage, LOCAL, KEYS, print, development=True)


def test_the_api_s_role_may_not_scan_the_visitors(deployed: Deployment) -> None:
    sts = deployed.cloud.client("sts")
    role = configuration(deployed, "APIHandlerName")["Role"]
    lent = sts.assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    dynamodb = deployed.cloud.session.client(
        "dynamodb",
        endpoint_url=deployed.cloud.url,
        aws_access_key_id=lent["AccessKeyId"],
        aws_secret_access_key=lent["SecretAccessKey"],
        aws_session_token=lent["SessionToken"],
    )
    table = deployed.data["VisitorsTable"]

    assert "Item" not in dynamodb.get_item(TableName=table, Key={"id": {"S": "nobody"}})
    with pytest.raises(ClientError, match="not authorized"):
        dynamodb.scan(TableName=table)


def test_a_template_that_fails_says_why(deployed: Deployment) -> None:
    body = {"Resources": {"Role": {"Type": "AWS::No::Such", "Properties": {}}}}

    with pytest.raises(stack.StackError, match=r"AWS::No::Such|Unsupported|Unrecognized"):
        formation.apply(deployed.cloud, "broken", {"TemplateBody": json.dumps(body)}, {}, print)
