"""The demo, small: its exit code is its word that every count is what was sent."""

import argparse
from collections import Counter
from pathlib import Path

import pytest
from rich.console import Console

from infra.__main__ import parser_for
from infra.commands import demo
from infra.demo import scoreboard
from infra.demo.traffic import Sent
from infra.errors import InfraError, PackageError

pytestmark = pytest.mark.stack


def arguments(*words: str) -> argparse.Namespace:
    return parser_for(["demo"]).parse_args(["demo", "--visitors", "40", "--seed", "7", *words])


def test_a_demo_whose_counts_agree_ends_with_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert demo.demo(arguments()) == 0

    said = capsys.readouterr().out
    assert "every count is what was sent" in said
    assert "s3://leansplit-local-reports" in said


def test_a_difference_is_shown_and_ends_with_1(capsys: pytest.CaptureFixture[str]) -> None:
    report = {"goals": [], "tallies": [], "exclusions": {"bots": {}}}
    sent = Sent(visitors=Counter({"control": 1}))

    assert demo.verdict(Console(width=120), scoreboard.compare("S3", report, sent), 1.0) == 1
    assert "differs S3: visitors of control signup: None in the report, 1 sent" in capsys.readouterr().out


SOURCE = """class Calculator:
    def calculate_user_engagement_score(self, user, start_date, end_date):
        return {"42": 120.5, "43": 80}[user]
"""


@pytest.fixture
def yours(tmp_path: Path) -> list[str]:
    (tmp_path / "mine.py").write_text(SOURCE)
    return ["--vendor", str(tmp_path), "--set"]


def test_your_function_is_tried_on_users_that_you_name(
    yours: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    users = ["--story", "calculator", "--user", "42", "--user", "43", "--user", "44"]

    assert demo.demo(arguments(*users, *yours, "EngagementCalculator=mine.Calculator")) == 0
    said = capsys.readouterr().out
    assert "calculator: 3 calls, 1 failed" in said
    assert "~44: KeyError: '44'" in said


def test_without_a_function_that_can_be_loaded_nothing_is_tried(yours: list[str]) -> None:
    with pytest.raises(InfraError, match="needs your function: --set EngagementCalculator="):
        demo.demo(arguments("--story", "calculator"))
    with pytest.raises(PackageError, match=r"mine\.py has no Calculater"):
        demo.demo(arguments("--story", "calculator", *yours, "EngagementCalculator=mine.Calculater"))


def test_the_other_stories_count_the_same_beside_a_function(yours: list[str]) -> None:
    assert demo.demo(arguments(*yours, "EngagementCalculator=mine.Calculator")) == 0
    assert demo.demo(arguments("--story", "people", *yours, "EngagementCalculator=mine.Calculator")) == 0
