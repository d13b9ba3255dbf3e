"""The boundary of the daily confidence sequence, and the p-value that belongs to it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.stats.sequential.mixture import boundary, log_p
from tests.laws import tried

LABELS = np.array([1.0, 7, 14, 30, 90, 365])


@pytest.mark.parametrize(
    ("level", "published"),
    [
        (0.05, [5.578, 3.174, 2.933, 2.847, 2.896, 3.072]),
        (0.01, [6.979, 3.887, 3.547, 3.395, 3.389, 3.522]),
        (0.001, [8.633, 4.741, 4.292, 4.068, 4.003, 4.095]),
    ],
)
def test_boundaries_have_the_check_values(level, published):
    assert boundary(np.full(6, level), LABELS) == pytest.approx(published, abs=6e-4)


@given(st.floats(-60, -0.05), st.floats(0, 9))
@tried(300)
def test_a_look_at_the_boundary_has_the_level_as_its_p(power, size):
    level, label = np.array([10.0**power]), np.array([10.0**size])
    limit = boundary(level, label)

    assert log_p(limit, label) == pytest.approx(np.log(level), rel=1e-9, abs=1e-9)


@given(st.floats(0, 60), st.floats(0, 9))
@tried(300)
def test_p_is_never_below_that_of_one_look(z, size):
    from chalicelib.stats.distributions.normal import log10_two_sided

    found = log_p(np.array([z]), np.array([10.0**size]))[0]

    assert found <= 0
    assert found / np.log(10) >= log10_two_sided(np.array([z]))[0] - 1e-12
