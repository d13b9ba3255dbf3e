"""What Lambda would refuse is refused here."""

from pathlib import Path

import pytest

from infra.commands import package
from infra.errors import PackageError
from infra.packaging import bundle, layer
from infra.packaging.target import LOCAL, Target


def test_a_zip_over_lambda_s_limit_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a").write_bytes(b"x" * 1000)
    package.archive.write(tmp_path / "in", tmp_path / "a.zip")

    assert package.show(tmp_path / "a.zip") == 1000
    assert "MB zipped" in capsys.readouterr().out
    monkeypatch.setattr(package, "LARGEST_ZIPPED", 10)
    with pytest.raises(PackageError, match="Lambda takes 50 MB"):
        package.show(tmp_path / "a.zip")


@pytest.mark.parametrize("architecture", ["aarch64", "x86_64"])
def test_two_builds_for_lambda_give_the_same_bytes_for_its_machine(
    architecture: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = Target("3.13", architecture)
    built = []
    for name in ("first", "second"):
        monkeypatch.setattr(bundle, "BUILD", tmp_path / name)
        built.append(bundle.build(target, "test").code)
    compiled = [name for name in package.archive.names(built[0]) if name.endswith(".so")]

    assert built[0].read_bytes() == built[1].read_bytes()
    assert compiled
    assert [name for name in compiled if f"cpython-313-{architecture}" not in name] == []


def test_two_builds_of_the_layer_give_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = layer.build(LOCAL).read_bytes()
    monkeypatch.setattr(layer, "BUILD", tmp_path)

    assert layer.build(LOCAL).read_bytes() == before
