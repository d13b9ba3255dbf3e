"""The keys as `python -m infra up` keeps them: one encrypted parameter of SSM."""

import json

import boto3


def read_keys(parameter: str) -> dict[str, str]:
    """Settings by name, such as `ADMIN_KEYS`; botocore's ClientError when it cannot be read."""
    found = boto3.client("ssm").get_parameter(Name=parameter, WithDecryption=True)
    return {f"{kind.upper()}_KEYS": keys for kind, keys in json.loads(found["Parameter"]["Value"]).items()}
