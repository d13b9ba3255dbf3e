"""django-lean's figures of a conversion report, through the nightly job."""

from math import erfc, sqrt

import pytest

from chalicelib.domain.instant import SECOND
from tests.django_lean.steps import arms, comparison, night, people, reach, report_of
from tests.web.client import Site

Counts = tuple[int, int]
SUITE = {
    "medium": ((36, 50), (30, 55), 3.4176732358550534),
    "low": ((10, 302), (15, 286), 1.3489283703956751),
    "high": ((17, 302), (34, 286), 7.2646044251357011),
}
"""Of django-lean's own tests: converted and all, of the control and of the test group, and χ²."""


def counted(site: Site, control: Counts, test: Counts) -> dict[str, object]:
    """The report of a day on which so many of so many signed up."""
    users = people(site, control=control[1], test=test[1])
    site.now += SECOND
    reach(site, users["control"][: control[0]], "signup")
    reach(site, users["test"][: test[0]], "signup")
    night(site)
    return report_of(site, day="2026-03-10")


@pytest.mark.parametrize("confidence", SUITE)
def test_conversions_are_compared_by_chi_square_without_yates(lean: Site, confidence: str) -> None:
    control, test, chi2 = SUITE[confidence]
    found = comparison(counted(lean, control, test), "signup")["fixed_horizon"]

    assert found["statistic"] == pytest.approx(chi2, rel=1e-12)
    assert found["p_value"] == pytest.approx(erfc(sqrt(chi2 / 2)), rel=1e-12)
    assert found["yates_p_value"] > found["p_value"]


def test_confidence_is_1_minus_p_in_percent(lean: Site) -> None:
    control, test, chi2 = SUITE["medium"]
    found = comparison(counted(lean, control, test), "signup")["fixed_horizon"]

    assert found["confidence_percent"] == pytest.approx(100 * (1 - erfc(sqrt(chi2 / 2))), rel=1e-12)


@pytest.mark.parametrize("confidence", SUITE)
def test_confidence_is_high_from_95_medium_from_90_and_low_below(lean: Site, confidence: str) -> None:
    """The borders themselves: tests/stats/report/test_confidence_classes.py."""
    control, test, _ = SUITE[confidence]
    found = comparison(counted(lean, control, test), "signup")["fixed_horizon"]

    assert found["confidence_class"] == confidence


@pytest.mark.parametrize(
    ("control", "test", "status"),
    [
        ((0, 0), (2, 5), "empty_arm"),
        ((2, 5), (0, 0), "empty_arm"),
        ((0, 5), (0, 6), "degenerate_margin"),
        ((5, 5), (6, 6), "degenerate_margin"),
    ],
)
def test_confidence_is_null_if_an_arm_is_empty_or_nobody_or_everybody_converted(
    lean: Site, control: Counts, test: Counts, status: str
) -> None:
    found = comparison(counted(lean, control, test), "signup")
    figures = ("statistic", "p_value", "confidence_percent", "confidence_class")

    assert [found["fixed_horizon"][figure] for figure in figures] == [None] * 4
    assert found["status"] == status


def test_p_of_0_is_100_percent(lean: Site) -> None:
    found = comparison(counted(lean, (0, 750), (750, 750)), "signup")["fixed_horizon"]

    assert (found["p_value"], found["confidence_percent"], found["confidence_class"]) == (0, 100, "high")
    assert -340 < found["log10_p"] < -320


@pytest.mark.parametrize(
    ("control", "test", "improvement"),
    [((2, 8), (3, 8), 0.5), ((4, 8), (3, 12), -0.5), ((0, 8), (2, 8), None)],
)
def test_improvement_is_relative_to_control(
    lean: Site, control: Counts, test: Counts, improvement: float | None
) -> None:
    found = comparison(counted(lean, control, test), "signup")["lift"]["estimate"]

    assert found == (improvement if improvement is None else pytest.approx(improvement, abs=1e-15))


def test_improvement_is_minus_100_percent_when_the_test_rate_is_0(lean: Site) -> None:
    assert comparison(counted(lean, (1, 3), (0, 3)), "signup")["lift"]["estimate"] == -1


def test_sizes_and_counts_stand_beside_rates(lean: Site) -> None:
    found = arms(counted(lean, (2, 8), (3, 6)), "signup")
    facts = ("n", "conversions", "rate")

    assert {key: [arm[fact] for fact in facts] for key, arm in found.items()} == {
        "control": [8, 2, 0.25],
        "test": [6, 3, 0.5],
    }
