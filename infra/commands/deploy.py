"""`deploy`: the app stack of a stage - functions, API, front door, schedules, alarms."""

import argparse
from typing import Any

from infra.aws import changes, formation, keyring, stack, stage
from infra.aws.cloud import Cloud
from infra.aws.formation import Outputs
from infra.aws.stage import say


def register(commands: Any) -> None:
    parser = commands.add_parser("deploy", help="make or update the app of a stage that is up")
    stage.changes(stage.targets(stage.settings(stage.own_code(stage.arguments(parser)), "app.yaml")))
    parser.set_defaults(func=deploy)


@stage.reached
def deploy(args: argparse.Namespace, cloud: Cloud) -> int:
    account = stage.account_of(cloud)
    data, keys = stack.outputs(cloud, stack.data_name(args.stage)), keyring.needed(cloud, args.stage)
    print(f"deploy: stage {args.stage}, account {account}, region {cloud.region}", flush=True)
    target = stage.target_of(args)
    say(f"package: functions and scipy layer for {target.runtime} {target.architecture}")
    package, settings = stack.package_for(target, args.stage, args.vendor), dict(args.set)
    formation.refuse_strangers(package.template, settings)
    parameters = stack.app_parameters(cloud, args.stage, data, package, keys, settings)
    stack.check(cloud, package, parameters)
    for line in plan(cloud, stack.app_name(args.stage), package, parameters):
        say(f"plan: {line}")
    if not stage.confirm("Go on?", args):
        return 1
    show(stack.deploy_app(cloud, args.stage, data, package, keys, settings, say))
    return 0


def plan(cloud: Cloud, name: str, package: stack.Package, parameters: Outputs) -> list[str]:
    lines = changes.planned(cloud, name, package.template, parameters)
    if lines and lines[0].startswith("create") and not cloud.url:
        lines.append("the front door takes AWS some five minutes")
    return lines or ["nothing but what keys may have changed"]


def show(deployed: stack.Deployment) -> None:
    say(f"front door  {deployed.app['SiteURL']}")
    say(f"API         {deployed.api_url}")
    say(f"alarms      {deployed.app['AlarmTopic']}")
