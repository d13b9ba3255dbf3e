"""`down`: takes the app of a stage away and says what stays; with --purge-data that goes, too."""

import argparse
from typing import Any

from botocore.exceptions import ClientError

from infra.aws import formation, keyring, stack, stage
from infra.aws.cloud import Cloud
from infra.aws.formation import Outputs
from infra.aws.stage import say

TABLES = ("VisitorsTable", "LeansplitTable")
BUCKETS = ("ReportsBucket", "SiteBucket", "ArtifactsBucket")


def register(commands: Any) -> None:
    parser = commands.add_parser("down", help="take a stage's app away; the data stays")
    stage.changes(stage.arguments(parser))
    parser.add_argument("--purge-data", action="store_true", help="delete tables, buckets and keys for good")
    parser.set_defaults(func=down)


@stage.reached
def down(args: argparse.Namespace, cloud: Cloud) -> int:
    print(f"down: stage {args.stage}, account {stage.account_of(cloud)}, region {cloud.region}")
    client = cloud.client("cloudformation")
    app = formation.describe(client, stack.app_name(args.stage))
    data = formation.describe(client, stack.data_name(args.stage))
    held = formation.outputs_of(data) if data else {}
    for line in plan(args, cloud, bool(app), held):
        say(f"plan: {line}")
    if not app and not (args.purge_data and data):
        say("nothing to take away")
        return 0
    if not stage.confirm("Delete all data of the stage for good?" if args.purge_data else "Go on?", args):
        return 1
    if app:
        formation.delete(cloud, stack.app_name(args.stage), say)
        say(f"stack {stack.app_name(args.stage)}: gone")
    if args.purge_data:
        purge(cloud, args.stage, held)
    else:
        say(f"the data stays; `python -m infra deploy --stage {args.stage}` takes it up again")
    return 0


def plan(args: argparse.Namespace, cloud: Cloud, app: bool, data: Outputs) -> list[str]:
    verb = "delete for good" if args.purge_data else "stays:"
    tables = [f"{verb} table {data[key]}{items(cloud, data[key])}" for key in TABLES if key in data]
    buckets = [f"{verb} bucket {data[key]}" for key in BUCKETS if key in data]
    keys = [f"{verb} keys in SSM {keyring.parameter_name(args.stage)}"] if data else []
    gone = f"delete stack {stack.app_name(args.stage)}: functions, API, front door, alarms, logs"
    return [*([gone] if app else []), *tables, *buckets, *keys]


def items(cloud: Cloud, table: str) -> str:
    """As DynamoDB knows it, some hours late."""
    try:
        told = cloud.client("dynamodb").describe_table(TableName=table)["Table"]
    except ClientError:
        return " (gone already)"
    return f" (about {told.get('ItemCount', 0)} items)"


def purge(cloud: Cloud, name: str, data: Outputs) -> None:
    """In an order that can be taken up again: the stack, which says what there is, goes last but one."""
    for key in TABLES:
        drop_table(cloud, data[key])
        say(f"table {data[key]}: gone; point-in-time recovery keeps a backup of it for 35 days")
    for key in BUCKETS:
        drop_bucket(cloud, data[key])
        say(f"bucket {data[key]}: gone")
    formation.delete(cloud, stack.data_name(name), say)
    keyring.remove(cloud, name)
    say(f"stack {stack.data_name(name)} and keys: gone")


def drop_table(cloud: Cloud, table: str) -> None:
    dynamodb = cloud.client("dynamodb")
    try:
        if dynamodb.describe_table(TableName=table)["Table"].get("DeletionProtectionEnabled"):
            dynamodb.update_table(TableName=table, DeletionProtectionEnabled=False)
            dynamodb.get_waiter("table_exists").wait(TableName=table, WaiterConfig={"Delay": 2})
        dynamodb.delete_table(TableName=table)
    except dynamodb.exceptions.ResourceNotFoundException:
        return
    dynamodb.get_waiter("table_not_exists").wait(TableName=table, WaiterConfig={"Delay": 2})


def drop_bucket(cloud: Cloud, bucket: str) -> None:
    s3 = cloud.client("s3")
    try:
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
            if held := [{"Key": file["Key"]} for file in page.get("Contents", [])]:
                s3.delete_objects(Bucket=bucket, Delete={"Objects": held, "Quiet": True})
        s3.delete_bucket(Bucket=bucket)
    except s3.exceptions.NoSuchBucket:
        return
