"""`keys`: which keys a stage has; rotates one, shows them when asked."""

import argparse
from typing import Any

from infra.aws import keyring, stage
from infra.aws.cloud import Cloud
from infra.aws.stage import say


def register(commands: Any) -> None:
    parser = commands.add_parser("keys", help="show or rotate the keys of a stage")
    stage.changes(stage.arguments(parser))
    act = parser.add_mutually_exclusive_group()
    act.add_argument("--show", action="store_true", help="print them")
    act.add_argument("--rotate", choices=keyring.KINDS, help="put a new one first, accept the others still")
    act.add_argument("--retire", choices=keyring.KINDS, help="accept the first one alone from now on")
    parser.set_defaults(func=keys)


@stage.reached
def keys(args: argparse.Namespace, cloud: Cloud) -> int:
    held = keyring.needed(cloud, args.stage)
    print(f"keys: stage {args.stage}, SSM {keyring.parameter_name(args.stage)}, region {cloud.region}")
    if args.rotate or args.retire:
        kind = args.rotate or args.retire
        say(f"plan: {'add a new' if args.rotate else 'retire every older'} {kind} key")
        if not stage.confirm("Go on?", args):
            return 1
        held = keyring.rotated(held, kind) if args.rotate else keyring.retired(held, kind)
        keyring.save(cloud, args.stage, held, overwrite=True)
        say(f"the functions learn it by `python -m infra deploy --stage {args.stage}`")
    for kind in keyring.KINDS:
        values = getattr(held, kind).split(",")
        say(f"{kind:7} {', '.join(values) if args.show else f'{len(values)} (hidden)'}")
    return 0
