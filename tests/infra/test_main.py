"""`python -m infra`: finds its commands, says what went wrong in one line."""

import argparse
import sys
from types import ModuleType
from typing import Any

import pytest

from infra import __main__ as command_line
from infra.errors import InfraError


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> str:
    def fail(args: argparse.Namespace) -> int:
        raise InfraError("the port is in use")

    def register(commands: Any) -> None:
        commands.add_parser("fail").set_defaults(func=fail)

    module = ModuleType("infra.commands.fail")
    module.register = register  # type: ignore[attr-defined]
    monkeypatch.setattr(command_line, "COMMANDS", ("fail", "not-written-yet"))
    monkeypatch.setattr(command_line, "module_of", lambda name: module if name == "fail" else None)
    return "fail"


def test_an_error_is_one_line_on_stderr_and_exit_code_1(
    failing: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command_line.main([failing]) == 1
    assert capsys.readouterr() == ("", "leansplit: the port is in use\n")


def test_a_command_that_is_not_there_breaks_no_other(failing: str) -> None:
    with pytest.raises(SystemExit) as ended:
        command_line.main(["--help"])

    assert ended.value.code == 0


def test_an_unknown_command_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        command_line.main(["dance"])

    assert ended.value.code == 2
    assert "demo" in capsys.readouterr().err


def test_a_command_imports_none_of_the_others() -> None:
    before = {
        name: sys.modules.pop(name) for name in list(sys.modules) if name.startswith("infra.commands.demo")
    }
    try:
        command_line.parser_for(["package"])

        assert "infra.commands.demo" not in sys.modules
    finally:
        sys.modules.update(before)
