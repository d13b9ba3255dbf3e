"""The report's own cost line."""

import json

import pytest

from chalicelib.services.reports.recount_cost import DOCUMENT_BYTES, READ_UNIT_DOLLARS, cost_of
from infra.aws import prices
from infra.commands.cost import INPUTS, read_units


def test_a_million_documents_cost_about_a_cent():
    cost = cost_of(1_000_000)

    assert cost["read_units"] == pytest.approx(1_000_000 * read_units(DOCUMENT_BYTES), abs=0.001)
    assert 0.003 < cost["dollars"] < 0.02


def test_an_empty_table_costs_nothing():
    assert cost_of(0) == {"documents": 0, "read_units": 0, "dollars": 0, "estimated": True}


def test_the_price_and_the_size_are_those_of_the_bill():
    rows = json.loads(INPUTS.read_text())["by_experiments"]

    assert READ_UNIT_DOLLARS == prices.DYNAMODB_READ_UNIT
    assert rows["3"]["document"]["document_bytes"] == DOCUMENT_BYTES
