"""`up`: what a stage keeps - the data stack with tables and buckets, and its secret keys."""

import argparse
from typing import Any

from botocore.exceptions import ClientError

from infra.aws import changes, formation, keyring, stack, stage
from infra.aws.cloud import Cloud
from infra.aws.formation import Outputs
from infra.aws.stage import say
from infra.errors import StackError

BUCKETS = ("reports", "site", "artifacts")


def register(commands: Any) -> None:
    parser = commands.add_parser("up", help="make what a stage keeps: tables, buckets, keys")
    stage.changes(stage.settings(stage.arguments(parser), "data.yaml"))
    parser.set_defaults(func=up)


@stage.reached
def up(args: argparse.Namespace, cloud: Cloud) -> int:
    account = stage.account_of(cloud)
    settings = {**protection(cloud, args.stage), **dict(args.set)}
    parameters = stack.data_parameters(cloud, args.stage, settings)
    template = formation.parsed(stack.DATA_TEMPLATE.read_text())
    formation.refuse_strangers(template, dict(args.set))
    lines = changes.planned(cloud, stack.data_name(args.stage), template, parameters)
    keys = keyring.load(cloud, args.stage)
    if keys is None:
        lines.append(f"make {len(keyring.KINDS)} keys in SSM {keyring.parameter_name(args.stage)}")
    print(f"up: stage {args.stage}, account {account}, region {cloud.region}")
    if not lines:
        say("nothing to change")
        return 0
    for line in lines:
        say(f"plan: {line}")
    if not stage.confirm("Go on?", args):
        return 1
    refuse_leftovers(cloud, args.stage, account, parameters)
    stack.deploy_data(cloud, args.stage, settings, say)
    if keys is None:
        keyring.make(cloud, args.stage)
        say(f"keys: made; `python -m infra keys --stage {args.stage} --show` shows them")
    return 0


def protection(cloud: Cloud, name: str) -> Outputs:
    """Tables of prod refuse to be deleted from the first day on, until an operator sets it otherwise."""
    return {"DeletionProtection": "true"} if name == "prod" and not held(cloud, name) else {}


def held(cloud: Cloud, name: str) -> bool:
    return formation.describe(cloud.client("cloudformation"), stack.data_name(name)) is not None


def refuse_leftovers(cloud: Cloud, name: str, account: str, settings: Outputs) -> None:
    """CloudFormation would stop half-way at a name that is taken: say which, and by whom."""
    if held(cloud, name):
        return
    prefix = settings.get("BucketPrefix", "leansplit")
    for kind in BUCKETS:
        bucket = f"{prefix}-{name}-{kind}-{account}-{cloud.region}"
        holder = holder_of(cloud, bucket)
        if holder == "another":
            raise StackError(f"the bucket name {bucket} is taken by another account: --set BucketPrefix=…")
        if holder == "you":
            raise StackError(
                f"the bucket {bucket} is yours but of no stack: docs/operations.md, 'Take data in again'"
            )


def holder_of(cloud: Cloud, bucket: str) -> str | None:
    try:
        cloud.client("s3").head_bucket(Bucket=bucket)
    except ClientError as error:
        return None if error.response["Error"]["Code"] in ("404", "NoSuchBucket") else "another"
    return "you"
