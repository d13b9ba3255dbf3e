"""The thin zip and the template, as they would go to AWS."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from cfnlint.api import lint
from cfnlint.config import ManualArgs

from infra.errors import PackageError
from infra.packaging import archive, bundle
from infra.packaging.target import LOCAL, Target
from infra.paths import ROOT

REGIONS = ["us-east-1", "us-west-2", "eu-west-1", "eu-central-1", "ap-southeast-2"]


@cache
def built() -> bundle.Bundle:
    return bundle.build(LOCAL, "test")


def resources(kind: str) -> dict[str, Any]:
    found = built().template["Resources"].items()
    return {name: each["Properties"] for name, each in found if each["Type"] == kind}


def zip_of(folder: Path, names: list[str]) -> Path:
    for name in names:
        (folder / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "in" / name).touch()
    archive.write(folder / "in", folder / "code.zip")
    return folder / "code.zip"


def test_the_zip_holds_our_sources_and_nothing_else_of_the_tree() -> None:
    held = {name for name in archive.names(built().code) if name.startswith(("app.py", "chalicelib"))}
    meant = {path.relative_to(ROOT).as_posix() for path in bundle.sources()} - {".chalice/config.json"}
    snippet = {name for name in held if name.startswith("chalicelib/snippet/built/")}

    assert held - snippet == meant
    assert "chalicelib/snippet/built/leansplit.mjs" in snippet


def test_the_zip_is_thin() -> None:
    held = archive.names(built().code)

    assert {name.split("/")[0] for name in held if "numpy" in name or "scipy" in name} == set()
    assert not [name for name in held if name.startswith(tuple(f"{each}/" for each in ("boto3", "botocore")))]
    assert built().code.stat().st_size < 3_000_000


@pytest.mark.parametrize("missing", bundle.NEEDED)
def test_a_zip_that_lacks_something_is_refused(tmp_path: Path, missing: str) -> None:
    code = zip_of(tmp_path, [name for name in bundle.NEEDED if name != missing])

    with pytest.raises(PackageError, match=f"lacks {missing}"):
        bundle.check(code)


@pytest.mark.parametrize("stranger", ["numpy/a.py", "tests/test_a.py", "chalicelib/__pycache__/a.pyc"])
def test_a_zip_with_something_unwanted_is_refused(tmp_path: Path, stranger: str) -> None:
    code = zip_of(tmp_path, [*bundle.NEEDED, stranger])

    with pytest.raises(PackageError, match=f"must not hold {stranger}"):
        bundle.check(code)


def test_a_second_build_packs_nothing_again() -> None:
    before = built().code.stat().st_mtime_ns

    assert bundle.build(LOCAL, "test").code.stat().st_mtime_ns == before


def test_two_builds_give_the_same_bytes(tmp_path: Path) -> None:
    bundle.package(LOCAL, "test", tmp_path / "again")

    assert (tmp_path / "again" / "code.zip").read_bytes() == built().code.read_bytes()
    assert json.loads((tmp_path / "again" / "template.json").read_text()) == built().template


def test_only_the_report_s_functions_have_the_scipy_layer() -> None:
    layered = {name for name, each in resources("AWS::Serverless::Function").items() if "Layers" in each}

    assert layered == {"Report", "Recount"}


def test_every_function_has_a_role_of_its_own_and_the_settings() -> None:
    functions = resources("AWS::Serverless::Function")
    roles = [each["Role"]["Fn::GetAtt"][0] for each in functions.values()]
    settings = [set(each["Environment"]["Variables"]) for each in functions.values()]

    assert sorted(roles) == ["APIRole", "FoldRole", "RecountRole", "ReportRole"]
    assert settings[0] >= {"VISITORS_TABLE", "LEANSPLIT_TABLE", "REPORTS_BUCKET", "ADMIN_KEYS", "TOKEN_KEYS"}
    assert settings == [settings[0]] * len(settings)


def test_answers_of_every_type_pass_through_the_api_unchanged() -> None:
    assert [api["BinaryMediaTypes"] for api in resources("AWS::Serverless::Api").values()] == [["*/*"]]


def test_the_report_is_scheduled_every_night() -> None:
    events = resources("AWS::Serverless::Function")["Report"]["Events"]

    assert events["ReportEvent"]["Properties"]["Schedule"] == "cron(30 0 * * ? *)"


def test_the_lanes_are_folded_every_minute() -> None:
    events = resources("AWS::Serverless::Function")["Fold"]["Events"]

    assert [each["Properties"]["Schedule"] for each in events.values()] == ["rate(1 minute)"]


@pytest.mark.parametrize("source", ["data", "app"])
def test_the_linter_finds_nothing_in_the_templates(source: str) -> None:
    text = (ROOT / "infra/data.yaml").read_text() if source == "data" else json.dumps(built().template)
    every = ManualArgs(include_checks=["I"], include_experimental=True, regions=REGIONS)
    found = [match for match in lint(text, config=every) if match.rule.severity != "informational"]

    assert [str(each) for each in found] == []


def test_the_runtime_is_the_target_s_and_not_the_builder_s() -> None:
    template = bundle.for_target(json.loads(json.dumps(built().template)), Target("3.13", "aarch64"))
    functions = [
        each["Properties"]
        for each in template["Resources"].values()
        if each["Type"] == "AWS::Serverless::Function"
    ]

    assert {each["Runtime"] for each in functions} == {"python3.13"}
    assert {tuple(each["Architectures"]) for each in functions} == {("arm64",)}


def yours(folder: Path, **sources: str) -> Path:
    for name, source in sources.items():
        path = folder / (name.replace("__", "/") + ".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)
    return folder


def test_your_own_code_lies_at_the_top_of_the_package_beside_all_the_rest(tmp_path: Path) -> None:
    mine = yours(tmp_path / "mine", ourcode__engagement="SCORE = 1\n", small="RATE = 2\n")
    (mine / ".env").write_text("SECRET=1\n")
    made = bundle.build(LOCAL, "test", mine)
    added = set(archive.names(made.code)) - set(archive.names(built().code))

    assert added == {"ourcode/engagement.py", "small.py"}
    assert made.template == built().template


def test_two_builds_of_your_code_give_the_same_bytes_and_a_change_gives_others(tmp_path: Path) -> None:
    first = bundle.build(LOCAL, "test", yours(tmp_path / "a", ourcode__engagement="SCORE = 1\n"))
    again = bundle.build(LOCAL, "test", yours(tmp_path / "b", ourcode__engagement="SCORE = 1\n"))
    moved = bundle.build(LOCAL, "test", yours(tmp_path / "c", ourcodes__engagement="SCORE = 1\n"))

    assert first.code.read_bytes() == again.code.read_bytes()
    assert "ourcodes/engagement.py" in archive.names(moved.code)


def test_your_code_must_not_take_the_place_of_what_leansplit_packs(tmp_path: Path) -> None:
    with pytest.raises(PackageError, match="pynamodb in the folder of your code is a package that leansplit"):
        bundle.build(LOCAL, "test", yours(tmp_path, pynamodb__models="BAD = 1\n"))


def test_a_layer_of_yours_goes_to_the_report_s_functions_alone() -> None:
    functions = resources("AWS::Serverless::Function")
    layer = {"Fn::If": ["HasCalculatorLayer", {"Ref": "CalculatorLayer"}, {"Ref": "AWS::NoValue"}]}

    layered = {name for name, each in functions.items() if layer in each.get("Layers", [])}

    assert layered == {"Report", "Recount"}


def test_a_segment_may_go_on_by_invoking_itself_as_often_as_it_takes() -> None:
    """Lambda stops a chain of some 16 invocations of a function by itself, unless it is told not to."""
    assert resources("AWS::Serverless::Function")["Recount"]["RecursiveLoop"] == "Allow"
