"""The layer holds what scipy needs to be imported, and no more."""

from pathlib import Path

import pytest

from infra.errors import PackageError
from infra.packaging import archive, layer


@pytest.mark.parametrize(
    ("path", "ballast"),
    [
        ("scipy/special/tests/test_basic.py", True),
        ("numpy/_core/tests/test_umath.py", True),
        ("numpy/_core/tests/_natype.py", False),
        ("numpy/f2py/crackfortran.py", False),
        ("numpy/__init__.pyi", True),
        ("scipy/special/_basic.py", False),
    ],
)
def test_tests_and_stubs_are_ballast_but_the_one_that_numpy_imports(path: str, ballast: bool) -> None:
    assert layer.is_ballast(Path(path)) is ballast


def test_a_layer_that_lacks_a_needed_file_is_refused(tmp_path: Path) -> None:
    for name in [*layer.NEEDED[1:], "x.so"]:
        (tmp_path / "in/python" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in/python" / name).touch()
    archive.write(tmp_path / "in", tmp_path / "layer.zip")

    with pytest.raises(PackageError, match=r"lacks numpy/__init__\.py"):
        layer.check(tmp_path / "layer.zip")


def test_a_layer_without_compiled_modules_is_refused(tmp_path: Path) -> None:
    for name in layer.NEEDED:
        (tmp_path / "in/python" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in/python" / name).touch()
    archive.write(tmp_path / "in", tmp_path / "layer.zip")

    with pytest.raises(PackageError, match="compiled"):
        layer.check(tmp_path / "layer.zip")
