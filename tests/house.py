"""The map of CONTRIBUTING.md, from the code: `python -m tests.house` prints it."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
LAYERS = ("domain", "stats", "services", "storage", "web")


def room_table() -> str:
    """A row for each room: its folder, what its docstring says, and its modules."""
    return "\n".join(["| room | what is in it | modules |", "|---|---|---|", *map(_row, _rooms())])


def _rooms() -> Iterator[Path]:
    library = ROOT / "chalicelib"
    yield library
    for folder in (*(library / layer for layer in LAYERS), ROOT / "infra"):
        yield folder
        yield from sorted(path.parent for path in folder.glob("*/**/__init__.py"))


def _row(folder: Path) -> str:
    name = f"`{folder.relative_to(ROOT).as_posix()}/`"
    is_layer = folder.parent in (ROOT, ROOT / "chalicelib")
    modules = sorted(path.stem for path in folder.glob("*.py") if not path.stem.startswith("__"))
    said = ast.get_docstring(ast.parse((folder / "__init__.py").read_text())) or ""
    return f"| {f'**{name}**' if is_layer else name} | {said.splitlines()[0]} | {', '.join(modules)} |"


if __name__ == "__main__":
    print(room_table())
