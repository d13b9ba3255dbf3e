"""A table that the server searches, sorts and pages."""

import pytest

from chalicelib.domain.errors import InvalidInput
from chalicelib.domain.table import View, page, view_from

ROWS = [
    {"name": "Red shirt", "code": "s1", "sold": 5},
    {"name": "Blue shirt", "code": "s2", "sold": 5},
    {"name": "Red hat", "code": "h1", "sold": 9},
]


def names(**query: str) -> list[str]:
    return [row["code"] for row in page(ROWS, view_from(query), ["name", "code"], ["name", "sold"])["rows"]]


def test_a_view_is_the_first_25_unless_it_says_otherwise():
    assert view_from({}) == View(0, 25, (), ())


def test_every_word_must_occur_in_some_column_in_any_case():
    assert names(search="RED s1") == ["s1"]
    assert names(search="shirt") == ["s1", "s2"]
    assert names(search="red blue") == []


def test_several_columns_sort_the_first_one_first():
    assert names(sort="-sold,name") == ["h1", "s2", "s1"]
    assert names(sort="sold,-name") == ["s1", "s2", "h1"]


def test_a_column_that_does_not_sort_sorts_nothing():
    assert names(sort="code") == names(sort="nothing") == names() == ["s1", "s2", "h1"]


def test_totals_are_those_before_and_after_the_search():
    shown = page(ROWS, view_from({"search": "red", "start": "1", "length": "1"}), ["name"], [])

    assert (shown["total"], shown["filtered"]) == (3, 2)
    assert [row["code"] for row in shown["rows"]] == ["h1"]


@pytest.mark.parametrize("text", ["-1", "x", "1.5", "²"])
def test_a_start_that_is_no_number_is_refused(text):
    with pytest.raises(InvalidInput):
        view_from({"start": text})
