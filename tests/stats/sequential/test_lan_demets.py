"""Boundaries of a planned trial: published ones, any schedule at all, and quadrature."""

import time
from math import inf, isinf, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.special import ndtr

from chalicelib.stats.sequential.lan_demets import boundaries, spent
from chalicelib.stats.sequential.spending_table import boundary, quarter
from tests.laws import tried

LEVEL = st.floats(-9, -0.4).map(lambda power: 10**power)
SCHEDULE = st.lists(
    st.one_of(st.floats(1e-3, 1.3), st.floats(0.5, 0.501), st.sampled_from([0.2, 0.999, 1.0])),
    min_size=1,
    max_size=25,
).map(sorted)


@pytest.mark.parametrize(
    ("times", "published"),
    [
        ([0.2, 0.4, 0.6, 0.8, 1.0], [4.8769, 3.3570, 2.6803, 2.2898, 2.0310]),
        ([0.5, 1.0], [2.9626, 1.9686]),
        ([1 / 3, 2 / 3, 1.0], [3.7103, 2.5114, 1.9930]),
        ([1.0], [1.9600]),
        ([0.999, 1.0], [1.9612, 2.0039]),
    ],
)
def test_equal_and_close_looks_have_the_published_boundaries(times, published):
    assert boundaries(0.05, times) == pytest.approx(published, abs=5.1e-5)


@pytest.mark.parametrize(("looks", "last"), [(30, 2.2282), (60, 2.2552), (365, 2.2965)])
def test_many_looks_end_where_they_should(looks, last):
    assert boundaries(0.04, [k / looks for k in range(1, looks + 1)])[-1] == pytest.approx(last, abs=5e-5)


def test_one_look_at_the_end_is_the_plain_test():
    assert boundaries(0.05, [1.0]) == pytest.approx([1.959963984540054], rel=1e-12)


def test_no_look_after_the_last_and_none_without_news():
    found = boundaries(0.05, [0.5, 0.5, 1.2, 1.4])

    assert [limit < inf for limit in found] == [True, False, True, False]


def test_alpha_that_was_spent_before_is_not_spent_again():
    assert boundaries(0.05, [0.5, 0.8], already=0.8) == [inf, inf]
    assert boundaries(0.05, [1.0], already=0.8)[0] > boundaries(0.05, [1.0])[0]


def test_thirty_looks_cost_little():
    started = time.process_time()
    boundaries(0.0123, [k / 30 for k in range(1, 31)])

    assert time.process_time() - started < 0.1


@given(LEVEL, SCHEDULE, st.integers(1, 25))
@tried(10_000)
def test_any_schedule_has_boundaries_that_no_later_look_changes(alpha, times, k):
    found = boundaries(alpha, times)

    assert all(limit > 0 for limit in found)
    assert not any(np.isnan(found))
    assert boundaries(alpha, times[:k]) == found[:k]


@given(LEVEL, st.floats(0, 1.5), st.floats(0, 1.5))
@tried(400)
def test_spending_is_monotone_and_ends_at_alpha(alpha, one, two):
    assert spent(alpha, min(one, two)) <= spent(alpha, max(one, two)) <= alpha * (1 + 1e-12)
    assert spent(alpha, 1.0) == pytest.approx(alpha, rel=1e-12)


@given(LEVEL, st.floats(0.02, 0.95), st.floats(1.01, 20))
@tried(60)
def test_two_looks_agree_with_quadrature(alpha, first, ratio):
    times = [first, min(first * ratio, 1.0)]
    found = boundaries(alpha, times)
    if isinf(found[0]) or isinf(found[1]):
        return
    share = spent(alpha, times[1]) - spent(alpha, times[0])
    step, limit = sqrt(times[1] - times[0]), found[0] * sqrt(first)

    def leaving(c):
        def inner(x):
            beyond = ndtr((x - c) / step) + ndtr((-x - c) / step)
            return np.exp(-0.5 * x * x / first) / sqrt(2 * np.pi * first) * beyond

        points = [c * first / times[1]]
        return 2 * quad(inner, 0, min(limit, 38 * sqrt(first)), points=points, epsabs=0, epsrel=1e-12)[0]

    exact = brentq(lambda c: leaving(c) / share - 1, 1e-3, found[1] * sqrt(times[1]) * 2, xtol=1e-14)
    assert found[1] == pytest.approx(exact / sqrt(times[1]), rel=1e-9)


@pytest.mark.parametrize("alpha", [0.3, 0.04, 0.01, 0.002, 1e-5, 1e-8])
def test_the_table_holds_the_sixty_look_boundaries(alpha):
    times = np.arange(1, 61) / 60
    looks = np.array(boundaries(alpha, times.tolist()))
    table = boundary(quarter(np.full(60, alpha)), times)

    assert table[~np.isinf(looks)] == pytest.approx(looks[~np.isinf(looks)], rel=1e-5)


def test_the_table_has_the_values_it_was_published_with():
    times = np.array([0.1, 0.3, 0.5, 0.7, 1.0])
    for alpha, published in (
        (0.04, [2.297, 2.268, 2.260, 2.257, 2.255]),
        (0.01, [2.782, 2.752, 2.743, 2.740, 2.737]),
    ):
        found = boundary(quarter(np.full(5, alpha)), times) * np.sqrt(times)
        assert found == pytest.approx(published, abs=6e-4)


@pytest.mark.parametrize("seed", range(8))
def test_the_table_is_never_too_generous(seed):
    """Its size on a random schedule of looks at least 1/60 apart, worked out exactly, is below the level."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(2, 40))
    gaps = 1 / 60 + rng.dirichlet(np.ones(count)) * (1 - count / 60)
    times, alpha = np.cumsum(gaps), float(10 ** rng.uniform(-4, -1.2))
    used = size_of(boundary(quarter(np.full(count, alpha)), times), times)

    assert 0.7 * alpha < used <= alpha


def size_of(limits, times):
    """P(a walk ever leaves these limits), by the recursion with given boundaries."""
    from chalicelib.stats.sequential.lan_demets import carry

    walk, last, left = None, 0.0, 0.0
    for i, (limit, at) in enumerate(zip(limits, times, strict=True)):
        step = sqrt(at - last)
        reach = limit * sqrt(at)
        left += 2 * ndtr(-limit) if walk is None else walk.leaving(reach, step)
        later = sqrt(times[i + 1] - at) if i + 1 < len(times) else step
        walk, last = carry(walk, reach, at, step, later), at
    return left
