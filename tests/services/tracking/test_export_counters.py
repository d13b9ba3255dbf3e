"""Exports: numbers as they are, and text that no spreadsheet runs."""

import csv
import io

import pytest

from chalicelib.services.tracking.counter_queries import Row, Sum
from chalicelib.services.tracking.export_counters import csv_of, json_of, safe

ROWS = [
    Row("product:1", '=HYPERLINK("https://evil.example")', {"views": Sum(45_000, 2)}),
    Row("product:2", 'a "quoted", label', {"views": Sum(-5_000, 1), "buys": Sum(10_000, 1)}),
]


def test_a_line_for_each_object_with_sum_and_average_of_each_field():
    lines = list(csv.reader(io.StringIO(csv_of(ROWS, ["views", "buys"]))))

    assert lines == [
        ["object", "label", "views sum", "views average", "buys sum", "buys average"],
        ["product:1", '\'=HYPERLINK("https://evil.example")', "4.5", "2.25", "0", "0"],
        ["product:2", 'a "quoted", label', "-0.5", "-0.5", "1", "1"],
    ]


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "＝1", "－1"]
)
def test_what_would_begin_a_formula_is_text(text):
    assert safe(text) == f"'{text}"


@pytest.mark.parametrize("text", ["product:1", "", "a=b", "1-2"])
def test_other_text_stays_as_it_is(text):
    assert safe(text) == text


def test_json_has_the_same_numbers():
    assert json_of(ROWS[:1], ["views"]) == [ROWS[0].shown(["views"])]
