"""Values: exact, bounded, and back to the shortest text."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.errors import InvalidInput
from chalicelib.domain.values import scaled, unscaled


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1, 10_000),
        ("9.99", 99_900),
        (0.1, 1_000),
        ("-0.0001", -1),
        (Decimal("1e9"), 10**13),
        ("1.50000000", 15_000),
    ],
)
def test_values_become_whole_ten_thousandths(value, expected):
    assert scaled(value) == expected


@pytest.mark.parametrize(
    "value",
    [
        "",
        "ten",
        None,
        True,
        [],
        "nan",
        "inf",
        1e10,
        "1.00001",
        "1e-999999",
        "1." + "0" * 40 + "1",
        float("nan"),
    ],
)
def test_what_is_no_exact_value_is_refused(value):
    with pytest.raises(InvalidInput, match="value"):
        scaled(value)


@given(st.integers(-(10**20), 10**20))
def test_unscaled_is_the_shortest_exact_decimal(value):
    text = unscaled(value)

    assert Decimal(text) * 10_000 == value
    assert not ("." in text and text.endswith("0"))
