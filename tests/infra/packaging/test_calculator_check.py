"""A calculator that could not be loaded at night is refused before anything is uploaded."""

import io
import zipfile

import pytest

from infra.errors import PackageError
from infra.packaging import calculator_check

GOOD = """class Calculator:
    def calculate_user_engagement_score(self, user, start_date, end_date):
        return 1
"""


def zipped(sources: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for name, source in sources.items():
            package.writestr(name, source)
    return out.getvalue()


def check(path: str, place: str, source: str = GOOD, has_layer: bool = False) -> None:
    calculator_check.check(path, zipped({place: source}), has_layer, is_local=False)


@pytest.mark.parametrize(
    "source",
    [
        GOOD,
        "from ourcode.base import Calculator\n",
        "from ourcode.base import Scores as Calculator\n",
        "from ourcode.base import *\n",
        "class Calculator(Base):\n    pass\n",
        "try:\n    import fast\nexcept ImportError:\n    Calculator = None\n",
        "def Calculator():\n    return Scores()\n",
        "class Calculator[T]:\n    of a newer Python than the one that reads it\n",
    ],
)
def test_what_may_lead_to_a_class_is_let_through(source: str) -> None:
    check("ourcode.engagement.Calculator", "ourcode/engagement.py", source)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("nonsense", "must be a dotted path like package.module.Class"),
        ("our-code.Calculator", "must be a dotted path"),
        ("ourcode.typo.Calculator", "there is no ourcode/typo.py in the folder of your code"),
        ("ourcode.engagement.Calc", "ourcode/engagement.py has no Calc"),
        ("ourcode.engagement.Empty", "the class Empty in .* has no calculate_user_engagement_score"),
    ],
)
def test_what_cannot_lead_to_one_is_refused_by_name(path: str, said: str) -> None:
    source = GOOD + "class Empty:\n    def other(self):\n        pass\n"

    with pytest.raises(PackageError, match=f"EngagementCalculator '{path}': {said}"):
        check(path, "ourcode/engagement.py", source)


def test_a_package_and_a_module_at_the_top_are_found() -> None:
    check("ourcode.Calculator", "ourcode/__init__.py")
    check("ourcode.Calculator", "ourcode.py")


def test_a_compiled_module_is_found_and_not_read() -> None:
    names = ["ourcode/fast.cpython-313-aarch64-linux-gnu.so", "ourcode/__init__.py"]

    assert calculator_check.found_in(names, "ourcode.fast") == names[0]
    assert calculator_check.found_in(names, "ourcode.fas") is None


def test_what_is_not_in_the_package_may_be_in_a_layer() -> None:
    check("elsewhere.Calculator", "ourcode.py", has_layer=True)
