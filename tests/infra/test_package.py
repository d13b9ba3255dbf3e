"""What Lambda would refuse is refused here."""

from pathlib import Path

import pytest

from infra import package
from infra.errors import PackageError


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
