"""The worked example of docs/statistics.md says what `analyse` says."""

import json
import re
from pathlib import Path

import pytest

from chalicelib.stats.analysis import analyse

TEXT = (Path(__file__).parents[2] / "docs" / "statistics.md").read_text(encoding="utf-8")


def block(name):
    found = re.search(rf"<!-- example: {name} -->\n```json\n(.*?)```", TEXT, re.DOTALL)
    assert found
    return json.loads(found.group(1))


def test_the_worked_example_is_right():
    row = analyse([block("request")])[0]["goals"][0]["comparisons"][0]

    for path, value in block("answer").items():
        found = row
        for name in path.split("."):
            found = found[name]
        assert found == (value if isinstance(value, str) else pytest.approx(value, rel=2e-3)), path
