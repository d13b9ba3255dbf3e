"""`chalice-config`: writes a stage's settings and policies into .chalice/, for `chalice deploy --stage …`."""

import argparse
import json
from pathlib import Path
from typing import Any

from infra.aws import formation, keyring, policies, stack, stage
from infra.aws.cloud import Cloud
from infra.aws.formation import Outputs
from infra.aws.stage import say
from infra.errors import InfraError
from infra.packaging import bundle, layer
from infra.paths import ROOT

FOLDER = ROOT / ".chalice"
LAYERED = ("report", "recount")


def register(commands: Any) -> None:
    parser = commands.add_parser("chalice-config", help="write a stage's settings for `chalice deploy`")
    stage.changes(stage.targets(stage.arguments(parser)))
    parser.add_argument("--out", type=Path, default=FOLDER, help="the folder of config.json (.chalice)")
    parser.set_defaults(func=chalice_config)


@stage.reached
def chalice_config(args: argparse.Namespace, cloud: Cloud) -> int:
    account = stage.account_of(cloud)
    data = stack.outputs(cloud, stack.data_name(args.stage))
    keyring.needed(cloud, args.stage)
    if formation.describe(cloud.client("cloudformation"), stack.app_name(args.stage)):
        raise InfraError(f"stage {args.stage} is deployed by its stack; `down` first, or take another stage")
    print(f"chalice-config: stage {args.stage}, account {account}, region {cloud.region}")
    say(f"plan: publish the scipy layer, write {args.out}/config.json and four policies beside it")
    if not stage.confirm("Go on?", args):
        return 1
    target = stage.target_of(args)
    zipped = layer.build(target).read_bytes()
    key = stack.upload(cloud, data["ArtifactsBucket"], "layer", zipped, ".zip", say)
    arn = published(cloud, args.stage, key, data)
    names = names_of(cloud, args.stage, account, data)
    write_policies(args.out, args.stage, bundle.build(target, args.stage).template, names)
    write_config(args.out / "config.json", args.stage, settings_of(args, data, arn))
    say(f"next: chalice deploy --stage {args.stage} (and `chalice delete`), with Python {args.python}")
    return 0


def published(cloud: Cloud, name: str, key: str, data: Outputs) -> str:
    """The layer's version with these contents, made if there is none."""
    client, layer_name = cloud.client("lambda"), f"leansplit-{name}-numpy-scipy"
    for version in client.list_layer_versions(LayerName=layer_name).get("LayerVersions", []):
        if version.get("Description") == key:
            return str(version["LayerVersionArn"])
    content = {"S3Bucket": data["ArtifactsBucket"], "S3Key": key}
    made = client.publish_layer_version(LayerName=layer_name, Description=key, Content=content)
    say(f"layer: {made['LayerVersionArn']}")
    return str(made["LayerVersionArn"])


def names_of(cloud: Cloud, name: str, account: str, data: Outputs) -> Outputs:
    pseudo = {"AWS::Region": cloud.region, "AWS::AccountId": account}
    return {
        **data,
        **pseudo,
        "AWS::Partition": cloud.session.get_partition_for_region(cloud.region),
        "Stage": name,
    }


def settings_of(args: argparse.Namespace, data: Outputs, layer_arn: str) -> dict[str, Any]:
    """A stage as Chalice reads it; memory and time are those of infra/app.yaml."""
    large = {"lambda_memory_size": 2048, "lambda_timeout": 900, "layers": [layer_arn]}
    functions: dict[str, dict[str, Any]] = {
        "api_handler": {"lambda_memory_size": 512, "lambda_timeout": 28},
        "report": large,
        "recount": large,
        "fold": {"lambda_memory_size": 512, "lambda_timeout": 300},
    }
    return {
        "manage_iam_role": True,
        "autogen_policy": False,
        "lambda_architecture": args.architecture,
        "environment_variables": environment(args.stage, data),
        "lambda_functions": {
            name: {**each, "iam_policy_file": policy_file(args.stage, name)}
            for name, each in functions.items()
        },
        # Chalice takes the API's policy and sizes from the stage as well.
        "iam_policy_file": policy_file(args.stage, "api_handler"),
        **functions["api_handler"],
    }


def environment(name: str, data: Outputs) -> dict[str, str]:
    return {
        "STAGE": name,
        "VISITORS_TABLE": data["VisitorsTable"],
        "LEANSPLIT_TABLE": data["LeansplitTable"],
        "REPORTS_BUCKET": data["ReportsBucket"],
        "SITE_BUCKET": data["SiteBucket"],
        "RECOUNT_FUNCTION": f"leansplit-{name}-recount",
        "KEYS_PARAMETER": keyring.parameter_name(name),
        # Nothing but the front door of the app stack would know the origin key.
        "ORIGIN_KEYS": "",
        "POWERTOOLS_SERVICE_NAME": "leansplit",
    }


def policy_file(name: str, function: str) -> str:
    return f"policy-{name}-{function}.json"


def write_policies(folder: Path, name: str, template: dict[str, Any], names: Outputs) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for function in policies.ROLES:
        policy = policies.policy_of(function, template, names)
        (folder / policy_file(name, function)).write_text(json.dumps(policy, indent=1) + "\n")


def write_config(path: Path, name: str, settings: dict[str, Any]) -> None:
    """The other stages stay as they are."""
    held = json.loads((path if path.exists() else FOLDER / "config.json").read_text())
    stages = {**held.get("stages", {}), name: settings}
    path.write_text(json.dumps({**held, "stages": stages}, indent=2) + "\n")
    say(f"wrote {path}")
