"""`status`: what a stage is made of, how it does, and which alarms ring. Changes nothing."""

import argparse
from typing import Any

from infra.aws import formation, keyring, stack, stage
from infra.aws.cloud import Cloud
from infra.aws.stage import say
from infra.commands.down import TABLES, items


def register(commands: Any) -> None:
    parser = commands.add_parser("status", help="what a stage is made of and how it does")
    stage.arguments(parser).set_defaults(func=status)


@stage.reached
def status(args: argparse.Namespace, cloud: Cloud) -> int:
    """0 when both stacks stand and no alarm rings, else 1."""
    print(f"status: stage {args.stage}, account {stage.account_of(cloud)}, region {cloud.region}")
    names = (stack.data_name(args.stage), stack.app_name(args.stage))
    stand = [show_stack(cloud, name) for name in names]
    if stand[0]:
        data = stack.outputs(cloud, names[0])
        for key in TABLES:
            say(f"table {data[key]}{items(cloud, data[key])}")
        where = keyring.parameter_name(args.stage)
        say(f"keys in SSM {where}" if keyring.load(cloud, args.stage) else f"no keys in SSM {where}: run up")
    if stand[1]:
        deployed = stack.standing(cloud, args.stage)
        say(f"front door {deployed.app['SiteURL']}")
        say(f"API {deployed.api_url}")
        say(f"last report {last_report(deployed)}")
    ringing = alarms(cloud, args.stage) if stand[1] else []
    for line in ringing:
        say(f"ALARM {line}")
    return 0 if all(stand) and not ringing else 1


def show_stack(cloud: Cloud, name: str) -> bool:
    found = formation.describe(cloud.client("cloudformation"), name)
    if found is None:
        say(f"stack {name}: none")
        return False
    at = found.get("LastUpdatedTime") or found["CreationTime"]
    say(f"stack {name}: {found['StackStatus']} since {at:%Y-%m-%d %H:%M} UTC")
    for key, value in sorted(stack.kept(cloud, name).items()):
        if value:
            say(f"  {key}={value}")
    return found["StackStatus"] in formation.STANDS


def last_report(deployed: stack.Deployment) -> str:
    s3 = deployed.cloud.client("s3")
    try:
        held = s3.head_object(Bucket=deployed.data["ReportsBucket"], Key="reports/index.json")
    except s3.exceptions.ClientError:
        return "none yet"
    return f"{held['LastModified']:%Y-%m-%d %H:%M} UTC"


def alarms(cloud: Cloud, name: str) -> list[str]:
    client = cloud.client("cloudwatch")
    found = client.describe_alarms(AlarmNamePrefix=f"leansplit-{name}-", StateValue="ALARM")
    return [f"{each['AlarmName']}: {each.get('AlarmDescription')}" for each in found["MetricAlarms"]]
