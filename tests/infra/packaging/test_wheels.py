"""The lock is complete, and what a zip needs is found by following it."""

import re
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from infra.errors import PackageError
from infra.packaging import wheels
from infra.packaging.target import LOCAL
from infra.paths import ROOT

PIN = re.compile(r"[A-Za-z0-9._-]+==[^\s;]+")


def lines_of(name: str) -> list[str]:
    lines = (line.split("#")[0].strip() for line in (ROOT / name).read_text().splitlines())
    return [line for line in lines if line and not line.startswith("-")]


def locked() -> dict[str, str]:
    pins = [line.split("==") for line in lines_of("constraints.txt")]
    return {wheels.canonical(name): version for name, version in pins}


def all_required() -> set[str]:
    names = ("requirements.txt", "requirements-report.txt", "requirements-dev.txt")
    return set().union(*(wheels.required(ROOT / name) for name in names))


def test_every_line_of_the_lock_and_of_the_requirements_is_a_pin() -> None:
    files = ("constraints.txt", "requirements.txt", "requirements-report.txt", "requirements-dev.txt")
    loose = [line for name in files for line in lines_of(name) if not PIN.fullmatch(line)]

    assert loose == []


def test_the_lock_names_everything_that_an_installation_needs() -> None:
    # pip and setuptools come with the interpreter; chalice asks for them.
    missing = all_required() - locked().keys() - {"pip", "setuptools"}

    assert missing == set()


def test_the_lock_and_the_requirements_agree() -> None:
    asked = {
        wheels.canonical(Requirement(line).name): line.split("==")[1]
        for name in ("requirements.txt", "requirements-report.txt", "requirements-dev.txt")
        for line in lines_of(name)
    }

    assert asked.items() <= locked().items()


def test_what_is_installed_is_what_is_locked() -> None:
    installed = {name: metadata.version(name) for name in all_required() & locked().keys()}

    assert installed.items() <= locked().items()


def test_leaving_one_out_leaves_out_what_only_it_needs(tmp_path: Path) -> None:
    (tmp_path / "r.txt").write_text("is-bot==0.3.7  # which needs regex\nPyNamoDB==6.1.0\n")

    assert wheels.required(tmp_path / "r.txt") >= {"is-bot", "regex", "pynamodb", "botocore"}
    assert wheels.required(tmp_path / "r.txt", but=frozenset({"is-bot", "botocore"})) >= {"pynamodb"}
    assert not wheels.required(tmp_path / "r.txt", but=frozenset({"is-bot"})) & {"is-bot", "regex"}


def test_pip_s_own_words_are_shown_when_it_fails(tmp_path: Path) -> None:
    with pytest.raises(PackageError, match="Invalid requirement"):
        wheels.install(["not a name!"], LOCAL, tmp_path)
