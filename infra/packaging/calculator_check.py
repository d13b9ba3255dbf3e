"""What EngagementCalculator names, looked for in the package before anything is uploaded."""

import ast
import io
import os
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator

from infra.errors import PackageError

PATH = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+")
METHOD = "calculate_user_engagement_score"
SECONDS = 60
LOAD = """
import sys
from chalicelib.config import BadSetting
from chalicelib.wiring import calculator_at
try:
    calculator_at(sys.argv[1])
except BadSetting as error:
    sys.exit(str(error))
"""


def check(path: str, code: bytes, has_layer: bool, is_local: bool) -> None:
    """PackageError when the zip does not hold the class; what is in a layer of yours is not looked at.

    On an emulator, which runs the Python that runs this, it is loaded as the function would.
    """
    if not PATH.fullmatch(path):
        raise refused(path, "must be a dotted path like package.module.Class")
    module, _, name = path.rpartition(".")
    with zipfile.ZipFile(io.BytesIO(code)) as package:
        place = found_in(package.namelist(), module)
        if place is None and has_layer:
            return
        if place is None:
            place = f"{module.replace('.', '/')}.py"
            raise refused(path, f"there is no {place} in the folder of your code (vendor/, or --vendor DIR)")
        if place.endswith(".py"):
            refuse_without_class(path, place, name, package.read(place))
    if is_local:
        load(path, code)


def refused(path: str, reason: str) -> PackageError:
    return PackageError(f"EngagementCalculator {path!r}: {reason}")


def found_in(names: list[str], module: str) -> str | None:
    stem = module.replace(".", "/")
    meant = re.compile(re.escape(stem) + r"(/__init__)?(\.py|\.[\w.-]*so)")
    return next((name for name in names if meant.fullmatch(name)), None)


def refuse_without_class(path: str, place: str, name: str, source: bytes) -> None:
    """By reading alone, since the code may be for another Python and another machine."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return
    names = set(names_of(tree))
    if name not in names and not names & {"*", "__getattr__"}:
        raise refused(path, f"{place} has no {name}")
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name == name and not node.bases:
            held = set(names_of(node))
            if not held & {METHOD, "__getattr__"} and not node.decorator_list:
                raise refused(path, f"the class {name} in {place} has no {METHOD}")


def names_of(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name
        elif isinstance(node, ast.alias):
            yield node.asname or node.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def load(path: str, code: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        with zipfile.ZipFile(io.BytesIO(code)) as package:
            package.extractall(folder)
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": folder, "AWS_DEFAULT_REGION": "us-east-1"}
        command = [sys.executable, "-c", LOAD, path]
        try:
            done = subprocess.run(
                command,
                cwd=folder,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
                timeout=SECONDS,
            )
        except subprocess.TimeoutExpired as error:
            raise refused(path, f"was not loaded within {SECONDS} s") from error
    if done.returncode:
        said = done.stderr.strip().splitlines() or [f"ended with {done.returncode}"]
        raise refused(path, said[-1])
