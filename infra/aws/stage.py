"""What the commands of a stage share: which stage, which account and region, and whether to go on."""

import argparse
import functools
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path

import boto3
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, ProfileNotFound

from infra.aws.cloud import Cloud, emulated
from infra.errors import AccountError, InfraError
from infra.packaging import vendor
from infra.packaging.target import GLIBC, LOCAL, Target

ARCHITECTURES = {"x86_64": "x86_64", "arm64": "aarch64"}
NAME = re.compile(r"[a-z][a-z0-9-]{0,11}")
SETTING = re.compile(r"([A-Za-z]+)=(.*)")
REFUSED = ("InvalidClientTokenId", "UnrecognizedClientException", "ExpiredToken", "SignatureDoesNotMatch")
Command = Callable[[argparse.Namespace, Cloud], int]


def arguments(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """Which stage, where."""
    parser.add_argument("--stage", type=name, required=True, help="such as prod; stages share an account")
    parser.add_argument("--region", help="AWS_REGION, AWS_DEFAULT_REGION or the profile's by default")
    parser.add_argument(
        "--endpoint-url",
        default=os.environ.get("AWS_ENDPOINT_URL"),
        help="an emulator in place of AWS; AWS_ENDPOINT_URL by default",
    )
    return parser


def changes(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """For a command that changes something."""
    parser.add_argument("--yes", action="store_true", help="do it without asking")
    return parser


def settings(parser: argparse.ArgumentParser, template: str) -> argparse.ArgumentParser:
    """For a command that takes parameters of a template."""
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        type=setting,
        metavar="NAME=VALUE",
        help=f"a parameter of infra/{template}; one that is not named keeps its value",
    )
    return parser


def own_code(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """For a command that packages what is yours, too."""
    parser.add_argument(
        "--vendor",
        type=Path,
        default=vendor.FOLDER,
        metavar="DIR",
        help="your own code and what it needs, packed with every function (vendor/)",
    )
    return parser


def targets(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """For a command that packages."""
    parser.add_argument("--python", type=python, default="3.13", help="the Lambda runtime's (3.13)")
    parser.add_argument("--architecture", default="arm64", choices=sorted(ARCHITECTURES))
    return parser


def target_of(args: argparse.Namespace) -> Target:
    """What to package for: an emulator runs Lambdas with the Python that runs it."""
    return LOCAL if args.endpoint_url else Target(args.python, ARCHITECTURES[args.architecture])


def name(text: str) -> str:
    if not NAME.fullmatch(text):
        raise argparse.ArgumentTypeError("a stage is up to 12 lower-case letters, digits and hyphens")
    return text


def setting(text: str) -> tuple[str, str]:
    found = SETTING.fullmatch(text)
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return found[1], found[2]


def python(text: str) -> str:
    if text not in GLIBC:
        known = ", ".join(sorted(GLIBC))
        raise argparse.ArgumentTypeError(
            f"the Lambda runtime of Python {text} cannot load numpy's wheels (glibc); give one of {known}"
        )
    return text


def reached(command: Command) -> Callable[[argparse.Namespace], int]:
    """The command with the account that it works on; what AWS refuses becomes one line."""

    @functools.wraps(command)
    def run(args: argparse.Namespace) -> int:
        try:
            return command(args, cloud_of(args))
        except (NoCredentialsError, ProfileNotFound) as error:
            raise AccountError(f"no AWS credentials ({error}): run `aws configure`") from error
        except ClientError as error:
            raise AccountError(refusal(error)) from error
        except BotoCoreError as error:
            raise AccountError(f"AWS cannot be reached: {error}") from error

    return run


def refusal(error: ClientError) -> str:
    said = error.response["Error"]
    if said["Code"] in REFUSED:
        return f"AWS does not accept these credentials: {said.get('Message')}"
    if said["Code"].startswith("AccessDenied"):
        return f"these credentials may not {error.operation_name}: {said.get('Message')}"
    return f"{error.operation_name}: {said['Code']}: {said.get('Message')}"


def cloud_of(args: argparse.Namespace) -> Cloud:
    region = args.region or os.environ.get("AWS_REGION") or boto3.Session().region_name
    if args.endpoint_url:
        return emulated(args.endpoint_url, region or "us-east-1")
    if not region:
        raise AccountError("no region: give --region, such as eu-central-1")
    if region not in known_regions():
        raise AccountError(f"there is no AWS region {region!r}: give --region, such as eu-central-1")
    return Cloud(region)


def known_regions() -> set[str]:
    session = boto3.Session(region_name="us-east-1")
    return {
        region
        for partition in session.get_available_partitions()
        for region in session.get_available_regions("dynamodb", partition)
    }


def account_of(cloud: Cloud) -> str:
    """Whose account it is, which also shows that the credentials are good."""
    return str(cloud.client("sts").get_caller_identity()["Account"])


def confirm(question: str, args: argparse.Namespace) -> bool:
    """Whether to go on; without a terminal only --yes says so."""
    if args.yes:
        return True
    if not sys.stdin.isatty():
        raise InfraError("nobody is here to ask; --yes goes on without a question")
    return input(f"{question} [y/N] ").strip().lower() in ("y", "yes")


def say(line: str) -> None:
    print(f"  {line}", flush=True)
