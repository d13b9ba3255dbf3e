"""The folder of your own code: what of it is packed, and what would take another module's place."""

from pathlib import Path

import pytest

from infra.errors import PackageError
from infra.packaging import vendor


def filled(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


def test_modules_packages_and_data_are_packed_where_they_lie(tmp_path: Path) -> None:
    names = ["mine.py", "ourcode/__init__.py", "ourcode/engagement.py", "ourcode/rates.json"]

    assert list(vendor.files(filled(tmp_path, *names))) == names


def test_caches_and_what_begins_with_a_dot_are_not(tmp_path: Path) -> None:
    names = ["a/__pycache__/b.py", "a/b.pyc", ".git/config", "a/.env", ".DS_Store"]

    assert vendor.files(filled(tmp_path, *names)) == {}


def test_without_the_folder_there_is_nothing_but_a_named_one_must_be_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vendor, "FOLDER", tmp_path / "vendor")

    assert vendor.files(tmp_path / "vendor") == {}
    with pytest.raises(PackageError, match=r"there is no folder .*mine.* \(--vendor\)"):
        vendor.files(tmp_path / "mine")


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("app.py", "app.py in the folder of your code is leansplit's own"),
        ("chalicelib/wiring.py", "chalicelib in the folder of your code is leansplit's own"),
        ("pynamodb/models.py", "is a package that leansplit needs"),
        ("typing_extensions.py", "is a package that leansplit needs"),
        ("_speed.cpython-313-x86_64-linux-gnu.so", "is a package that leansplit needs"),
        ("json.py", "is in Python's own library"),
        ("numpy/__init__.py", "is in the layer of the report functions already"),
        ("boto3/__init__.py", "is in the Lambda runtime already"),
        ("tests/test_a.py", "is not packed with functions"),
    ],
)
def test_a_module_that_takes_another_one_s_place_is_refused(place: str, said: str) -> None:
    dependencies = ["pynamodb", "typing_extensions.py", "_speed.so", "pynamodb-6.1.0.dist-info"]

    with pytest.raises(PackageError, match=said):
        vendor.refuse_clashes([place], dependencies)


def test_modules_that_only_look_alike_are_yours() -> None:
    places = ["apps/app.py", "ourcode/json.py", "pynamodb_extra.py", "pynamodb-7.dist-info/METADATA"]

    vendor.refuse_clashes(places, ["pynamodb", "pynamodb-6.1.0.dist-info"])
