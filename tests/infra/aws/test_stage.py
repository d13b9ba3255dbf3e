"""Which stage, where: what is wrong is said in one line, before anything is asked of AWS."""

import argparse
import subprocess
import sys
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError

from infra.aws import stage
from infra.errors import AccountError, InfraError
from infra.packaging.target import LOCAL, Target
from infra.paths import ROOT

BARE = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "AWS_EC2_METADATA_DISABLED": "true"}


def parsed(*words: str) -> argparse.Namespace:
    parser = stage.targets(stage.changes(stage.arguments(argparse.ArgumentParser())))
    return stage.settings(parser, "app.yaml").parse_args(["--stage", "prod", *words])


def run(*words: str) -> tuple[int, str]:
    """A command as a user without any AWS settings runs it."""
    command = [sys.executable, "-m", "infra", *words]
    done = subprocess.run(command, cwd=ROOT, env=BARE, capture_output=True, text=True, check=False)
    return done.returncode, done.stderr


def test_missing_credentials_and_regions_are_one_line_each() -> None:
    nobody = run("up", "--stage", "prod", "--region", "eu-central-1")

    assert nobody[0] == 1
    assert nobody[1].startswith("leansplit: no AWS credentials")
    assert run("up", "--stage", "prod")[1] == "leansplit: no region: give --region, such as eu-central-1\n"
    assert "there is no AWS region 'mars-1'" in run("up", "--stage", "prod", "--region", "mars-1")[1]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--python", "3.11"], "cannot load numpy's wheels"),
        (["--stage", "Prod!"], "lower-case"),
        (["--set", "Domain"], "is not NAME=VALUE"),
    ],
)
def test_a_bad_argument_is_named(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parsed(*words)

    assert ended.value.code == 2
    assert said in capsys.readouterr().err


def test_the_emulator_gets_what_its_own_python_runs_and_aws_what_lambda_runs() -> None:
    assert stage.target_of(parsed("--endpoint-url", "http://127.0.0.1:1")) == LOCAL
    assert stage.target_of(parsed("--python", "3.12")) == Target("3.12", "aarch64")


def test_values_of_settings_may_hold_anything() -> None:
    assert dict(parsed("--set", "AllowedOrigins=a=https://b.example").set) == {
        "AllowedOrigins": "a=https://b.example"
    }


def refused(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "CreateStack")


@pytest.mark.parametrize(
    ("raised", "said"),
    [
        (NoCredentialsError(), "no AWS credentials"),
        (refused("ExpiredToken"), "does not accept these credentials"),
        (refused("AccessDeniedException"), "may not CreateStack"),
        (refused("LimitExceeded"), "CreateStack: LimitExceeded: no"),
        (EndpointConnectionError(endpoint_url="https://x"), "cannot be reached"),
    ],
)
def test_what_aws_refuses_is_said_in_words(raised: Exception, said: str) -> None:
    @stage.reached
    def command(args: argparse.Namespace, cloud: Any) -> int:
        raise raised

    with pytest.raises(AccountError, match=said):
        command(parsed("--endpoint-url", "http://127.0.0.1:1"))


def test_without_a_terminal_only_yes_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)

    assert stage.confirm("Go on?", parsed("--yes"))
    with pytest.raises(InfraError, match="--yes"):
        stage.confirm("Go on?", parsed())


@pytest.mark.parametrize(("typed", "goes_on"), [("y", True), ("Yes ", True), ("", False), ("no", False)])
def test_a_question_is_answered_by_yes_alone(
    typed: str, goes_on: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", type("Terminal", (), {"isatty": staticmethod(lambda: True)}))
    monkeypatch.setattr("builtins.input", lambda _: typed)

    assert stage.confirm("Go on?", parsed()) is goes_on
