"""A stage's secret keys: made once, kept in one encrypted parameter of SSM, rotated one at a time."""

import json
import secrets
from typing import Any

from botocore.exceptions import ClientError

from infra.aws.cloud import Cloud
from infra.aws.stack import Keys
from infra.errors import InfraError

KINDS = ("admin", "server", "token", "origin")


def parameter_name(stage: str) -> str:
    return f"/leansplit/{stage}/keys"


def load(cloud: Cloud, stage: str) -> Keys | None:
    """The keys, or None before `up` has made them."""
    try:
        found = cloud.client("ssm").get_parameter(Name=parameter_name(stage), WithDecryption=True)
    except ClientError as error:
        if error.response["Error"]["Code"] == "ParameterNotFound":
            return None
        raise
    return Keys(**json.loads(found["Parameter"]["Value"]))


def needed(cloud: Cloud, stage: str) -> Keys:
    keys = load(cloud, stage)
    if keys is None:
        raise InfraError(f"stage {stage} has no keys in {cloud.region}: `python -m infra up` makes them")
    return keys


def make(cloud: Cloud, stage: str) -> Keys:
    """New keys, unless another machine was faster: then the ones that it has made."""
    fresh = Keys(*(secrets.token_urlsafe(32) for _ in KINDS))
    try:
        save(cloud, stage, fresh, overwrite=False)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ParameterAlreadyExists":
            raise
    return needed(cloud, stage)


def save(cloud: Cloud, stage: str, keys: Keys, overwrite: bool) -> None:
    request: dict[str, Any] = {
        "Name": parameter_name(stage),
        "Description": f"leansplit's keys of stage {stage}",
        "Value": json.dumps({kind: getattr(keys, kind) for kind in KINDS}),
        "Type": "SecureString",
    }
    cloud.client("ssm").put_parameter(**request, Overwrite=overwrite)


def rotated(keys: Keys, kind: str) -> Keys:
    """A new key first; the ones before are still accepted."""
    held = getattr(keys, kind).split(",")
    return replaced(keys, kind, [secrets.token_urlsafe(32), *held])


def retired(keys: Keys, kind: str) -> Keys:
    """The current key alone."""
    return replaced(keys, kind, getattr(keys, kind).split(",")[:1])


def replaced(keys: Keys, kind: str, held: list[str]) -> Keys:
    return Keys(**{each: getattr(keys, each) for each in KINDS} | {kind: ",".join(held)})


def remove(cloud: Cloud, stage: str) -> None:
    if load(cloud, stage) is not None:
        cloud.client("ssm").delete_parameter(Name=parameter_name(stage))
