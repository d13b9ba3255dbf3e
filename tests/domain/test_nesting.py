"""What is too deep is seen without recursion, and hides nothing that lies beside it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.nesting import DEEPEST, is_deep, pruned

LEAVES = st.none() | st.booleans() | st.integers() | st.text()
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))


def nested(depth: int, *, as_list: bool) -> str:
    opening, closing = ("[", "]") if as_list else ('{"]": ', "}")
    return opening * depth + ("" if as_list else '"[{"') + closing * depth


@pytest.mark.parametrize("as_list", [True, False])
def test_what_is_deeper_than_the_limit_is_deep(as_list):
    assert not is_deep(json.loads(nested(DEEPEST, as_list=as_list)))
    assert is_deep(json.loads(nested(DEEPEST + 1, as_list=as_list)))


@given(VALUES)
def test_what_is_not_deep_is_pruned_to_itself(value):
    text = json.dumps(value)

    assert pruned(text) == text


@pytest.mark.parametrize("depth", [41, 100, 5_000, 100_000])
@pytest.mark.parametrize("as_list", [True, False])
def test_pruned_text_can_be_read_and_is_deep_where_it_was(depth, as_list):
    beside = {"]": "}[", 'b\\"[': [1, {"c": []}]}
    text = f"[{nested(depth, as_list=as_list)}, {json.dumps(beside)}, {nested(depth, as_list=as_list)}, 5]"
    deep, same, deep_too, five = json.loads(pruned(text))

    assert (same, five) == (beside, 5)
    assert is_deep(deep)
    assert is_deep(deep_too)


@pytest.mark.parametrize("text", ["[" * 100_000, "]" * 100_000, '"' * 9, "[}" * 5_000, '{"a' * 5_000])
def test_what_is_no_json_stays_none(text):
    with pytest.raises(ValueError, match=r"line 1"):
        json.loads(pruned(text))
