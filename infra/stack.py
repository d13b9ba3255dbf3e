"""Deploys the two stacks of a stage, data and app, with boto3 alone; a second run changes what changed."""

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from infra import bundle, layer
from infra.cloud import Cloud
from infra.errors import StackError
from infra.paths import ROOT
from infra.target import Target

DATA_TEMPLATE = ROOT / "infra" / "data.yaml"
NOTHING = object()
Say = Callable[[str], None]
Outputs = dict[str, str]


@dataclass(frozen=True)
class Keys:
    """Comma separated each, the current one first."""

    admin: str
    server: str
    token: str


@dataclass(frozen=True)
class Deployment:
    """What a stage is made of, as CloudFormation answers it after a deploy."""

    cloud: Cloud
    stage: str
    data: Outputs
    app: Outputs

    @property
    def api_url(self) -> str:
        """Without a slash at its end; the emulator serves an API under its own port."""
        if self.cloud.url is None:
            return self.app["EndpointURL"].rstrip("/")
        return f"{self.cloud.url}/restapis/{self.app['RestAPIId']}/api/_user_request_"


def deploy(
    cloud: Cloud, stage: str, target: Target, keys: Keys, say: Say, development: bool = False
) -> Deployment:
    say("package: the functions' zip and the scipy layer")
    made, layered = bundle.build(target, stage), layer.build(target)
    data = apply(
        cloud, f"leansplit-{stage}-data", {"TemplateBody": DATA_TEMPLATE.read_text()}, {"Stage": stage}, say
    )
    bucket = data["ArtifactsBucket"]
    parameters = {
        "Stage": stage,
        "Development": "1" if development else "0",
        **data,
        "CodeKey": upload(cloud, bucket, "code", made.code.read_bytes(), ".zip", say),
        "LayerKey": upload(cloud, bucket, "layer", layered.read_bytes(), ".zip", say),
        "AdminKeys": keys.admin,
        "ServerKeys": keys.server,
        "TokenKeys": keys.token,
    }
    template = upload(cloud, bucket, "template", json.dumps(made.template).encode(), ".json", say)
    app = apply(cloud, f"leansplit-{stage}-app", template_at(cloud, bucket, template), parameters, say)
    return Deployment(cloud, stage, data, app)


def upload(cloud: Cloud, bucket: str, kind: str, body: bytes, suffix: str, say: Say) -> str:
    """Under a key made of its contents, so that what is there already need not go up again."""
    key = f"{kind}/{hashlib.sha256(body).hexdigest()[:32]}{suffix}"
    s3 = cloud.client("s3")
    try:
        s3.head_object(Bucket=bucket, Key=key)
    except ClientError:
        say(f"upload: {kind}, {len(body) / 1e6:.1f} MB")
        s3.put_object(Bucket=bucket, Key=key, Body=body)
    return key


def template_at(cloud: Cloud, bucket: str, key: str) -> dict[str, str]:
    """By address: a template beyond 51,200 bytes cannot be sent as a body."""
    base = f"{cloud.url}/{bucket}" if cloud.url else f"https://{bucket}.s3.{cloud.region}.amazonaws.com"
    return {"TemplateURL": f"{base}/{key}"}


def apply(cloud: Cloud, name: str, template: Mapping[str, str], parameters: Outputs, say: Say) -> Outputs:
    """Create the stack or update it, wait, and answer its outputs, which an update may have changed."""
    formation = cloud.client("cloudformation")
    request = {
        **template,
        "StackName": name,
        "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
    }
    begun = time.monotonic()
    if describe(formation, name) is None:
        say(f"stack {name}: create")
        asked(formation.create_stack, request)
    elif asked(formation.update_stack, request) is NOTHING:
        say(f"stack {name}: nothing to change")
    stack = settled(formation, name)
    say(f"stack {name}: {stack['StackStatus']} in {time.monotonic() - begun:.1f} s")
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}


def asked(operation: Callable[..., Any], request: dict[str, Any]) -> Any:
    try:
        return operation(**request)
    except ClientError as error:
        if "No updates are to be performed" in str(error):
            return NOTHING
        raise StackError(f"{request['StackName']}: {error}") from error


def describe(formation: Any, name: str) -> dict[str, Any] | None:
    try:
        found = formation.describe_stacks(StackName=name)["Stacks"]
    except ClientError as error:
        if "does not exist" in str(error):
            return None
        raise
    return dict(found[0])


def settled(formation: Any, name: str) -> dict[str, Any]:
    while (stack := describe(formation, name)) and stack["StackStatus"].endswith("_IN_PROGRESS"):
        time.sleep(0.2)
    if stack is None or stack["StackStatus"] not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
        raise StackError(f"{name}: {stack and stack['StackStatus']}\n{reasons(formation, name)}")
    return stack


def reasons(formation: Any, name: str) -> str:
    events = formation.describe_stack_events(StackName=name)["StackEvents"]
    failed = [event for event in events if event["ResourceStatus"].endswith("FAILED")]
    return "\n".join(f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason')}" for event in failed)
