"""`publish`: has the deployed API write the snippet and its configuration to the site bucket."""

import argparse
import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any

from infra.aws import keyring, stack, stage
from infra.aws.cloud import Cloud
from infra.aws.stack import Deployment, Keys
from infra.aws.stage import say
from infra.errors import InfraError

SECONDS = 60


def register(commands: Any) -> None:
    parser = commands.add_parser("publish", help="write what browsers load to the site bucket")
    stage.changes(stage.arguments(parser))
    parser.set_defaults(func=publish)


@stage.reached
def publish(args: argparse.Namespace, cloud: Cloud) -> int:
    deployed, keys = stack.standing(cloud, args.stage), keyring.needed(cloud, args.stage)
    bucket = deployed.data["SiteBucket"]
    print(f"publish: stage {args.stage}, region {cloud.region}")
    say(f"plan: write the snippet and the definitions to s3://{bucket}/; browsers see them within a minute")
    if not stage.confirm("Go on?", args):
        return 1
    call(deployed, keys, "POST", "/admin/publish")
    held = cloud.client("s3").list_objects_v2(Bucket=bucket).get("Contents", [])
    for file in held:
        say(f"{file['Key']:34} {file['Size']:7} bytes")
    say(f"{deployed.app['SiteURL']}/leansplit.js")
    return 0


def call(
    deployed: Deployment, keys: Keys, method: str, path: str, body: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """An operator's request straight to the API, which knows it by the keys."""
    request = urllib.request.Request(
        deployed.api_url + path,
        data=json.dumps(body or {}).encode() if method == "POST" else None,
        method=method,
        headers={
            "Authorization": f"Bearer {keys.admin.split(',')[0]}",
            "X-Leansplit-Origin": keys.origin.split(",")[0],
            "Content-Type": "application/json",
            "Accept": "application/json",
        },
    )
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:
            return dict(json.loads(answer.read()))
    except urllib.error.HTTPError as error:
        hint = f"; after a rotation: `deploy --stage {deployed.stage}`" if error.code in (401, 403) else ""
        raise InfraError(f"{path} answered {error.code}: {error.read().decode()[:200]}{hint}") from error
    except OSError as error:
        raise InfraError(f"{deployed.api_url} does not answer: {error}") from error
