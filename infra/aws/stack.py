"""The two stacks of a stage, data and app: made with boto3 alone; a second run changes what changed."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from infra.aws import formation
from infra.aws.cloud import Cloud
from infra.aws.formation import Outputs, Say
from infra.errors import StackError
from infra.packaging import bundle, calculator_check, layer, vendor
from infra.packaging.target import Target
from infra.paths import ROOT

DATA_TEMPLATE = ROOT / "infra" / "data.yaml"
HIDDEN = "****"
GIVEN = ("Stage", "VisitorsTable", "LeansplitTable", "ReportsBucket", "SiteBucket", "ArtifactsBucket")
MADE = ("CodeKey", "LayerKey", "AdminKeys", "ServerKeys", "TokenKeys", "OriginKeys")


@dataclass(frozen=True)
class Keys:
    """Comma separated each, the current one first."""

    admin: str
    server: str
    token: str
    origin: str = ""

    @property
    def parameters(self) -> Outputs:
        named = {"AdminKeys": self.admin, "ServerKeys": self.server, "TokenKeys": self.token}
        return {**named, "OriginKeys": self.origin}


@dataclass(frozen=True)
class Package:
    """What a deploy uploads: two zips and the app stack's template."""

    code: bytes
    layer: bytes
    template: dict[str, Any]


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


def data_name(stage: str) -> str:
    return f"leansplit-{stage}-data"


def app_name(stage: str) -> str:
    return f"leansplit-{stage}-app"


def deploy(
    cloud: Cloud,
    stage: str,
    target: Target,
    keys: Keys,
    say: Say,
    development: bool = False,
    settings: Outputs | None = None,
    yours: Path = vendor.FOLDER,
) -> Deployment:
    """Both stacks in one go; `settings` are parameters of the app, `yours` the folder of your own code."""
    say("package: the functions' zip and the scipy layer")
    package, given = package_for(target, stage, yours), settings or {}
    formation.refuse_strangers(package.template, given)
    check(cloud, package, given)
    data = deploy_data(cloud, stage, {}, say)
    return deploy_app(
        cloud, stage, data, package, keys, {"Development": "1" if development else "0", **given}, say
    )


def package_for(target: Target, stage: str, yours: Path = vendor.FOLDER) -> Package:
    """Built, or found in build/ when nothing has changed."""
    made = bundle.build(target, stage, yours)
    return Package(made.code.read_bytes(), layer.build(target).read_bytes(), made.template)


def deploy_data(cloud: Cloud, stage: str, settings: Outputs, say: Say) -> Outputs:
    """The data stack's outputs; `settings` are parameters that shall change."""
    template = {"TemplateBody": DATA_TEMPLATE.read_text()}
    parameters = data_parameters(cloud, stage, settings)
    return formation.apply(cloud, data_name(stage), template, parameters, say)


def data_parameters(cloud: Cloud, stage: str, settings: Outputs) -> Outputs:
    return {**kept(cloud, data_name(stage)), **transport(cloud), **settings, "Stage": stage}


def deploy_app(
    cloud: Cloud, stage: str, data: Outputs, package: Package, keys: Keys, settings: Outputs, say: Say
) -> Deployment:
    """The app stack over a data stack's outputs; parameters that nobody names stay as they are."""
    parameters, bucket = app_parameters(cloud, stage, data, package, keys, settings), data["ArtifactsBucket"]
    for kind, body in (("code", package.code), ("layer", package.layer)):
        upload(cloud, bucket, kind, body, ".zip", say)
    template = upload(cloud, bucket, "template", json.dumps(package.template).encode(), ".json", say)
    app = formation.apply(cloud, app_name(stage), template_at(cloud, bucket, template), parameters, say)
    return Deployment(cloud, stage, data, app)


def app_parameters(
    cloud: Cloud, stage: str, data: Outputs, package: Package, keys: Keys, settings: Outputs
) -> Outputs:
    known = set(package.template["Parameters"])
    held = {key: value for key, value in kept(cloud, app_name(stage)).items() if key in known}
    made = {
        "Stage": stage,
        "CodeKey": key_of("code", package.code, ".zip"),
        "LayerKey": key_of("layer", package.layer, ".zip"),
    }
    return {**held, **transport(cloud), **settings, **data, **keys.parameters, **made}


def check(cloud: Cloud, package: Package, parameters: Outputs) -> None:
    """PackageError when a setting names what the package does not hold."""
    if path := parameters.get("EngagementCalculator"):
        has_layer = bool(parameters.get("CalculatorLayer"))
        calculator_check.check(path, package.code, has_layer, is_local=cloud.url is not None)


def transport(cloud: Cloud) -> Outputs:
    """An emulator at plain http could not read the buckets that want TLS."""
    return {"RequireTls": "false"} if cloud.url else {}


def kept(cloud: Cloud, name: str) -> Outputs:
    """The settings that a stack was given before: a later deploy, from any machine, keeps them."""
    stack = formation.describe(cloud.client("cloudformation"), name)
    given = formation.parameters_of(stack) if stack else {}
    return {key: value for key, value in given.items() if value != HIDDEN and key not in (*GIVEN, *MADE)}


def standing(cloud: Cloud, stage: str) -> Deployment:
    """The stage as it is deployed; StackError when it is not."""
    return Deployment(cloud, stage, outputs(cloud, data_name(stage)), outputs(cloud, app_name(stage)))


def outputs(cloud: Cloud, name: str) -> Outputs:
    stack = formation.describe(cloud.client("cloudformation"), name)
    if stack is None:
        command = "up" if name.endswith("-data") else "deploy"
        raise StackError(f"there is no stack {name} in {cloud.region}: `python -m infra {command}` makes it")
    return formation.outputs_of(stack)


def upload(cloud: Cloud, bucket: str, kind: str, body: bytes, suffix: str, say: Say) -> str:
    """Under a key made of its contents, so that what is there already need not go up again."""
    key = key_of(kind, body, suffix)
    s3 = cloud.client("s3")
    try:
        s3.head_object(Bucket=bucket, Key=key)
    except ClientError:
        say(f"upload: {kind}, {len(body) / 1e6:.1f} MB")
        s3.put_object(Bucket=bucket, Key=key, Body=body)
    return key


def key_of(kind: str, body: bytes, suffix: str) -> str:
    return f"{kind}/{hashlib.sha256(body).hexdigest()[:32]}{suffix}"


def template_at(cloud: Cloud, bucket: str, key: str) -> Mapping[str, str]:
    """By address: a template beyond 51,200 bytes cannot be sent as a body."""
    base = f"{cloud.url}/{bucket}" if cloud.url else f"https://{bucket}.s3.{cloud.region}.amazonaws.com"
    return {"TemplateURL": f"{base}/{key}"}
