"""What browsers load, built from chalicelib/snippet into build/snippet, with source maps."""

import base64
import hashlib
import json
import shutil
from io import StringIO
from pathlib import Path
from typing import Any

from calmjs.parse import es5
from calmjs.parse.sourcemap import encode_sourcemap
from calmjs.parse.sourcemap import write as write_with_map
from calmjs.parse.unparsers.es5 import minify_printer

from infra.errors import InfraError
from infra.paths import BUILD, ROOT

SOURCE = ROOT / "chalicelib" / "snippet"
TARGET = BUILD / "snippet"
SCRIPTS = ("leansplit", "leansplit.hide", "leansplit.track", "leansplit.debug")
_CURRENT = "document.currentScript"


def build(folder: Path = TARGET) -> Path:
    """Write every file anew; the same sources give the same bytes."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in SCRIPTS:
        code, mappings = minified(name)
        (folder / f"{name}.js").write_text(code)
        (folder / f"{name}.js.map").write_text(json.dumps(mappings, separators=(",", ":")))
    (folder / "leansplit.mjs").write_text(as_module((folder / "leansplit.js").read_text()))
    shutil.copyfile(SOURCE / "leansplit.d.ts", folder / "leansplit.d.ts")
    return folder


def minified(name: str) -> tuple[str, dict[str, Any]]:
    """The script with short local names, and its source map with the source inside."""
    source = (SOURCE / f"{name}.js").read_text()
    tree = es5(source)
    tree.sourcepath = f"{name}.js"
    stream = StringIO()
    fragments = minify_printer(obfuscate=True, drop_semi=True)(tree)
    mappings, sources, names = write_with_map(fragments, stream)
    encoded = encode_sourcemap(f"{name}.js", mappings, sources, names)
    return stream.getvalue(), {**encoded, "sourcesContent": [source]}


def as_module(code: str) -> str:
    """The same script as an ES module, whose default export is what the other one calls `leansplit`."""
    if code.count(_CURRENT) != 1:
        raise InfraError(f"the snippet must name {_CURRENT} once")
    return "export default " + code.replace(_CURRENT, "{src:import.meta.url,dataset:window.leansplitOptions}")


def integrity(code: bytes) -> str:
    """What a page writes into the script's `integrity`."""
    return "sha384-" + base64.b64encode(hashlib.sha384(code).digest()).decode()
