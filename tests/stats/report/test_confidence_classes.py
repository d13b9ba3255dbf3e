"""High, medium, low: exact at the borders."""

from math import nextafter

import numpy as np
import pytest

from chalicelib.stats.report.confidence_classes import confidence_classes


@pytest.mark.parametrize(
    ("percent", "expected"),
    [
        (100.0, "high"),
        (95.0, "high"),
        (nextafter(95.0, 0), "medium"),
        (90.0, "medium"),
        (nextafter(90.0, 0), "low"),
        (0.0, "low"),
        (float("nan"), None),
    ],
)
def test_a_class_holds_its_lower_border(percent: float, expected: str | None) -> None:
    assert confidence_classes(np.array([percent])) == [expected]


@pytest.mark.parametrize(("p", "expected"), [(0.05, "high"), (0.1, "medium"), (0.0500001, "medium")])
def test_p_of_5_and_10_percent_are_borders(p: float, expected: str) -> None:
    assert confidence_classes((1.0 - np.array([p])) * 100.0) == [expected]


def test_nothing_has_no_class() -> None:
    assert confidence_classes(np.array([])) == []
