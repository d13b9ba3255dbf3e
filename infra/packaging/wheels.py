"""Locked distributions, laid into a folder for a target."""

import re
import subprocess
import sys
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

from infra.errors import PackageError
from infra.packaging.target import Target
from infra.paths import ROOT

CONSTRAINTS = ROOT / "constraints.txt"


def required(requirements: Path, but: frozenset[str] = frozenset()) -> set[str]:
    """The canonical names of what a requirements file asks for, and of all that those need.

    Those in `but` are left out, with what only they need.
    """
    lines = (line.split("#")[0].strip() for line in requirements.read_text().splitlines())
    pending = [Requirement(line) for line in lines if line and not line.startswith("-")]
    found: dict[str, set[str]] = {}
    while pending:
        requirement = pending.pop()
        name = canonical(requirement.name)
        if name in but:
            continue
        fresh = {"", *requirement.extras} - found.get(name, set())
        found.setdefault(name, set()).update(fresh)
        pending += [need for extra in fresh for need in needs(name, extra)]
    return set(found)


def needs(name: str, extra: str) -> list[Requirement]:
    """What an installed distribution needs in this environment, with the extra (or none) asked for."""
    found = [Requirement(line) for line in metadata.requires(name) or []]
    return [need for need in found if need.marker is None or need.marker.evaluate({"extra": extra})]


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def install(distributions: Iterable[str], target: Target, folder: Path) -> None:
    """Exactly these, at the locked versions; pip resolves nothing further."""
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-compile",
    ]
    command += ["--no-deps", "--target", str(folder), "--constraint", str(CONSTRAINTS), *target.pip_flags]
    done = subprocess.run([*command, *sorted(distributions)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise PackageError(
            f"pip could not install for {target.runtime} {target.architecture}:\n{done.stderr}"
        )
