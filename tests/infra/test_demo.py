"""The demo, small: its exit code is its word that every count is what was sent."""

import argparse
from collections import Counter

import pytest
from rich.console import Console

from infra import demo, scoreboard
from infra.traffic import Sent

pytestmark = pytest.mark.stack
ARGUMENTS = argparse.Namespace(story=None, visitors=40, seed=7)


def test_a_demo_whose_counts_agree_ends_with_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert demo.demo(ARGUMENTS) == 0

    said = capsys.readouterr().out
    assert "every count is what was sent" in said
    assert "s3://leansplit-local-reports" in said


def test_a_difference_is_shown_and_ends_with_1(capsys: pytest.CaptureFixture[str]) -> None:
    report = {"goals": [], "tallies": [], "exclusions": {"bots": {}}}
    sent = Sent(visitors=Counter({"control": 1}))

    assert demo.verdict(Console(width=120), scoreboard.compare("S3", report, sent), 1.0) == 1
    assert "differs S3: visitors of control signup: None in the report, 1 sent" in capsys.readouterr().out
