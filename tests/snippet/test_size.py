"""The snippet's promise: at most 2,304 bytes, gzipped, configuration apart."""

import gzip
import json
from pathlib import Path

import pytest

from chalicelib.domain.definitions import Definitions
from chalicelib.services.experiments.publish import config_script, publish
from chalicelib.storage.files.objects import MemoryObjects
from infra.packaging import snippet

BUDGET = 2_304


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = snippet.build(tmp_path_factory.mktemp("built"))
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("name", ["leansplit.js", "leansplit.mjs"])
def test_what_a_page_loads_fits_the_budget(built: dict[str, bytes], name: str) -> None:
    files = MemoryObjects()
    publish(files, built, Definitions(), 0)
    script = files.files[name].removeprefix(config_script(Definitions(), 0))

    assert len(gzip.compress(script, 9, mtime=0)) <= BUDGET


def test_the_same_sources_give_the_same_bytes(built: dict[str, bytes], tmp_path: Path) -> None:
    again = snippet.build(tmp_path / "again")

    assert {path.name: path.read_bytes() for path in again.iterdir()} == built


def test_nothing_in_it_needs_eval_or_inline_code(built: dict[str, bytes]) -> None:
    for name, code in built.items():
        if name.endswith(("js", "mjs")):
            assert not [
                word for word in (b"eval(", b"new Function", b"innerHTML", b".style") if word in code
            ], name


def test_the_source_map_leads_back_to_the_source(built: dict[str, bytes]) -> None:
    parts = json.loads(built["leansplit.js.map"])

    assert parts["sourcesContent"] == [(snippet.SOURCE / "leansplit.js").read_text()]
    assert parts["names"]
    assert len(parts["mappings"]) > 1_000


def test_the_map_s_first_word_is_where_the_code_begins(built: dict[str, bytes], tmp_path: Path) -> None:
    """A word of the minified script is found in its source at the place that the map says."""
    from calmjs.parse.vlq import decode_mappings

    code, parts = built["leansplit.js"].decode(), json.loads(built["leansplit.js.map"])
    source = parts["sourcesContent"][0].split("\n")
    checked = 0
    column = line = place = 0
    for segment in decode_mappings(parts["mappings"])[0]:
        column += segment[0]
        if len(segment) >= 4:
            line, place = line + segment[2], place + segment[3]
        if code.startswith("navigator.sendBeacon", column) and len(segment) >= 4:
            checked += source[line].startswith("navigator.sendBeacon", place)

    assert checked == 1
