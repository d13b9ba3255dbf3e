"""The command line: `python -m infra COMMAND …`, one module of infra/commands per command."""

import argparse
import importlib
import importlib.util
import signal
import sys
from types import ModuleType

from infra.errors import InfraError

COMMANDS = (
    *("demo", "serve", "package", "snippet", "replay", "cookie-cats", "fold", "analyze", "plan", "contract"),
    *("up", "deploy", "publish", "status", "logs", "run-report", "keys", "chalice-config", "down", "cost"),
)


def main(argv: list[str] | None = None) -> int:
    words = sys.argv[1:] if argv is None else argv
    args = parser_for(words).parse_args(words)
    # A polite end ends what the command has started, too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return int(args.func(args) or 0)
    except InfraError as error:
        print(f"leansplit: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def parser_for(words: list[str]) -> argparse.ArgumentParser:
    """Knows the named command alone, so that it need not import the others; without a name, all."""
    parser = argparse.ArgumentParser(prog="python -m infra", description="leansplit's commands")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    named = [name for name in COMMANDS if words[:1] == [name]]
    for name in named or COMMANDS:
        module = module_of(name)
        if module is not None:
            module.register(commands)
    return parser


def module_of(command: str) -> ModuleType | None:
    name = "infra.commands." + command.replace("-", "_")
    return importlib.import_module(name) if importlib.util.find_spec(name) else None


if __name__ == "__main__":
    sys.exit(main())
