"""What is kept of an event that could not be counted: always JSON."""

import json
from typing import Any

import pytest

from chalicelib.domain.tracking.set_aside import kept


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
@pytest.mark.parametrize(
    "place", [lambda each: {"age": each}, lambda each: [{"a": [each]}], lambda each: each]
)
def test_a_number_that_is_no_json_is_kept_as_text(number: float, place: Any) -> None:
    assert isinstance(kept(place(number)), str)
    json.dumps(kept(place(number)), allow_nan=False)


def test_an_event_of_json_is_kept_as_it_came() -> None:
    event = {"tracker": "shop", "by": 1.5, "note": "\ud83d"}

    assert kept(event) == event


def test_what_is_long_is_cut() -> None:
    assert len(kept({"note": "x" * 9_000})) == 2_000
