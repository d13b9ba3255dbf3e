"""The bill: worked out by hand for one month, and how it moves."""

import json

import pytest

from infra.__main__ import main
from infra.aws import prices
from infra.commands import cost
from infra.commands.cost import Month

STEP = {"read_units": 1.0, "write_units": 1.0, "calls": 2, "cpu_ms": 2.0, "log_bytes": 500}
UNITS = {
    "first": STEP,
    "goal": {**STEP, "write_units": 2.0},
    "document": {"document_bytes": 4096},
    "fold": {"read_units": 10.0, "calls": 10},
}
MONTH = Month(visitors=1e6, pages=5, experiments=3, goals=1)


def dollars(month: Month) -> dict[str, float]:
    return {line.name: line.dollars for line in cost.bill(month, UNITS)}


def test_the_lines_are_what_a_calculation_by_hand_gives() -> None:
    found = dollars(MONTH)

    assert found["API Gateway"] == pytest.approx(2 * 3.50)
    assert found["DynamoDB writes"] == pytest.approx(3 * 0.625)
    assert found["DynamoDB reads"] == pytest.approx(2 * 0.125)
    assert found["DynamoDB nightly scans"] == pytest.approx(30 * 13.2 * 0.5 * 0.125)
    assert found["Logs"] == pytest.approx(1.0 * 0.50)
    assert found["CloudFront"] == 0
    milliseconds = 2.0 / (512 / 1769) + 2 * cost.CALL_MS
    assert found["Lambda API"] == pytest.approx(2e6 * milliseconds / 1000 * 0.5 * 0.0000133334)


def test_requests_beyond_cloudfront_s_free_ones_are_paid() -> None:
    assert dollars(Month(10e6, 5, 3, 1))["CloudFront"] == pytest.approx((70e6 - 10e6) / 10_000 * 0.01)


def test_a_stage_without_visitors_costs_cents() -> None:
    assert sum(dollars(Month(0, 5, 3, 1)).values()) < 0.20


def test_peers_are_billed_by_their_own_measure() -> None:
    found = {name: (low, high) for name, low, high, _ in cost.peers(MONTH)}

    assert found["Statsig"] == (200.0, 200.0)
    assert found["PostHog flags"] == (50.0, 500.0)


@pytest.mark.parametrize(("asked", "taken"), [(1, 1), (2, 3), (3, 3), (4, 10), (99, 10)])
def test_the_next_larger_measurement_is_taken(asked: int, taken: int) -> None:
    inputs = {"by_experiments": {str(number): {"row": number} for number in (1, 3, 10)}}

    assert cost.measured(inputs, asked) == {"row": taken}


def test_the_inputs_are_complete_and_dated() -> None:
    inputs = json.loads(cost.INPUTS.read_text())

    assert inputs["measured_at"]
    assert prices.AS_OF
    for row in inputs["by_experiments"].values():
        assert row.keys() >= UNITS.keys()
        assert row["first"].keys() == STEP.keys()


def test_the_command_prints_a_total(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cost", "--visitors", "1e6", "--pages", "5", "--experiments", "3"]) == 0
    printed = capsys.readouterr().out

    assert "a month" in printed
    assert "Statsig" in printed
