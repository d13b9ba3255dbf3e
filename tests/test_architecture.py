"""The layers: who may import whom, and where frameworks and the environment may be used."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LAYERS = ("domain", "stats", "services", "storage", "web", "snippet")
MAY_IMPORT = {
    "domain": {"domain"},
    "stats": {"stats", "domain"},
    "services": {"services", "domain"},
    "storage": {"storage", "services", "domain"},
    "web": {"web", "services", "domain", "wiring", "config"},
    "wiring": {"config", "domain", "storage"},
    "config": {"storage"},
    "app": {"web"},
}
"""Config reads the keys of a `chalice deploy` from SSM. Storage sees services for the Protocols of
services/store.py alone; a test below says so."""

ONLY_IN = {
    "chalice": ("app.py", "chalicelib/web/"),
    "pynamodb": ("chalicelib/storage/", "chalicelib/wiring.py", "infra/", "bench/"),
    "boto3": ("chalicelib/storage/", "chalicelib/wiring.py", "infra/", "bench/"),
    "botocore": ("chalicelib/storage/", "chalicelib/wiring.py", "infra/", "bench/"),
    "numpy": ("chalicelib/stats/", "bench/"),
    "scipy": ("chalicelib/stats/", "bench/"),
    "msgspec": ("chalicelib/storage/",),
    "aws_lambda_powertools": ("chalicelib/web/",),
}
SOURCES = [ROOT / "app.py", *sorted(ROOT.glob("chalicelib/**/*.py")), *sorted(ROOT.glob("infra/**/*.py"))]
MODULES = [path for path in SOURCES if path.is_relative_to(ROOT / "chalicelib") or path.name == "app.py"]


def imports(path: Path) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found += [each.name for each in node.names]
        elif isinstance(node, ast.ImportFrom):
            found += [f"{node.module}.{each.name}" for each in node.names] + [str(node.module)]
    return found


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def layer(path: Path) -> str:
    parts = path.relative_to(ROOT).parts
    return parts[1].removesuffix(".py") if len(parts) > 1 else "app"


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_layers_import_downwards_only(path):
    mine = layer(path)
    if mine == "__init__":
        return
    for module in imports(path):
        parts = module.split(".")
        if parts[0] == "chalicelib" and len(parts) > 1:
            allowed = MAY_IMPORT[mine] | (
                {"stats"} if name(path) == "chalicelib/services/reports/write_reports.py" else set()
            )

            assert parts[1] in allowed or parts[1] not in {*LAYERS, "wiring", "config"}, module


def test_storage_knows_of_services_only_what_a_store_must_offer():
    for path in ROOT.glob("chalicelib/storage/**/*.py"):
        for module in imports(path):
            if module.startswith("chalicelib.services"):
                offered = ("chalicelib.services.store", "chalicelib.services.tracking_store")
                assert module.startswith(offered), (path.name, module)


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_frameworks_stay_in_their_layer(path):
    for module in imports(path):
        places = ONLY_IN.get(module.split(".")[0])

        assert places is None or name(path).startswith(places), module


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_only_config_reads_the_environment(path):
    text = path.read_text()

    assert name(path) == "chalicelib/config.py" or ("environ" not in text and "getenv" not in text)


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_the_domain_and_services_read_no_clock(path):
    if layer(path) in ("domain", "stats"):
        assert not {"time", "random", "secrets", "os"} & {module.split(".")[0] for module in imports(path)}


def test_no_grab_bags():
    grab_bags = {"utils.py", "helpers.py", "common.py", "constants.py", "misc.py"}

    assert not [path for path in SOURCES if path.name in grab_bags]


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_every_module_says_what_it_is(path):
    assert ast.get_docstring(ast.parse(path.read_text()))
