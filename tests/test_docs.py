"""The README names every route, setting and command; CONTRIBUTING every module; rules name their tests."""

import dataclasses
import gzip
import re
from pathlib import Path

import pytest
from msgspec import Struct

from app import app
from chalicelib.config import Settings
from chalicelib.domain.experiments.experiment_input import ExperimentInput
from chalicelib.domain.experiments.goal_input import GoalInput
from chalicelib.domain.tracking.tracker_input import TrackerInput
from infra.__main__ import COMMANDS
from infra.packaging import snippet
from tests.house import room_table

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text()
HELD_BY = "held by"


@pytest.mark.parametrize("route", sorted(app.routes))
def test_every_route_is_in_the_readme_with_its_methods(route):
    lines = [line for line in README.splitlines() if re.search(rf"`[^`]*{re.escape(route)}[`?]", line)]

    assert lines, route
    for method in app.routes[route]:
        assert any(method in line for line in lines), (method, route)


@pytest.mark.parametrize("setting", [each.name.upper() for each in dataclasses.fields(Settings)])
def test_every_setting_is_in_the_readme(setting):
    assert f"`{setting}`" in README


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_in_the_readme(command):
    assert re.search(rf"^\| `{command}\b", README, re.MULTILINE)


def test_the_map_is_that_of_the_code():
    assert room_table() in CONTRIBUTING, "write it with: python -m tests.house"


def test_decisions_are_numbered_without_a_gap():
    numbers = sorted(int(path.name[:4]) for path in (ROOT / "docs" / "decisions").glob("[0-9]*.md"))

    assert numbers == list(range(1, len(numbers) + 1))


def test_the_readme_s_page_is_the_shop_s():
    shop = (ROOT / "infra" / "local" / "shop" / "index.html").read_text()
    example = shop.split("<!-- example -->\n")[1].split("<!-- /example -->")[0]

    assert len(example.splitlines()) == 5
    assert f"```html\n{example}```" in README


@pytest.mark.parametrize("page", ["README.md", "docs/snippet.md", "CHANGELOG.md"])
def test_the_snippet_s_size_is_as_written(page, tmp_path):
    code = (snippet.build(tmp_path / "built") / "leansplit.js").read_bytes()

    assert f"{len(gzip.compress(code, 9, mtime=0)):,}" in (ROOT / page).read_text()


def test_nothing_has_two_rows_in_the_readme():
    rows = [line.split("|")[1] for line in README.splitlines() if line.startswith("| `")]

    assert len(rows) == len(set(rows))


def test_every_rule_of_an_ancestor_names_tests_that_exist():
    there = names_in((ROOT / "tests").rglob("test_*.py"), r"def (test_\w+)\(")
    for page in ("from-django-lean.md", "tracking.md", "guarantees.md"):
        rows = rules_of((ROOT / "docs" / page).read_text())
        held = {row: re.findall(r"`(test_\w+)`", row.split("|")[-2]) for row in rows}

        assert rows, page
        assert [row for row, tests in held.items() if not tests] == []
        assert {test for tests in held.values() for test in tests} - there == set()


def test_every_test_of_django_lean_s_rules_is_in_its_page():
    told = names_in([ROOT / "docs" / "from-django-lean.md"], r"`(test_\w+)`")

    assert names_in((ROOT / "tests" / "django_lean").glob("test_*.py"), r"def (test_\w+)\(") - told == set()


def names_in(paths, pattern):
    return {name for path in paths for name in re.findall(pattern, path.read_text())}


def rules_of(page):
    """The rows of those tables whose last column says which tests hold them."""
    tables = [each.splitlines() for each in re.findall(r"(?:^\|.*\n)+", page, re.MULTILINE)]
    return [row for table in tables if table[0].split("|")[-2].strip() == HELD_BY for row in table[2:]]


@pytest.mark.parametrize("kind", [ExperimentInput, GoalInput, TrackerInput])
def test_every_field_of_a_definition_is_documented(kind: type[Struct]) -> None:
    text = (ROOT / "docs" / "definitions.md").read_text()
    title = {"ExperimentInput": "## Experiments", "GoalInput": "## Goals", "TrackerInput": "## Trackers"}
    section = text.split(title[kind.__name__])[1].split("\n## ")[0]
    documented = {
        name for row in re.findall(r"^\| (`.*?`) \|", section, re.M) for name in row.split("`")[1::2]
    }

    assert documented == {*kind.__struct_fields__} - {"max_sample_size"}
