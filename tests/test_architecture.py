"""The house: layers as walls, the rooms inside them, and where frameworks and the environment may be used.

A room is a folder of a layer; the files that lie beside the rooms are the layer's own ground or roof and
are named like rooms here. Imports run downwards only, so there can be no circle.
"""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MOST_SOURCES = 20
LAYERS = {
    "app": {"web"},
    "web": {"services", "domain", "wiring", "config"},
    "wiring": {"config", "domain", "storage"},
    "config": {"storage"},
    "storage": {"services", "domain"},
    "services": {"domain"},
    "stats": {"domain"},
    "domain": set(),
}
"""Which layers a layer may import beside itself. Config reads the keys of a `chalice deploy` from SSM.
Storage sees services for the Protocols of a store alone, and one service sees stats: tests below say so."""

ROOMS = {
    "domain": (
        ("errors", "paused_collector"),
        ("instant", "nesting", "table", "values"),
        ("fields",),
        ("late",),
        ("experiments",),
        ("tracking",),
        ("definitions",),
        ("visitors",),
        ("counting",),
    ),
    "stats": (
        ("errors", "arrays"),
        ("exact", "records"),
        ("distributions",),
        ("input",),
        ("fixed_horizon",),
        ("evidence",),
        ("sequential",),
        ("decision",),
        ("bayesian", "power"),
        ("report",),
        ("analysis",),
    ),
    "services": (
        ("tracking_store", "retry", "isolation"),
        ("store",),
        ("jobs",),
        ("tracking",),
        ("experiments", "visitors"),
        ("reports",),
    ),
    "storage": (
        ("encoding", "keys", "document", "ssm", "definition_record"),
        ("report_item",),
        ("dynamo", "memory", "files"),
    ),
    "web": (("http",), ("events",), ("browser", "server", "tracking", "admin", "jobs")),
    "infra": (
        ("errors", "paths"),
        ("packaging", "contract"),
        ("aws",),
        ("demo",),
        ("local",),
        ("commands",),
        ("__main__",),
    ),
}
"""The rooms of each layer, one floor a row, the ground first: a room imports itself and the floors below."""

INPUTS = (
    "chalicelib/domain/experiments/experiment_input.py",
    "chalicelib/domain/experiments/goal_input.py",
    "chalicelib/domain/experiments/records.py",
    "chalicelib/domain/tracking/increment.py",
    "chalicelib/domain/tracking/tracked_object.py",
    "chalicelib/domain/tracking/tracker_input.py",
    "chalicelib/domain/visitors/event_input.py",
    "chalicelib/services/experiments/load_definitions.py",
    "chalicelib/stats/input/types.py",
    "chalicelib/web/admin/requests.py",
    "chalicelib/web/browser/batch.py",
    "chalicelib/web/server/",
)
"""Where the types are that say what a field may hold."""

STORES = ("chalicelib.services.store", "chalicelib.services.tracking_store")
ONLY_REPORT = "chalicelib/services/reports/fill_reports.py"
ONLY_IN = {
    "chalice": ("app.py", "chalicelib/web/"),
    "pynamodb": ("chalicelib/storage/", "infra/", "bench/"),
    "boto3": ("chalicelib/storage/", "chalicelib/wiring.py", "infra/", "bench/"),
    "botocore": ("chalicelib/storage/", "infra/", "bench/"),
    "numpy": ("chalicelib/stats/", "bench/"),
    "scipy": ("chalicelib/stats/", "bench/"),
    "msgspec": (
        "chalicelib/storage/",
        "chalicelib/domain/fields/",
        *INPUTS,
        "infra/local/event_log.py",
        "infra/contract/",
    ),
    "aws_lambda_powertools": ("chalicelib/web/",),
}
LIBRARY = [ROOT / "app.py", *sorted(ROOT.glob("chalicelib/**/*.py"))]
SOURCES = [*LIBRARY, *sorted(ROOT.glob("infra/**/*.py"))]
FOLDERS = sorted(
    {
        path.parent
        for folder in ("chalicelib", "infra", "bench", "tests")
        for suffix in ("py", "js")
        for path in ROOT.glob(f"{folder}/**/*.{suffix}")
        if "built" not in path.parts
    }
)


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def imports(path: Path) -> tuple[str, ...]:
    """Every module that a file imports, and every name that it takes of one."""
    found: list[str] = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found += [each.name for each in node.names]
        elif isinstance(node, ast.ImportFrom):
            found += [str(node.module), *(f"{node.module}.{each.name}" for each in node.names)]
    return tuple(found)


def place(module: str) -> tuple[str, str]:
    """Layer and room of a module: `chalicelib.stats.power.block` is in ("stats", "power")."""
    parts = module.split(".")
    if parts[0] == "infra":
        return "infra", parts[1] if len(parts) > 1 else ""
    if parts[0] != "chalicelib":
        return parts[0], ""
    return (parts[1] if len(parts) > 1 else ""), (parts[2] if len(parts) > 2 else "")


def place_of(path: Path) -> tuple[str, str]:
    return place(".".join(path.relative_to(ROOT).with_suffix("").parts))


def ours(path: Path) -> Iterator[tuple[str, str]]:
    """The places of our own that a file imports from, as (module, room)."""
    for module in imports(path):
        if module.split(".")[0] in ("chalicelib", "infra"):
            yield module, place(module)[1]


def floor(layer: str, room: str) -> int | None:
    return next((number for number, rooms in enumerate(ROOMS[layer]) if room in rooms), None)


@pytest.mark.parametrize("path", LIBRARY, ids=name)
def test_layers_import_downwards_only(path):
    layer, _ = place_of(path)
    if layer == "__init__":
        return
    allowed = {"", layer, *LAYERS[layer], *({"stats"} if name(path) == ONLY_REPORT else ())}

    assert {module for module, _ in ours(path) if place(module)[0] not in allowed} == set()


@pytest.mark.parametrize("path", [each for each in SOURCES if place_of(each)[0] in ROOMS], ids=name)
def test_rooms_import_the_floors_below_only(path):
    layer, room = place_of(path)
    if room == "__init__":
        return
    mine = floor(layer, room)
    assert mine is not None, f"{room} has no floor in ROOMS"

    for module, other in ours(path):
        if place(module)[0] == layer and other not in ("", room):
            theirs = floor(layer, other)
            assert theirs is None or theirs < mine, module


def test_no_file_imports_itself_by_way_of_others():
    modules = {".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in SOURCES}
    asked: dict[str, list[str]] = {
        module: [each for each in imports(path) if each in modules and each != module]
        for module, path in modules.items()
    }
    done: set[str] = set()

    def walk(module: str, way: tuple[str, ...]) -> None:
        assert module not in way, " -> ".join((*way, module))
        if module not in done:
            for each in asked[module]:
                walk(each, (*way, module))
            done.add(module)

    for module in modules:
        walk(module, ())


@pytest.mark.parametrize("folder", FOLDERS, ids=name)
def test_a_folder_holds_few_source_files(folder):
    sources = [
        each for each in folder.iterdir() if each.suffix in (".py", ".js") and each.name != "__init__.py"
    ]

    assert len(sources) <= MOST_SOURCES, sorted(each.name for each in sources)


@pytest.mark.parametrize("folder", [each for each in FOLDERS if "chalicelib" in each.parts], ids=name)
def test_tests_lie_in_the_rooms_of_what_they_test(folder):
    mirrored = ROOT / "tests" / folder.relative_to(ROOT / "chalicelib")
    if mirrored.is_dir():
        rooms = {each.name for each in folder.iterdir() if each.is_dir()}
        theirs = {each.name for each in mirrored.iterdir() if each.is_dir() and each.name != "__pycache__"}

        assert folder == ROOT / "chalicelib" or theirs <= rooms


def test_storage_knows_of_services_only_what_a_store_must_offer():
    for path in ROOT.glob("chalicelib/storage/**/*.py"):
        for module in imports(path):
            if module.startswith("chalicelib.services"):
                assert module.startswith(STORES), (path.name, module)


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_frameworks_stay_in_their_layer(path):
    for module in imports(path):
        places = ONLY_IN.get(module.split(".")[0])

        assert places is None or name(path).startswith(places), module


@pytest.mark.parametrize("path", LIBRARY, ids=name)
def test_only_config_reads_the_environment(path):
    text = path.read_text()

    assert name(path) == "chalicelib/config.py" or ("environ" not in text and "getenv" not in text)


@pytest.mark.parametrize("path", LIBRARY, ids=name)
def test_domain_and_statistics_read_no_clock_and_draw_no_lots(path):
    if place_of(path)[0] in ("domain", "stats"):
        assert not {"time", "random", "secrets", "os"} & {module.split(".")[0] for module in imports(path)}


def test_no_grab_bags():
    grab_bags = {"utils.py", "helpers.py", "common.py", "constants.py", "misc.py", "models.py"}

    assert not [path for path in SOURCES if path.name in grab_bags]


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_every_module_says_what_it_is(path):
    assert ast.get_docstring(ast.parse(path.read_text()))
