"""GrowthBook's published cases, and that ramping moves nobody."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.experiments.bucketing import (
    bucket,
    bucket_counts,
    bucket_ranges,
    choose,
    equal_weights,
    in_namespace,
)

CASES = json.loads((Path(__file__).parents[2] / "data" / "growthbook-cases.json").read_text())

weights = st.lists(st.integers(1, 50), min_size=2, max_size=6).map(lambda w: [x / sum(w) for x in w])


@pytest.mark.parametrize(("seed", "value", "version", "expected"), CASES["hash"])
def test_hash_as_published(seed, value, version, expected):
    assert bucket(seed, value, version) == expected


@pytest.mark.parametrize(("name", "given_", "expected"), CASES["getBucketRange"])
def test_ranges_as_published(name, given_, expected):
    ranges = bucket_ranges(*given_)

    assert [pytest.approx(each) for each in expected] == [list(each) for each in ranges], name


@pytest.mark.parametrize(("name", "position", "ranges", "expected"), CASES["chooseVariation"])
def test_choice_as_published(name, position, ranges, expected):
    index = choose(position, [(low, high) for low, high in ranges])

    assert (-1 if index is None else index) == expected, name


@pytest.mark.parametrize(("name", "visitor", "namespace", "expected"), CASES["inNamespace"])
def test_namespace_as_published(name, visitor, namespace, expected):
    assert in_namespace(visitor, *namespace) is expected, name


@pytest.mark.parametrize(("count", "expected"), CASES["getEqualWeights"])
def test_equal_weights_as_published(count, expected):
    assert equal_weights(count) == pytest.approx(expected)


@pytest.mark.parametrize(("visitor", "expected"), [("é", 0.8663), ("😀", 0.4346), ("日本語", 0.4482)])
def test_hash_reads_utf_16_code_units_as_javascript_does(visitor, expected):
    """The expected values were computed in JavaScript, over charCodeAt."""
    assert bucket("seed", visitor) == expected


@given(st.text(min_size=1), weights, st.floats(0, 1), st.floats(0, 1))
def test_ramping_moves_nobody(visitor, shares, one, other):
    small, large = sorted((one, other))
    position = bucket("seed", visitor)
    before = choose(position, bucket_ranges(len(shares), small, shares))
    after = choose(position, bucket_ranges(len(shares), large, shares))

    assert before is None or before == after


@given(weights)
def test_full_coverage_leaves_nobody_out(shares):
    ranges = bucket_ranges(len(shares), 1.0, shares)

    assert all(choose(step / 10_000, ranges) is not None for step in range(0, 10_000, 97))
    assert choose(0.9999, ranges) is not None


def test_split_follows_the_weights():
    """Frequencies of 20,000 ids within 4.5 standard errors: a right hash fails this once in 150,000 times."""
    shares = [0.2, 0.3, 0.5]
    ranges = bucket_ranges(3, 1.0, shares)
    counts = [0, 0, 0]
    for number in range(20_000):
        counts[choose(bucket("headline", f"visitor-{number}"), ranges)] += 1

    for count, share in zip(counts, shares, strict=True):
        assert abs(count - 20_000 * share) < 4.5 * (20_000 * share * (1 - share)) ** 0.5


@pytest.mark.parametrize("coverage", [0.0, 0.001, 0.05, 0.5, 1.0])
@pytest.mark.parametrize(
    "weights", [[0.5, 0.5], [1 / 3] * 3, [0.6, 0.3, 0.1], [0.0001, 0.9999], [0.9, 0.0, 0.1]]
)
def test_bucket_counts_are_those_of_every_bucket(coverage, weights):
    ranges = bucket_ranges(len(weights), coverage, weights)
    chosen = [choose(position / 10_000, ranges) for position in range(10_000)]

    assert bucket_counts(len(weights), coverage, weights) == [chosen.count(i) for i in range(len(weights))]
