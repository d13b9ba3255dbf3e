"""The calculator that a setting names."""

import sys
from types import ModuleType, SimpleNamespace

import pytest

from chalicelib import wiring
from chalicelib.config import BadSetting


@pytest.fixture
def named(monkeypatch):
    module = ModuleType("ourcode")

    class Score:
        def calculate_user_engagement_score(self, user, start_date, end_date):
            return 1

    class Empty:
        pass

    module.Score, module.Empty, module.NEEDS = Score, Empty, 7
    monkeypatch.setitem(sys.modules, "ourcode", module)

    def load(path):
        monkeypatch.setattr(wiring, "settings", lambda: SimpleNamespace(engagement_calculator=path))
        wiring.calculator.cache_clear()
        return wiring.calculator()

    yield load
    wiring.calculator.cache_clear()


def test_the_calculator_is_what_the_setting_names(named):
    assert named("") is None
    assert named("ourcode.Score").calculate_user_engagement_score("1", None, None) == 1


def test_whatever_your_code_raises_at_its_start_names_the_setting(named, monkeypatch):
    class Broken:
        def __init__(self):
            raise KeyError("DATABASE_URL")

    monkeypatch.setattr(sys.modules["ourcode"], "Broken", Broken, raising=False)

    with pytest.raises(BadSetting, match=r"'ourcode\.Broken' cannot be loaded: KeyError: 'DATABASE_URL'"):
        named("ourcode.Broken")


@pytest.mark.parametrize("path", ["nowhere.Score", "ourcode.Missing", "ourcode.Empty", "ourcode.NEEDS"])
def test_a_bad_path_is_a_clear_error(named, path):
    with pytest.raises(BadSetting, match=f"ENGAGEMENT_CALCULATOR '{path}'"):
        named(path)
